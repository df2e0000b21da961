/** The word of a person who neither decided nor approved. */
import { ContestView, CONTESTS_PATH } from '#contract/contest.ts';
import { centralCommand } from '../central/central-command.ts';
import { describeContest } from '../central/describe-contest.ts';

export const contestAnswer = centralCommand({
  summary: 'Answer a contest, as somebody who had no part in the decision',
  positionals: [{ name: 'CONTEST', help: 'Its id, as sotto contest list tells', required: true }],
  options: {
    stands: { type: 'boolean', help: 'The decision stands' },
    'set-aside': { type: 'boolean', help: 'It does not' },
    reasons: { type: 'string', value: 'TEXT', help: 'Why: the customer reads it', required: true },
    remedy: { type: 'string', value: 'TEXT', help: 'With --set-aside: what is done about it, and by whom; nothing happens by itself' },
  },
  tell(given) {
    if (given.flag('stands') === given.flag('set-aside')) return 'give either --stands or --set-aside';
    const remedy = given.text('remedy');
    if (given.flag('set-aside') !== (remedy !== undefined)) return '--remedy goes with --set-aside, and --set-aside with --remedy';
    return {
      method: 'POST',
      path: `${CONTESTS_PATH}/${encodeURIComponent(given.positional(0))}/answer`,
      body: {
        finding: given.flag('stands') ? 'stands' : 'set-aside',
        reasons: given.required('reasons'),
        ...(remedy === undefined ? {} : { remedy }),
      },
      answer: ContestView,
    };
  },
  describe: (view) => [describeContest(view)],
});
