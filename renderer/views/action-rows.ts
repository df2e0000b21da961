import type { ActionView } from '#contract/desk.ts';
import { FORBIDDING_STAGES } from '#contract/reason-codes.ts';
import type { TextOf } from '../wording/use-text.ts';
import { gateMessage } from './gate-words.ts';
import type { SearchRow } from './search-list.tsx';

/** Whether the agent may do it for this customer although something else was proposed: the engine refuses the rest. */
export const isChoosable = ({ stage }: Pick<ActionView, 'stage'>): boolean => !FORBIDDING_STAGES.has(stage);

/** Actions as rows of a list: what it is, and what stopped it. */
export function actionRows(actions: readonly ActionView[], text: TextOf): readonly SearchRow[] {
  // Thousands of actions end at a few dozen gates.
  const gates = new Map<string, NonNullable<SearchRow['gate']>>();
  return actions.map(({ actionId, name, issue, group, stage, code }) => {
    const ending = `${stage}.${code}`;
    const gate = gates.get(ending) ?? { text: text(gateMessage({ stage, code })), isShown: stage === 'shown' };
    gates.set(ending, gate);
    return { id: actionId, name, words: `${issue} ${group} ${gate.text}`, gate };
  });
}
