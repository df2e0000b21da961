/** Whether a purpose's lawful basis holds now. Doubt is no basis. */
import type { DecisionInputs } from '#contract/decision.ts';
import type { PurposeDefinition } from '#contract/policy.ts';
import { CODE } from './codes.ts';
import { CLOCK_TOLERANCE_MS, knownProfile } from './field-values.ts';

const HOUR_MS = 3_600_000;

/** Index into REASONS of why the purpose has no basis; −1 where it has one. */
export function basisOf(purpose: PurposeDefinition, inputs: DecisionInputs): number {
  switch (purpose.basis) {
    case 'legal-obligation':
      return -1;
    case 'contract':
      return knownProfile(inputs.call, inputs.profile) === null ? CODE.basisUnknown : -1;
    case 'legitimate-interest': {
      if (knownProfile(inputs.call, inputs.profile) === null) return CODE.basisUnknown;
      switch (lastWord(purpose, inputs).word) {
        case 'none':
        case 'granted':
          return -1;
        case 'refused':
          return CODE.objected;
        case 'contradictory':
          return CODE.basisUnknown;
      }
    }
    case 'consent': {
      const { word, learntAtMs } = lastWord(purpose, inputs);
      switch (word) {
        case 'none':
        case 'contradictory':
          return CODE.basisUnknown;
        case 'refused':
          return CODE.noBasis;
        case 'granted': {
          // Without the profile nobody knows whether this was the newest word.
          if (knownProfile(inputs.call, inputs.profile) === null) return CODE.basisUnknown;
          const ageMs = inputs.nowMs - learntAtMs;
          return ageMs >= -CLOCK_TOLERANCE_MS && ageMs <= purpose.maxAgeHours * HOUR_MS ? -1 : CODE.basisUnknown;
        }
      }
    }
  }
}

/** When a basis that holds now stops to hold for want of news; null where it does not age. */
export function basisEndsAtMs(purpose: PurposeDefinition, inputs: DecisionInputs): number | null {
  return purpose.basis === 'consent' ? lastWord(purpose, inputs).learntAtMs + purpose.maxAgeHours * HOUR_MS + 1 : null;
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
