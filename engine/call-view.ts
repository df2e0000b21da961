/** One call as the window shows it. */
import { PARTIAL } from '#contract/call-events.ts';
import type { CallView, TimelineEntry, TranscriptLine } from '#contract/desk.ts';
import type { ExperienceLevel } from '#contract/policy.ts';
import type { ProfileSlice } from '#contract/profile.ts';
import { type CompiledRevision, latestUnderstood, parseIsoMs, promptBudget } from '#core';
import type { CallDesk } from './call-desk.ts';

export function callView(
  call: CallDesk,
  compiled: CompiledRevision | null,
  profile: ProfileSlice | null,
  level: ExperienceLevel,
): CallView {
  const { state } = call;
  const { notes, readers } = call.supervision;
  const budget = compiled === null ? { used: 0, cap: 0 } : promptBudget(compiled, call.ledger(compiled), level);
  const isKnown = state.identity !== 'unknown';
  return {
    callId: call.callId,
    phase: state.phase,
    direction: state.direction,
    customerName: isKnown ? (profile?.displayName ?? null) : null,
    identity: state.identity,
    queue: state.queue,
    offeredAtMs: state.offeredAtMs,
    connectedAtMs: state.connectedAtMs,
    endedAtMs: state.endedAtMs,
    capturePaused: state.capturePaused,
    quiet: call.quiet,
    topic: topicOf(call),
    missing: missing(call),
    profileAsOfMs: isKnown ? (profile?.asOfMs ?? null) : null,
    prompts: budget,
    transcript: transcript(call),
    timeline: timeline(call, compiled),
    ...(notes.length + readers.length === 0 ? {} : { supervision: { notes: [...notes], readers: [...readers] } }),
  };
}

export const missing = ({ state }: CallDesk): number => state.gaps.reduce((sum, { fromSeq, toSeq }) => sum + toSeq - fromSeq + 1, 0);

function topicOf({ state }: CallDesk): CallView['topic'] {
  const latest = latestUnderstood(state);
  const said = state.utterances.find(({ seq }) => seq === latest?.seq);
  return latest?.intent === undefined || latest.intent === null || said === undefined
    ? null
    : { intent: latest.intent, utteranceId: said.utteranceId, text: said.text };
}

function transcript(call: CallDesk): TranscriptLine[] {
  const lines = call.state.utterances.map(({ utteranceId, speaker, text, startMs }) => ({
    utteranceId,
    speaker,
    text,
    startMs,
    final: true,
  }));
  const said = new Set(lines.map(({ utteranceId }) => utteranceId));
  return [...lines, ...[...call.partials.values()].filter(({ utteranceId }) => !said.has(utteranceId))];
}

const SPOKEN: ReadonlySet<string> = new Set([PARTIAL, 'sotto.utterance.final']);

function timeline(call: CallDesk, compiled: CompiledRevision | null): TimelineEntry[] {
  const entries: TimelineEntry[] = [...call.notes];
  for (const { seq, event } of call.state.events) {
    if (SPOKEN.has(event.type)) continue;
    const atMs = parseIsoMs(event.time);
    entries.push({
      id: `event-${seq}`,
      atMs,
      callTimeS: call.secondsInto(atMs),
      kind: event.type.replace('sotto.', ''),
      detail: detailOf(event),
    });
  }
  for (const { id, kind, actionId, chosenActionId, atMs } of call.outcomes) {
    const action = compiled?.revision.actions[compiled.actionIndex.get(chosenActionId ?? actionId) ?? -1];
    entries.push({ id, atMs, callTimeS: call.secondsInto(atMs), kind: `prompt.${kind}`, detail: action?.name ?? actionId });
  }
  return entries.toSorted((a, b) => a.atMs - b.atMs);
}

/** A word about an event, where its type does not say it all. */
function detailOf(event: CallDesk['state']['events'][number]['event']): string | null {
  switch (event.type) {
    case 'sotto.call.ended':
    case 'sotto.capture.paused':
      return event.data.reason;
    case 'sotto.call.identified':
      return event.data.identity;
    case 'sotto.consent.changed':
      return `${event.data.purpose} ${event.data.granted ? 'granted' : 'withdrawn'}`;
    case 'sotto.contact.made':
      return event.data.channel;
    case 'sotto.journey.changed':
      return `${event.data.journey}: ${event.data.step}`;
    case 'sotto.call.offered':
    case 'sotto.call.accepted':
    case 'sotto.call.connected':
    case 'sotto.call.held':
    case 'sotto.call.resumed':
    case 'sotto.call.transferred':
    case 'sotto.wrapup.started':
    case 'sotto.wrapup.ended':
    case 'sotto.utterance.partial':
    case 'sotto.utterance.final':
    case 'sotto.capture.resumed':
    case 'sotto.profile.updated':
    case 'sotto.queue.updated':
      return null;
  }
}
