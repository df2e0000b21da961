/** What is current, what is on its way, and what was taken out. */
import { type ChangeStatus, ChangeView, ChangeStatus as Status, CHANGES_PATH, STATUS_PATH } from '#contract/change-request.ts';
import { z } from 'zod';
import { centralCommand } from '../central/central-command.ts';
import { describeChange, describeExclusion } from '../central/describe-change.ts';

const describeStatus = ({ current, models, published, open, exclusions }: ChangeStatus): readonly string[] => [
  current === null
    ? 'nothing is published'
    : `${current.name} v${current.version} (${current.hash.slice(0, 12)}) is current, good for ${current.usableOfflineHours} h without central`,
  ...models.map(({ id, version, hash, signatures }) => `model ${id} v${version} (${hash.slice(0, 12)}), ${signatures} signatures`),
  ...published.map(
    ({ hash, version, atMs, origin, publisher }) =>
      `  ${new Date(atMs).toISOString()} v${version} (${hash.slice(0, 12)}) ${origin}${publisher === null ? '' : ` by ${publisher}`}`,
  ),
  ...open.flatMap(describeChange),
  ...exclusions.map(describeExclusion),
];

export const revisionStatus = centralCommand({
  summary: 'Show what is current, what is proposed, and what is taken out',
  positionals: [{ name: 'CHANGE', help: 'One change, with its effect', required: false }],
  options: {},
  tell: (given) => {
    const change = given.maybe(0);
    return change === undefined
      ? { method: 'GET', path: STATUS_PATH, answer: z.union([Status, ChangeView]) }
      : { method: 'GET', path: `${CHANGES_PATH}/${encodeURIComponent(change)}`, answer: z.union([Status, ChangeView]) };
  },
  describe: (answer) => ('requestId' in answer ? describeChange(answer) : describeStatus(answer)),
});
