/** Back to what was published before. */
import { z } from 'zod';
import { ROLLBACK_PATH } from '#contract/change-request.ts';
import { Sha256 } from '#contract/text.ts';
import { centralCommand } from '../central/central-command.ts';

export const revisionRollback = centralCommand({
  summary: 'Make the revision before the current one current again',
  positionals: [],
  options: {
    to: { type: 'string', value: 'HASH', help: 'Another one that was published; the one before where not given' },
    reason: { type: 'string', value: 'TEXT', help: 'Why', required: true },
  },
  notes: 'One person may: what is gone back to was proposed, reviewed and published once.',
  tell(given) {
    const to = given.text('to');
    if (to !== undefined && !Sha256.safeParse(to).success)
      return '--to must be the whole hash of a revision, as sotto revision status --json tells';
    return {
      method: 'POST',
      path: ROLLBACK_PATH,
      body: { ...(to === undefined ? {} : { to }), reason: given.required('reason') },
      answer: z.object({ hash: Sha256, version: z.int() }),
    };
  },
  describe: ({ hash, version }) => [`v${version} (${hash.slice(0, 12)}) is current`],
});
