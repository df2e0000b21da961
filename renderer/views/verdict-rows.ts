import type { VerdictView } from '#contract/desk.ts';
import { FORBIDDING_STAGES } from '#contract/reason-codes.ts';
import type { TextOf } from '../wording/use-text.ts';
import { gateMessage } from './gate-words.ts';
import type { SearchRow } from './search-list.tsx';

/** Whether the agent may do it for this customer although something else was proposed: the engine refuses the rest. */
export const isChoosable = ({ stage }: VerdictView): boolean => !FORBIDDING_STAGES.has(stage);

/** Actions as rows of a list: what it is, and what stopped it. */
export function verdictRows(verdicts: readonly VerdictView[], text: TextOf): readonly SearchRow[] {
  return verdicts.map((verdict) => {
    const gate = text(gateMessage(verdict));
    return {
      id: verdict.actionId,
      name: verdict.name,
      words: `${verdict.issue} ${verdict.group} ${gate}`,
      gate: { text: gate, isShown: verdict.stage === 'shown' },
    };
  });
}
