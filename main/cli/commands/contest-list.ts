/** Contested decisions, for whoever looks at them or sees to it that somebody does. */
import { ContestQueue, CONTESTS_PATH } from '#contract/contest.ts';
import { centralCommand } from '../central/central-command.ts';
import { describeContest } from '../central/describe-contest.ts';

export const contestList = centralCommand({
  summary: 'Show contested decisions, the next deadline first',
  positionals: [],
  options: {},
  tell: () => ({ method: 'GET', path: CONTESTS_PATH, answer: ContestQueue }),
  describe: ({ items }) => (items.length === 0 ? ['nothing is contested'] : items.map(describeContest)),
});
