/** A customer contests a decision about them. */
import { ContestReceipt, CONTESTS_PATH } from '#contract/contest.ts';
import { centralCommand } from '../central/central-command.ts';

export const contestOpen = centralCommand({
  summary: 'Contest a decision in its customer’s words',
  positionals: [{ name: 'DECISION', help: 'Its id', required: true }],
  options: { words: { type: 'string', value: 'TEXT', help: 'What the customer says, as they say it', required: true } },
  notes: 'The decision’s record is frozen, and the customer’s data is held. A person who neither decided nor approved looks at it.',
  tell: (given) => ({
    method: 'POST',
    path: CONTESTS_PATH,
    body: { decisionId: given.positional(0), words: given.required('words') },
    answer: ContestReceipt,
  }),
  describe: ({ contestId, deadlineAtMs, expiresAtMs, heldUntilMs }) => {
    const [deadline, end, held] = [deadlineAtMs, expiresAtMs, heldUntilMs].map((atMs) => new Date(atMs).toISOString().slice(0, 10));
    return [`contest ${contestId}: to be looked at by ${deadline}, over on ${end}, held until ${held}`];
  },
});
