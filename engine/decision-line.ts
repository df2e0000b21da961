/** One decision as a line for the terminal and the log: no personal data in it. */
import type { Decision, DecisionInputs, Reason } from '#contract/decision.ts';
import type { DecisionLine } from '#contract/engine-port.ts';
import type { CompiledRevision } from '#core';
import type { CallDesk } from './call-desk.ts';
import { reasonTemplate } from './card-view.ts';

export function decisionLine(
  compiled: CompiledRevision,
  call: CallDesk,
  decision: Decision,
  { trigger, nowMs }: DecisionInputs,
  tookMs: number,
): DecisionLine {
  const { result, rung } = decision;
  return {
    atMs: nowMs,
    callId: call.callId,
    callTimeS: call.secondsInto(nowMs),
    trigger: trigger.kind === 'event' ? trigger.type.replace('sotto.', '') : trigger.kind,
    kind: result.kind,
    ...whatAndWhy(compiled, result),
    rung,
    micros: Math.round(tookMs * 1_000),
  };
}

function whatAndWhy(compiled: CompiledRevision, result: Decision['result']): { readonly what: string; readonly why: string } {
  if (result.kind === 'refrain')
    return { what: result.reason, why: result.bestActionId === null ? 'no candidate' : `best was ${result.bestActionId}` };
  const [first] = result.prompts;
  const action = compiled.revision.actions[compiled.actionIndex.get(first?.actionId ?? '') ?? -1];
  if (first === undefined || action === undefined) return { what: '', why: '' };
  const [reason] = first.reasons;
  const others = result.prompts.length > 1 ? ` (+${result.prompts.length - 1})` : '';
  return {
    what: `${action.id} · ${action.name}${others}`,
    why: reason === undefined ? action.urgency : withoutValues(reasonTemplate(action, reason).text, reason.args),
  };
}

/** The sentence with what was said, as the policy words it, and how long ago; other values are the customer's and left out. */
function withoutValues(template: string, args: Reason['args']): string {
  return template.replaceAll(/\{([^{}]+)\}/g, (_, place: string) => {
    const value = args[place.trim()];
    if (place.trim() === 'said' && typeof value === 'string') return value;
    if (place.trim() === 'ago' && typeof value === 'number') return `${Math.round(value / 1_000)} s`;
    return '…';
  });
}
