/** Clusters of overrides as items: whose they are, and what came of them. */
import { OVERRIDE_ITEMS_PATH, OverrideItems } from '#contract/override-review.ts';
import { centralCommand } from '../central/central-command.ts';

export const overridesItems = centralCommand({
  summary: 'Show what many overrides of one kind are made of, and who owns it',
  positionals: [],
  options: {},
  tell: () => ({ method: 'GET', path: OVERRIDE_ITEMS_PATH, answer: OverrideItems }),
  describe: ({ items }) =>
    items.length === 0
      ? ['there are none']
      : items.map(
          ({ itemId, actionName, kind, reason, fault, state, ownerName, cases, agents, words }) =>
            `${itemId} ${state}: ${cases} × ${actionName} ${kind}${reason === null ? '' : `, ${reason}`}, by ${agents} agents; ${fault} fault, owned by ${ownerName ?? 'nobody'}${words === null ? '' : `: ${words}`}`,
        ),
});
