/** Overrides at review, in groups, and how far two who judge the same one agree. */
import type { Estimate } from '#contract/estimate.ts';
import { OverrideQueue, OVERRIDES_PATH } from '#contract/override-review.ts';
import { centralCommand } from '../central/central-command.ts';

/** Two decimals with the interval, or in words that there is too little. */
export const told = (value: Estimate): string =>
  value === null ? 'not enough data' : `${value.estimate.toFixed(2)} (${value.low.toFixed(2)} to ${value.high.toFixed(2)})`;

export const overridesQueue = centralCommand({
  summary: 'Show what agents did instead of what they were shown, by action and reason',
  positionals: [],
  options: { days: { type: 'string', value: 'N', help: 'Of the last N days; 30 where not given' } },
  notes: 'Of others’ verdicts it counts those on cases that you judged yourself, or that two have judged.',
  tell: (given) => ({
    method: 'GET',
    path: `${OVERRIDES_PATH}?days=${encodeURIComponent(given.text('days') ?? '30')}`,
    answer: OverrideQueue,
  }),
  describe: ({ groups, agreement }) => [
    ...(groups.length === 0 ? ['nothing is at review'] : []),
    ...groups.map(
      ({ actionName, kind, reason, cases, judged, agentRight, systemRight, unclear, itemId }) =>
        `${cases} × ${actionName} ${kind}${reason === null ? '' : `, ${reason}`}: ${judged} judged, agent right ${agentRight}, system right ${systemRight}, unclear ${unclear}${itemId === null ? '' : `, item ${itemId}`}`,
    ),
    `two reviewers on ${agreement.cases} cases: same ${told(agreement.agreement)}, alpha ${told(agreement.alpha)}`,
  ],
});
