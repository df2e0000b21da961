/** What may not depend on which other actions there are, in which order they stand, or how far time has gone. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import type { Scores } from '#core';
import { anyInputs, anyScores } from '../core/arbitrary-inputs.ts';
import { anyRevision } from '../core/arbitrary-revisions.ts';
import { decide, explainAll, type Scoring } from '../core/deciding.ts';
import { action, always, not, stated } from '../core/fixtures.ts';
import { RUNS, SEED as seed, TIMEOUT_MS } from './runs.ts';

/** The same revision with its actions in another order; `order` holds old numbers. */
function reordered(revision: CheckedRevision, order: readonly number[]): CheckedRevision {
  const place = (old: number): number => order.indexOf(old);
  return {
    ...revision,
    actions: order.map((old) => revision.actions[old]!),
    constraints: revision.constraints.map((one) => ({ ...one, covers: one.covers.map(place).toSorted((a, b) => a - b) })),
    exclusions: revision.exclusions.map((one) => ({ ...one, action: place(one.action) })),
  };
}

/** Scores that belong to actions by name, whatever their numbers are. */
const byName =
  (revision: CheckedRevision, scores: Scores): Scoring =>
  ({ actions }) => {
    const letter = (number: number): number => (revision.actions[number]?.id.codePointAt(0) ?? 97) - 97;
    const { propensity, model } = scores;
    return {
      rung: scores.rung,
      propensity: propensity === null ? null : Float32Array.from(actions, (number) => propensity[letter(number)] ?? 0.5),
      model:
        model === null
          ? null
          : {
              ...model,
              evidence: Float64Array.from(revision.actions, (_, number) => model.evidence[letter(number)] ?? 0),
              positives: Float64Array.from(revision.actions, (_, number) => model.positives[letter(number)] ?? 0),
            },
    };
  };

const anyOrder = (length: number): fc.Arbitrary<number[]> =>
  fc.shuffledSubarray(
    Array.from({ length }, (_, number) => number),
    { minLength: length },
  );

it(
  'the order of candidates never matters, but between those that rank alike',
  () => {
    let compared = 0;
    const cases = anyRevision.chain((revision) => fc.tuple(fc.constant(revision), anyOrder(revision.actions.length)));
    fc.assert(
      fc.property(cases, anyInputs, anyScores, ([revision, order], inputs, scores) => {
        const given = scores(6);
        const before = decide(revision, inputs, byName(revision, given));
        const other = reordered(revision, order);
        const after = decide(other, inputs, byName(other, given));
        const ranked = explainAll(revision, inputs, byName(revision, given)).flatMap(({ factors }, number) =>
          factors === null ? [] : `${revision.actions[number]!.mandatory} ${factors.priority}`,
        );
        if (new Set(ranked).size < ranked.length) return;
        compared++;
        expect(after.ended).toEqual(before.ended);
        expect(after.shown).toBe(before.shown);
      }),
      { seed, numRuns: RUNS * 2 },
    );
    expect(compared).toBeGreaterThan(RUNS / 2);
  },
  TIMEOUT_MS,
);

it(
  'an action that is not eligible changes nothing for the others, wherever it stands',
  () => {
    fc.assert(
      fc.property(anyRevision, anyInputs, anyScores, fc.nat({ max: 6 }), fc.boolean(), (revision, inputs, scores, at, sales) => {
        const given = scores(6);
        const before = decide(revision, inputs, byName(revision, given));
        const extra = action('z', { sales, value: 1_000, mandatory: !sales, group: 'other', eligibility: [stated(not(always))] });
        const longer = { ...revision, actions: [...revision.actions, extra] };
        const place = Math.min(at, revision.actions.length);
        const order = revision.actions.map((_, number) => number).toSpliced(place, 0, revision.actions.length);
        const other = reordered(longer, order);
        const after = decide(other, inputs, byName(other, given));
        expect(after.ended).toEqual({ ...before.ended, z: after.ended['z'] });
        expect(after.ended['z']).toMatch(/^(eligibility\/condition-false|available\/.*)$/);
        if (before.shown.startsWith('nothing-')) expect(after.shown).toMatch(/^nothing-/);
        else expect(after.shown).toBe(before.shown);
      }),
      { seed, numRuns: RUNS * 2 },
    );
  },
  TIMEOUT_MS,
);

const rankOf = (revision: CheckedRevision, inputs: DecisionInputs, given: Scores, id: string): number | null =>
  explainAll(revision, inputs, byName(revision, given)).find(({ actionId }) => actionId === id)?.factors?.rank ?? null;

it(
  'a lever that is raised never lowers the rank of its action, and that of nobody else rises',
  () => {
    let ranked = 0;
    fc.assert(
      fc.property(
        anyRevision,
        anyInputs,
        anyScores,
        fc.nat({ max: 5 }),
        fc.constantFrom(0.01, 1, 10),
        (revision, inputs, scores, at, more) => {
          const number = at % revision.actions.length;
          const raised = {
            ...revision,
            actions: revision.actions.map((one, index) => (index === number ? { ...one, lever: one.lever + more } : one)),
          };
          const given = scores(6);
          for (const [index, { id }] of revision.actions.entries()) {
            const before = rankOf(revision, inputs, given, id);
            const after = rankOf(raised, inputs, given, id);
            expect(after === null).toBe(before === null);
            if (before === null || after === null) continue;
            ranked++;
            if (index === number) expect(after).toBeLessThanOrEqual(before);
            else expect(after).toBeGreaterThanOrEqual(before);
          }
        },
      ),
      { seed, numRuns: RUNS },
    );
    expect(ranked).toBeGreaterThan(RUNS / 4);
  },
  TIMEOUT_MS,
);

/** A clock that runs behind catches up, which nobody waits for. */
const onTime = (inputs: DecisionInputs): DecisionInputs => {
  const past = <T extends { readonly atMs: number }>(all: readonly T[]): readonly T[] => all.filter(({ atMs }) => atMs <= inputs.nowMs);
  const { profile, call } = inputs;
  return {
    ...inputs,
    centralHeardAtMs: Math.min(inputs.centralHeardAtMs, inputs.nowMs),
    usage: inputs.usage.filter(({ asOfMs }) => asOfMs <= inputs.nowMs),
    call: { ...call, consents: past(call.consents) },
    profile: profile && { ...profile, asOfMs: Math.min(profile.asOfMs, inputs.nowMs), consents: [...past(profile.consents)] },
  };
};

it(
  'until the moment to look again, time alone changes nothing',
  () => {
    let waited = 0;
    fc.assert(
      fc.property(anyRevision, anyInputs, anyScores, fc.constantFrom(0, 0.5, 1), (random, early, scores, share) => {
        // Maybe-later fades with every moment, and what is scarce is told anew by central: neither is waited for.
        const revision = { ...random, constraints: [], actions: random.actions.map((one) => ({ ...one, influence: [] })) };
        const inputs = onTime(early);
        const given = scores(6);
        const before = decide(revision, inputs, byName(revision, given));
        const lastMs = Math.min(before.decision.recheckAtMs ?? Infinity, inputs.nowMs + 3_600_000) - 1;
        const nowMs = inputs.nowMs + Math.max(1, Math.round((lastMs - inputs.nowMs) * share));
        if (nowMs > lastMs) return;
        waited++;
        const after = decide(revision, { ...inputs, nowMs }, byName(revision, given));
        expect(after.ended).toEqual(before.ended);
        expect(after.shown).toBe(before.shown);
      }),
      { seed, numRuns: RUNS * 2 },
    );
    expect(waited).toBeGreaterThan(RUNS);
  },
  TIMEOUT_MS,
);
