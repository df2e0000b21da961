/** The second of three people. */
import { CHANGES_PATH, ChangeView } from '#contract/change-request.ts';
import { centralCommand } from '../central/central-command.ts';
import { describeChange } from '../central/describe-change.ts';

export const revisionReview = centralCommand({
  summary: 'Approve or decline a change that somebody else proposed',
  positionals: [{ name: 'CHANGE', help: 'Its id, as sotto revision status tells', required: true }],
  options: {
    approve: { type: 'boolean', help: 'It may be published' },
    decline: { type: 'boolean', help: 'It may not: another has to be proposed' },
    reason: { type: 'string', value: 'TEXT', help: 'Why', required: true },
  },
  notes: 'Author, reviewer and publisher are three different people, however many accounts they have.',
  tell(given) {
    if (given.flag('approve') === given.flag('decline')) return 'give either --approve or --decline';
    return {
      method: 'POST',
      path: `${CHANGES_PATH}/${encodeURIComponent(given.positional(0))}/review`,
      body: { verdict: given.flag('approve') ? 'approved' : 'declined', reason: given.required('reason') },
      answer: ChangeView,
    };
  },
  describe: describeChange,
});
