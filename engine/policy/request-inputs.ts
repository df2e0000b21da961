/** From a request, where most is left out, to everything a decision is given. Reads no clock and draws nothing. */
import type { CallState } from '#contract/call-state.ts';
import { DEFAULT_AT_MS, type DecisionRequest } from '#contract/decision-request.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { ProfileSlice } from '#contract/profile.ts';
import { emptyCall } from '#core';

/** What a request takes from around it where it says nothing itself. */
export interface RequestDefaults {
  /** The decision's id. */
  readonly id: string;
  /** BCP 47: the revision's. */
  readonly language: string;
}

const NO_MODEL = '0'.repeat(64);

/** The customer of a profile that names none. */
const SOMEBODY = 'customer';

export function requestInputs(request: DecisionRequest, defaults: RequestDefaults): DecisionInputs {
  const id = request.id ?? defaults.id;
  const nowMs = request.atMs ?? DEFAULT_AT_MS;
  const language = request.language ?? defaults.language;
  const profile = profileOf(request, nowMs, language);
  const agentId = request.agentId ?? 'agent';
  const deviceId = request.deviceId ?? 'desk';
  const call = callOf(request, id, nowMs, agentId, profile);
  const inputs = { channel: request.channel ?? 'voice', agentId, deviceId, nowMs } as const;
  return {
    ...inputs,
    decisionId: id,
    ...(request.siteId === undefined ? {} : { siteId: request.siteId }),
    level: request.level ?? 'standard',
    trigger: request.trigger ?? { kind: 'request' },
    clock: request.clock ?? 1,
    seed: request.seed ?? 0,
    language,
    call,
    profile,
    outcomes: (request.outcomes ?? []).map((outcome, index) => outcomeOf(outcome, index, inputs, call)),
    centralHeardAtMs: request.centralHeardAtMs ?? nowMs,
    excluded: request.excluded ?? [],
    usage: (request.usage ?? []).map(({ constraintId, used, asOfMs }) => ({ constraintId, used, asOfMs: asOfMs ?? nowMs })),
    quiet: request.quiet ?? false,
    speaking: request.speaking ? { by: request.speaking.by, sinceMs: request.speaking.sinceMs ?? nowMs } : null,
    silentSinceMs: request.silentSinceMs ?? null,
    heldSinceMs: request.heldSinceMs ?? null,
  };
}

function profileOf({ profile }: DecisionRequest, nowMs: number, language: string): ProfileSlice | null {
  if (!profile) return null;
  const asOfMs = profile.asOfMs ?? nowMs;
  return {
    customerId: profile.customerId ?? SOMEBODY,
    version: profile.version ?? 1,
    asOfMs,
    displayName: profile.displayName ?? '',
    language: profile.language ?? language,
    fields: profile.fields ?? {},
    consents: (profile.consents ?? []).map(({ purpose, granted, atMs }) => ({ purpose, granted, atMs: atMs ?? asOfMs })),
    history: profile.history ?? [],
  };
}

function callOf(
  { call = {} }: DecisionRequest,
  decisionId: string,
  nowMs: number,
  agentId: string,
  profile: ProfileSlice | null,
): CallState {
  const customerId = call.customerId === undefined ? (profile?.customerId ?? null) : call.customerId;
  const phase = call.phase ?? 'active';
  const isTaken = phase !== 'offered' && phase !== 'ringing';
  const connectedAtMs = call.connectedAtMs === undefined ? (isTaken ? nowMs : null) : call.connectedAtMs;
  const isOver = phase === 'wrap-up' || phase === 'ended';
  return {
    ...emptyCall(call.callId ?? `call-${decisionId}`.slice(0, 128)),
    phase,
    agentId,
    customerId,
    identity: call.identity ?? (customerId === null ? 'unknown' : 'verified'),
    direction: call.direction ?? 'inbound',
    queue: call.queue ?? null,
    queueWaiting: call.queueWaiting ?? null,
    language: call.language ?? null,
    ivr: call.ivr ?? [],
    offeredAtMs: call.offeredAtMs === undefined ? connectedAtMs : call.offeredAtMs,
    connectedAtMs,
    endedAtMs: call.endedAtMs === undefined ? (isOver ? nowMs : null) : call.endedAtMs,
    endReason: call.endReason ?? null,
    holds: call.holds ?? 0,
    transfers: call.transfers ?? 0,
    capturePaused: call.capturePaused ?? false,
    utterances: (call.utterances ?? []).map(({ utteranceId, speaker, text, startMs, endMs, atMs }, index) => ({
      utteranceId: utteranceId ?? `utterance-${index + 1}`,
      seq: index + 1,
      speaker,
      text,
      startMs: startMs ?? 0,
      endMs: endMs ?? startMs ?? 0,
      atMs: atMs ?? nowMs,
    })),
    ...understoodOf(call),
    consents: (call.consents ?? []).map(({ purpose, granted, atMs }) => ({ purpose, granted, atMs: atMs ?? nowMs })),
    fields: call.fields ?? {},
    // Fields changed on the call count only as news of a version above the profile's.
    profileVersion: call.profileVersion ?? (call.fields === undefined ? null : (profile?.version ?? 0) + 1),
    journeys: call.journeys ?? {},
    contacts: call.contacts ?? [],
    gaps: call.eventsMissing === true ? [{ fromSeq: 1, toSeq: 1 }] : [],
    lastAtMs: nowMs,
  };
}

function understoodOf({ utterances = [], understoodBy = NO_MODEL }: NonNullable<DecisionRequest['call']>) {
  const understood = utterances.flatMap(({ speaker, intent, confidence = 1 }, index) =>
    speaker === 'customer' && intent !== undefined ? [{ seq: index + 1, intent, confidence }] : [],
  );
  return { understood, understoodBy: understood.length === 0 ? null : understoodBy };
}

type Given = NonNullable<DecisionRequest['outcomes']>[number];

function outcomeOf(
  { kind, actionId, ...given }: Given,
  index: number,
  { agentId, deviceId, channel, nowMs }: Pick<DecisionInputs, 'agentId' | 'deviceId' | 'channel' | 'nowMs'>,
  call: CallState,
): Outcome {
  return {
    id: `outcome-${index + 1}`,
    kind,
    actionId,
    decisionId: `earlier-${actionId}`,
    callId: call.callId,
    customerId: call.customerId,
    agentId,
    deviceId,
    treatmentId: actionId,
    channel,
    role: 'primary',
    atMs: nowMs,
    clock: index + 1,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
}
