/** Whether a purpose's lawful basis holds now. Doubt is no basis. */
import type { DecisionInputs } from '#contract/decision.ts';
import type { PurposeDefinition } from '#contract/policy.ts';
import { CODE } from './codes.ts';
import { CLOCK_TOLERANCE_MS, knownProfile } from './field-values.ts';

const HOUR_MS = 3_600_000;

export interface Basis {
  /** Index into REASONS of why there is none; −1 where there is one. */
  readonly stop: number;
  /** When one that holds now stops to hold for want of news; null where it does not age. */
  readonly endsAtMs: number | null;
}

const HOLDS: Basis = { stop: -1, endsAtMs: null };
const UNKNOWN: Basis = { stop: CODE.basisUnknown, endsAtMs: null };
const REFUSED: Basis = { stop: CODE.noBasis, endsAtMs: null };
const OBJECTED: Basis = { stop: CODE.objected, endsAtMs: null };

export function basisOf(purpose: PurposeDefinition, inputs: DecisionInputs): Basis {
  if (purpose.basis === 'legal-obligation') return HOLDS;
  // A refusal needs no profile; for all else nobody knows without it whether this was the newest word.
  const isKnown = knownProfile(inputs.call, inputs.profile) !== null;
  switch (purpose.basis) {
    case 'contract':
      return isKnown ? HOLDS : UNKNOWN;
    case 'legitimate-interest':
      if (!isKnown) return UNKNOWN;
      switch (lastWord(purpose, inputs).word) {
        case 'none':
        case 'granted':
          return HOLDS;
        case 'refused':
          return OBJECTED;
        case 'contradictory':
          return UNKNOWN;
      }
    case 'consent': {
      const { word, learntAtMs } = lastWord(purpose, inputs);
      if (word === 'refused') return REFUSED;
      if (word !== 'granted' || !isKnown) return UNKNOWN;
      const ageMs = inputs.nowMs - learntAtMs;
      const mayBeMs = purpose.maxAgeHours * HOUR_MS;
      return ageMs >= -CLOCK_TOLERANCE_MS && ageMs <= mayBeMs ? { stop: -1, endsAtMs: learntAtMs + mayBeMs + 1 } : UNKNOWN;
    }
  }
}

interface LastWord {
  readonly word: 'none' | 'granted' | 'refused' | 'contradictory';
  /** When this desk had it from central last. */
  readonly learntAtMs: number;
}

/** The newest of what the call and the profile say. A grant dated ahead of the clock, or two opposite words at one moment, are contradictory. */
function lastWord(purpose: PurposeDefinition, inputs: DecisionInputs): LastWord {
  const { call, nowMs } = inputs;
  const profile = knownProfile(call, inputs.profile);
  let newestMs = -Infinity;
  let granted = false;
  let refused = false;
  let learntAtMs = 0;
  const hear = (atMs: number, isGranted: boolean, heardAtMs: number): void => {
    if (atMs < newestMs) return;
    if (atMs > newestMs) {
      newestMs = atMs;
      granted = false;
      refused = false;
      learntAtMs = heardAtMs;
    }
    if (isGranted) granted = true;
    else refused = true;
    learntAtMs = Math.max(learntAtMs, heardAtMs);
  };
  for (const consent of profile?.consents ?? []) {
    if (consent.purpose === purpose.id) hear(consent.atMs, consent.granted, inputs.centralHeardAtMs);
  }
  if (call.identity !== 'unknown') {
    for (const consent of call.consents) {
      if (consent.purpose === purpose.id) hear(consent.atMs, consent.granted, consent.atMs);
    }
  }
  if (!granted && !refused) return { word: 'none', learntAtMs };
  if (granted && refused) return { word: 'contradictory', learntAtMs };
  if (granted && newestMs > nowMs + CLOCK_TOLERANCE_MS) return { word: 'contradictory', learntAtMs };
  return { word: granted ? 'granted' : 'refused', learntAtMs };
}
