/** A decider keeps what it has understood of a profile, a history and a call's outcomes. It must never keep too much. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Utterance } from '#contract/call-state.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { Decider } from '#core';
import { anyInputs } from '../core/arbitrary-inputs.ts';
import { anyRevision } from '../core/arbitrary-revisions.ts';
import { deciderOf } from '../core/deciding.ts';
import { NO_MODEL, NOW_MS, outcome } from '../core/fixtures.ts';
import { RUNS, SEED as seed, TIMEOUT_MS } from './runs.ts';

function withSpeech(inputs: DecisionInputs, say: (before: readonly Utterance[]) => readonly Utterance[]): DecisionInputs {
  return { ...inputs, call: { ...inputs.call, utterances: say(inputs.call.utterances) } };
}

const spoken = (text: string, speaker: 'customer' | 'agent', agoMs: number): Utterance => ({
  utteranceId: `more-${agoMs}`,
  seq: 1_000,
  speaker,
  text,
  startMs: 0,
  endMs: 0,
  atMs: NOW_MS - agoMs,
});

/** The same desk a moment later, with one thing changed; whatever did not change is the same object. */
const CHANGES: Readonly<Record<string, (inputs: DecisionInputs) => DecisionInputs>> = {
  nothing: (inputs) => ({ ...inputs }),
  'the moment': (inputs) => ({ ...inputs, nowMs: inputs.nowMs + 60_000 }),
  'the desk': (inputs) => ({ ...inputs, deviceId: inputs.deviceId === 'desk-1' ? 'desk-2' : 'desk-1' }),
  'the call': (inputs) => ({ ...inputs, call: { ...inputs.call, callId: 'call-9' } }),
  'who calls': (inputs) => ({ ...inputs, call: { ...inputs.call, customerId: inputs.call.customerId === 'cust-1' ? 'cust-2' : 'cust-1' } }),
  'how sure that is': (inputs) => ({
    ...inputs,
    call: { ...inputs.call, identity: inputs.call.identity === 'unknown' ? 'verified' : 'unknown' },
  }),
  'the slice': (inputs) => ({
    ...inputs,
    profile: inputs.profile && { ...inputs.profile, history: inputs.profile.history.slice(1), fields: {} },
  }),
  'that there is one': (inputs) => ({ ...inputs, profile: null }),
  'a contact': (inputs) => ({
    ...inputs,
    call: { ...inputs.call, contacts: [...inputs.call.contacts, { kind: 'seen', channel: 'email', atMs: inputs.nowMs, actionId: 'a' }] },
  }),
  'an utterance more': (inputs) => withSpeech(inputs, (before) => [...before, spoken('I would leave you', 'customer', 500)]),
  'what was heard late': (inputs) =>
    withSpeech(inputs, (before) => [...before, spoken('cancel', 'agent', 200_000), spoken('cancel', 'customer', 150_000)]),
  'what stands before all else': (inputs) =>
    withSpeech(inputs, (before) => [spoken('thank you', 'agent', 250_000), ...before.map((one) => ({ ...one }))]),
  'what was said': (inputs) => ({ ...inputs, call: { ...inputs.call, utterances: [] } }),
  'an outcome more': (inputs) => {
    // A call's list is only ever added to.
    (inputs.outcomes as Outcome[]).push(outcome('rejected', 'b', 0));
    return { ...inputs };
  },
  'other outcomes': (inputs) => ({ ...inputs, outcomes: inputs.outcomes.slice(1) }),
};

function taken(decider: Decider, inputs: DecisionInputs): string {
  return decider.arbitrate(inputs, decider.filter(inputs), NO_MODEL).recordJson;
}

it(
  'a decider decides as a fresh one does, whatever it has decided before',
  () => {
    const tried = new Set<string>();
    fc.assert(
      fc.property(
        anyRevision,
        anyInputs,
        anyInputs,
        fc.array(fc.constantFrom(...Object.keys(CHANGES)), { minLength: 1, maxLength: 5 }),
        (revision, first, second, changes) => {
          const decider = deciderOf(revision);
          let inputs: DecisionInputs = { ...first, outcomes: [...first.outcomes] };
          expect(taken(decider, inputs)).toBe(taken(deciderOf(revision), inputs));
          for (const change of changes) {
            tried.add(change);
            inputs = CHANGES[change]!(inputs);
            expect([change, taken(decider, inputs)]).toEqual([change, taken(deciderOf(revision), inputs)]);
          }
          expect(taken(decider, second)).toBe(taken(deciderOf(revision), second));
          expect(taken(decider, inputs)).toBe(taken(deciderOf(revision), inputs));
        },
      ),
      { seed, numRuns: RUNS },
    );
    expect(tried.size).toBe(Object.keys(CHANGES).length);
  },
  TIMEOUT_MS,
);
