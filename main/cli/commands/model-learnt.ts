/** What central has learnt from answers. */
import { LEARNT_PATH, LearntOverview } from '#contract/learning.ts';
import { centralCommand } from '../central/central-command.ts';

type Base = LearntOverview['bases'][number];

const describeBase = ({ reward, version, hash, atMs, responses, positives, covers, actions }: Base): readonly string[] => [
  `${reward} v${version} (${hash.slice(0, 12)}), ${new Date(atMs).toISOString()}: ${responses} answers, ${positives} of them yes, up to ${covers.tx}.${covers.pos}`,
  ...actions.map(
    ({ id, evidence, positives: yes, propensity }) =>
      `  ${propensity.toFixed(3)}  ${id}, ${evidence} ${evidence === 1 ? 'answer' : 'answers'}, ${yes} yes`,
  ),
];

export const modelLearnt = centralCommand({
  summary: 'Show what central has learnt from answers',
  positionals: [],
  options: {},
  tell: () => ({ method: 'GET', path: LEARNT_PATH, answer: LearntOverview }),
  describe: ({ bases }) => (bases.length === 0 ? ['nothing is learnt yet'] : bases.flatMap(describeBase)),
});
