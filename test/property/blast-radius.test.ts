/**
 * The blast radius against the plain interpreter: of 50 mutated rules each is reported as what it is, from requests exactly,
 * and from records never more than they can tell.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CheckedRevision } from '#contract/checked-policy.ts';
import { DecisionRecord } from '#contract/decision-record.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import { REASONS } from '#contract/reason-codes.ts';
import * as module from '#core';
import { BlastRadius, type BlastReport } from '#policy';
import { seededRandom } from '#learning';
import { RequestDecider } from '#main/cli/decide/request-decider.ts';
import { RecordSituations } from '#central/policy/record-situations.ts';
import { RequestSituations } from '#main/cli/policy-diff/situations.ts';
import { anyInputs } from '#test/core/arbitrary-inputs.ts';
import { anyRevision } from '#test/core/arbitrary-revisions.ts';
import { NO_MODEL } from '#test/core/fixtures.ts';
import { decidePlainly, type PlainDecision } from '#test/core/plain-decision.ts';
import { type Dice, MEANINGFUL, type Mutation, NO_OPS } from './rule-mutations.ts';

const SITUATIONS = 80;
const CHANGES = 40;
const SAMES = 10;
const core = { hash: 'c'.repeat(64), module };

const dice = (seed: number): Dice => {
  const unit = seededRandom(seed);
  const below = (limit: number): number => Math.floor(unit() * limit);
  return { below, of: (list) => list[below(list.length)]! };
};

const sampled = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number, seed: number): readonly T[] => fc.sample(arbitrary, { numRuns, seed });

const INPUTS: readonly DecisionInputs[] = sampled(anyInputs, SITUATIONS, 8).map((inputs, index) => ({
  ...inputs,
  decisionId: `dec-${index}`,
}));

const plain = (revision: CheckedRevision): readonly PlainDecision[] =>
  INPUTS.map((inputs) => decidePlainly(revision, inputs, () => NO_MODEL));

const prompts = ({ shown }: PlainDecision): string => (shown.includes(':') ? shown : '');

/** Six actions of which something is shown often, some with two conditions in a stage; contact policies that can be told apart. */
const BASES: readonly CheckedRevision[] = sampled(anyRevision, 400, 7)
  .filter(({ actions, contact, care }) => actions.length === 6 && contact.length > 0 && care.length > 0)
  .filter(({ actions }) =>
    actions.some((action) => [action.eligibility, action.applicability, action.suitability].some(({ length }) => length > 1)),
  )
  .map((revision) => ({ ...revision, contact: revision.contact.map((policy, index) => ({ ...policy, id: `p${index}` })) }))
  .filter((revision) => plain(revision).filter((decision) => prompts(decision) !== '').length > SITUATIONS / 3)
  .slice(0, 12);
const PLAIN = BASES.map(plain);

const ends = (codes: Uint8Array): readonly string[] => [...codes].map((code) => `${REASONS[code]?.stage}/${REASONS[code]?.code}`);
const stage = (ended: string | undefined): string => ended?.split('/')[0] ?? 'absent';

interface Found {
  readonly base: CheckedRevision;
  readonly mutation: Mutation;
  /** By the plain interpreter: decisions that show something else, and actions that end at another stage. */
  readonly different: number;
  readonly moves: number;
}

const plainly = (base: number, mutation: Mutation): Found => {
  const after = plain(mutation.revision);
  const ids = new Set([...BASES[base]!.actions, ...mutation.revision.actions].map(({ id }) => id));
  let different = 0;
  let moves = 0;
  for (const [index, was] of PLAIN[base]!.entries()) {
    const is = after[index]!;
    if (prompts(was) !== prompts(is)) different += 1;
    for (const id of ids) if (stage(was.ended[id]) !== stage(is.ended[id])) moves += 1;
  }
  return { base: BASES[base]!, mutation, different, moves };
};

/** Mutations of one base after the other until there are so many that the plain interpreter finds to do something, or nothing. */
const mutations = (makers: typeof MEANINGFUL, wanted: number, changesSomething: boolean, seed: number): readonly Found[] => {
  const chance = dice(seed);
  const found: Found[] = [];
  for (let tries = 0; found.length < wanted && tries < 20 * wanted; tries++) {
    const base = tries % BASES.length;
    const made = chance.of(makers)(BASES[base]!, chance);
    if (made === null) continue;
    const one = plainly(base, { ...made, revision: { ...made.revision, hash: 'b'.repeat(64) } });
    if (changesSomething ? one.different > 0 : one.different + one.moves === 0) found.push(one);
  }
  return found;
};

const deciders = async (before: CheckedRevision, after: CheckedRevision): Promise<readonly [RequestDecider, RequestDecider]> => {
  const [old, next] = [await RequestDecider.open(core, before, null), await RequestDecider.open(core, after, null)];
  if (typeof old === 'string' || typeof next === 'string') throw new Error('no model was asked for');
  return [old, next];
};

const blastOf = async (before: CheckedRevision, after: CheckedRevision): Promise<BlastReport> => {
  const situations = new RequestSituations(...(await deciders(before, after)), ['profile.plan']);
  const blast = new BlastRadius(before, after, ['profile.plan']);
  for (const inputs of INPUTS) {
    const compared = await situations.compare(inputs, undefined);
    if (!compared.ok) throw new Error(compared.reason);
    blast.add(compared.situation);
  }
  return blast.report();
};

describe('the blast radius of mutated rules', () => {
  it('is that of the plain interpreter for 40 random mutations that change a decision, and each is named', async () => {
    const found = mutations(MEANINGFUL, CHANGES, true, 1);
    expect(found).toHaveLength(CHANGES);
    expect(
      new Set(found.map(({ mutation }) => mutation.changes.map(({ of, part, change }) => `${of} ${part} ${change}`).join())).size,
    ).toBeGreaterThan(10);
    expect(BASES.length).toBeGreaterThan(5);
    for (const { base, mutation, different, moves } of found) {
      const { words } = mutation;
      const report = await blastOf(base, mutation.revision);
      expect(report.changes, words).toEqual(mutation.changes.map((change) => expect.objectContaining(change)));
      const moved = report.actions.flatMap((action) => action.moves).reduce((sum, move) => sum + move.decisions, 0);
      expect({ words, different: report.different, moved, effect: report.effect }).toEqual({
        words,
        different,
        moved: moves,
        effect: 'decisions',
      });
      expect(report).toMatchObject({ decisions: SITUATIONS, notKnown: 0 });
    }
  });

  it.each<[string, Partial<CheckedRevision>]>([
    ['factors', { factors: { propensity: true, context: true, value: true, lever: false } }],
    ['maturityThrottle', { maturityThrottle: { startShare: 0.02, fullAtPositives: 200 } }],
    ['control', { control: { share: 0.5, salt: 'autumn' } }],
    ['maxChips', { maxChips: 99 }],
    ['usableOfflineMs', { usableOfflineMs: 1 }],
    ['currency', { currency: 'XXX' }],
  ])('names a change of the whole revision: %s', async (part, change) => {
    const { changes } = await blastOf(BASES[0]!, { ...BASES[0]!, ...change, hash: 'b'.repeat(64) });
    expect(changes).toEqual([expect.objectContaining({ of: 'revision', part })]);
  });

  it('is nothing for 10 random mutations that only look like a change', async () => {
    const found = mutations(NO_OPS, SAMES, false, 2);
    expect(found).toHaveLength(SAMES);
    for (const { base, mutation } of found) {
      const { words, changes } = mutation;
      const report = await blastOf(base, mutation.revision);
      expect(report.changes, words).toEqual(changes.map((change) => expect.objectContaining(change)));
      const effect = changes.length === 0 ? 'none' : changes.every(({ change }) => change === 'reworded') ? 'wording' : 'rules';
      expect({ words, ...report }).toMatchObject({ words, effect, different: 0, actions: [], findings: [] });
    }
  });

  it('is told from records as from requests wherever it is told, and what is not known is counted apart', async () => {
    const found = [...mutations(MEANINGFUL, CHANGES, true, 3), ...mutations(NO_OPS, SAMES, false, 4)];
    let told = 0;
    let changed = 0;
    for (const { base, mutation } of found) {
      const { words } = mutation;
      const [old, next] = await deciders(base, mutation.revision);
      const requests = new RequestSituations(old, next, []);
      const records = new RecordSituations(core.module, old.decider, next.decider, []);
      for (const inputs of INPUTS) {
        const decided = await old.decide(inputs);
        if (!decided.ok) throw new Error(decided.reason);
        const record = DecisionRecord.parse(JSON.parse(decided.decision.recordJson));
        const [truth, recorded] = [await requests.compare(inputs, undefined), records.compare(record)];
        if (!truth.ok || !recorded.ok) throw new Error(recorded.ok ? 'not decided' : recorded.reason);
        expect(recorded.situation.before).toEqual(truth.situation.before);
        if (recorded.situation.missing.length > 0) continue;
        told += 1;
        const [is, was] = [recorded.situation.after, truth.situation.after];
        expect({ words, id: record.id, ends: ends(is.codes), shown: is.shown }).toEqual({
          words,
          id: record.id,
          ends: ends(was.codes),
          shown: was.shown,
        });
        if (is.shown.join() !== truth.situation.before.shown.join()) changed += 1;
      }
    }
    const asked = found.length * SITUATIONS;
    expect(told).toBeGreaterThan(asked * 0.6);
    expect(told).toBeLessThan(asked);
    expect(changed).toBeGreaterThan(100);
  });
});
