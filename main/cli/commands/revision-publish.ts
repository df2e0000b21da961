/** The third of three people. */
import { CHANGES_PATH, ChangeView } from '#contract/change-request.ts';
import { centralCommand } from '../central/central-command.ts';
import { describeChange } from '../central/describe-change.ts';

export const revisionPublish = centralCommand({
  summary: 'Publish a change that two others proposed and approved',
  positionals: [{ name: 'CHANGE', help: 'Its id, as sotto revision status tells', required: true }],
  options: {},
  notes: 'Connected desks have it within a second; the others before their next decision with central.',
  tell: (given) => ({
    method: 'POST',
    path: `${CHANGES_PATH}/${encodeURIComponent(given.positional(0))}/publish`,
    body: {},
    answer: ChangeView,
  }),
  describe: describeChange,
});
