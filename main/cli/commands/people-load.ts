/** People, teams and programs from a file, as an operator. */
import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { PEOPLE_PATH, PeopleList, PeopleView } from '#contract/people.ts';
import { z } from 'zod';
import { centralCommand } from '../central/central-command.ts';

const describe = ({ people }: PeopleView): readonly string[] =>
  people.map(
    ({ personId, name, active, roles, teams, accounts }) =>
      `${personId}  ${name}${active ? '' : ' (may do nothing)'}: ${roles.join(', ') || 'no role'}${teams.length === 0 ? '' : `; of ${teams.join(', ')}`}; ${accounts.length} accounts`,
  );

export const peopleLoad = centralCommand({
  summary: 'List people, their roles, teams and accounts from a file',
  positionals: [
    { name: 'FILE', help: 'YAML or JSON: {people: [{id, name, roles, teams, accounts, active}], teams, programs}', required: true },
  ],
  options: {},
  notes:
    'What is said of each person replaces what was; who is not in the file stays. Somebody with active: false loses every connection within five seconds. Nobody gives themselves a role.',
  tell(given) {
    const list = PeopleList.safeParse(parseYaml(readFileSync(given.positional(0), 'utf8')));
    if (!list.success) return `${given.positional(0)}: ${z.prettifyError(list.error)}`;
    return { method: 'POST', path: PEOPLE_PATH, body: list.data, answer: PeopleView };
  },
  describe,
});

export const peopleShow = centralCommand({
  summary: 'Show who there is, and what each may do',
  positionals: [],
  options: {},
  tell: () => ({ method: 'GET', path: PEOPLE_PATH, answer: PeopleView }),
  describe,
});
