/** An emergency: one person takes an action out for everybody, with an end; another looks at it the next day. */
import { z } from 'zod';
import { EXCLUSIONS_PATH } from '#contract/change-request.ts';
import { Id } from '#contract/text.ts';
import { centralCommand } from '../central/central-command.ts';

const Made = z.union([z.object({ exclusionId: Id }), z.object({ ok: z.literal(true) })]);

export const revisionExclude = centralCommand({
  summary: 'Take an action out for everybody at once, with an end',
  positionals: [{ name: 'ACTION', help: 'Its id; with --lift or --verdict the id of the exclusion', required: true }],
  options: {
    until: { type: 'string', value: 'TIME', help: 'When it ends, as 2026-01-31T18:00:00Z; at most 31 days from now' },
    reason: { type: 'string', value: 'TEXT', help: 'Why; with --verdict why that' },
    lift: { type: 'boolean', help: 'End an exclusion before its time' },
    verdict: {
      type: 'string',
      value: 'WORD',
      help: 'Say whether somebody else’s exclusion was right',
      oneOf: ['right', 'wrong', 'unclear'],
    },
  },
  notes: 'Connected desks take it off the screen within a second. sotto revision status tells what is out, and what nobody has looked at.',
  tell(given) {
    const id = encodeURIComponent(given.positional(0));
    const reason = given.text('reason');
    const verdict = given.text('verdict');
    if (given.flag('lift')) return { method: 'POST', path: `${EXCLUSIONS_PATH}/${id}/lift`, body: {}, answer: Made };
    if (reason === undefined) return '--reason TEXT is missing';
    if (verdict !== undefined) return { method: 'POST', path: `${EXCLUSIONS_PATH}/${id}/review`, body: { verdict, reason }, answer: Made };
    const untilMs = Date.parse(given.text('until') ?? '');
    if (Number.isNaN(untilMs)) return '--until must be a time, as 2026-01-31T18:00:00Z: without an end it would be forgotten';
    return { method: 'POST', path: EXCLUSIONS_PATH, body: { actionId: given.positional(0), reason, untilMs }, answer: Made };
  },
  describe: (made) => ['exclusionId' in made ? `${made.exclusionId} is in force` : 'done'],
});
