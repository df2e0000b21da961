/** A prompt of a decision as the card the agent sees. */
import type { CheckedAction } from '#contract/checked-policy.ts';
import type { Prompt, Reason } from '#contract/decision.ts';
import type { CardView } from '#contract/desk.ts';
import type { Rung } from '#contract/reason-codes.ts';
import type { Candidates, CompiledRevision } from '#core';
import { sentence, spokenLine } from './sentence-view.ts';

export function cardView(
  compiled: CompiledRevision,
  candidates: Candidates,
  decisionId: string,
  rung: Rung,
  prompt: Prompt,
  shownAtMs: number,
  callTimeS: number,
): CardView {
  const { revision } = compiled;
  const action = revision.actions[compiled.actionIndex.get(prompt.actionId) ?? -1];
  if (action === undefined) throw new Error(`decision ${decisionId} shows ${prompt.actionId}, which its revision does not have`);
  const treatment = action.treatments.find(({ id }) => id === prompt.treatmentId);
  if (treatment === undefined) throw new Error(`action ${action.id} has no treatment ${prompt.treatmentId}`);
  const heard = prompt.reasons.find(({ args }) => args['said'] !== undefined || args['ago'] !== undefined)?.args ?? {};
  return {
    decisionId,
    actionId: action.id,
    treatmentId: treatment.id,
    role: prompt.role,
    urgency: action.urgency,
    name: action.name,
    do: treatment.do,
    say: treatment.say === undefined ? null : spokenLine(revision, treatment.say, candidates.field, heard, shownAtMs),
    reasons: prompt.reasons.map((reason) => sentence(revision, reasonTemplate(action, reason).text, reason.args, shownAtMs)),
    speakable: speakable(compiled, action, prompt.speakable, shownAtMs),
    shownAtMs,
    callTimeS,
    expiresAtMs: prompt.expiresAtMs,
    policy: policyName(compiled),
    rung,
    significant: action.significant,
    rejectReasons: [...action.rejectReasons],
    state: 'open',
    outcomeId: null,
    undoUntilMs: null,
    request: null,
    requestDetail: null,
  };
}

export const policyName = ({ revision }: CompiledRevision): string => `${revision.name} v${revision.version}`;

function speakable({ revision }: CompiledRevision, action: CheckedAction, reason: Reason | null, atMs: number): CardView['speakable'] {
  const speak = reason === null ? undefined : reasonTemplate(action, reason).speak;
  return reason === null || speak === undefined ? null : sentence(revision, speak, reason.args, atMs);
}

/** `templateId` is `<actionId>/<index>`. */
export function reasonTemplate(action: CheckedAction, { templateId }: Reason): CheckedAction['reasons'][number] {
  const template = action.reasons[Number(templateId.slice(action.id.length + 1))];
  if (template === undefined) throw new Error(`action ${action.id} has no reason ${templateId}`);
  return template;
}
