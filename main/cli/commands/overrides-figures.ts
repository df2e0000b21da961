/** How prompts are answered, each figure with its interval. Of one agent there is none here: that is for a coach, at the desk, and is written down. */
import { FIGURES_BY, FIGURES_PATH, OverrideFigures } from '#contract/override-review.ts';
import { centralCommand } from '../central/central-command.ts';
import { told } from './overrides-queue.ts';

export const overridesFigures = centralCommand({
  summary: 'Show how prompts are answered, by action, issue or team',
  positionals: [],
  options: {
    by: { type: 'string', value: 'WHAT', help: 'action, issue or team; action where not given', oneOf: FIGURES_BY },
    days: { type: 'string', value: 'N', help: 'Of the last N days; 30 where not given' },
  },
  tell: (given) => ({
    method: 'GET',
    path: `${FIGURES_PATH}?by=${given.text('by') ?? 'action'}&days=${encodeURIComponent(given.text('days') ?? '30')}`,
    answer: OverrideFigures,
  }),
  describe: ({ rows }) =>
    rows.length === 0
      ? ['nothing was seen']
      : rows.flatMap((row) => [
          `${row.name}: ${row.seen} seen`,
          `  accepted ${told(row.acceptance)}, overridden ${told(row.override)}, rejected ${told(row.rejection)}`,
          `  agent right ${told(row.appropriate)}, accepted and not acted ${told(row.notActed)}, seconds from seen to accepted ${told(row.seenToAcceptS)}`,
        ]),
});
