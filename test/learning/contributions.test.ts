/** What is reported per field adds up to the model's answer, is Shapley's, and leads to the priority that was decided with. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AdditiveManifest, FeatureDefinition, ModelBundle } from '#contract/model.ts';
import { compileModel, compileRevision, Decider, featureVector, type FieldValues } from '#core';
import { additivePropensity, contributionsOf, explainableAdditive, logistic, readExplainable, writeAdditiveModel } from '#learning';
import { ModelContributions, type ScoredAction } from '../../engine/model-contributions.ts';
import { decide } from '../core/deciding.ts';
import { action, core, FIELDS, inputs, is, modelScores, profile, revision, stated } from '../core/fixtures.ts';
import { demonstrationModel } from '../engine/demonstration.ts';
import {
  exact,
  said,
  logOddsOf,
  sizeOf,
  nothing,
  FEATURES,
  WIDTH,
  STARTS,
  bundleOf,
  aCustomer,
  fieldsOf,
  vectorOf,
  aBackground,
  TREES,
} from './explained-models.ts';
import { plainSum, shapleyByCoalitions, sigmoidOfTrees } from './shapley-oracle.ts';
import { graphFile, int, int64s, node, type Tree, treeAttributes } from './tree-graphs.ts';

const aWeight = fc.double({ min: -2, max: 2, noNaN: true });
const additive = fc
  .record({
    intercepts: fc.array(aWeight, { minLength: 2, maxLength: 2 }),
    weights: fc.array(aWeight, { minLength: 2 * WIDTH, maxLength: 2 * WIDTH }),
  })
  .map(({ intercepts, weights }) => ({ width: WIDTH, intercepts: Float32Array.from(intercepts), weights: Float32Array.from(weights) }));

const additiveBundle = (weights: Parameters<typeof additivePropensity>[0], golden: readonly (readonly number[])[]): ModelBundle =>
  bundleOf(writeAdditiveModel(weights), golden, (row, at) => Math.fround(additivePropensity(weights, row, at)));

describe('contributions of an additive model', () => {
  it('add up to the log-odds of every golden output of the demonstration, and those are its propensity', () => {
    const bundle = demonstrationModel();
    const model = readExplainable(bundle);
    const fields = new Set(bundle.manifest.features.map(({ field }) => field));
    let looked = 0;
    for (const { features, action: at, propensity } of bundle.manifest.golden) {
      const found = exact(contributionsOf(model, Float32Array.from(features), at, nothing));
      expect(Math.abs(logistic(logOddsOf(found)) / propensity - 1)).toBeLessThan(1e-6);
      expect(new Set(found.contributions.map(({ field }) => field))).toEqual(fields);
      expect(found.contributions).toHaveLength(fields.size);
      looked += found.contributions.filter(({ logOdds }) => Math.abs(logOdds) > 1e-3).length;
    }
    expect(looked).toBeGreaterThan(50);
  });

  it("add up to the log-odds of the weights, and are Shapley's over all coalitions, summed per field", () => {
    fc.assert(
      fc.property(additive, aBackground, aCustomer, fc.nat(1), (weights, background, customer, at) => {
        const logOdds = (row: ArrayLike<number>): number =>
          Array.from(row).reduce((sum, x, f) => sum + (weights.weights[at * WIDTH + f] as number) * x, weights.intercepts[at] as number);
        const x = vectorOf(customer);
        const found = exact(contributionsOf(readExplainable(additiveBundle(weights, background)), x, at, fieldsOf(customer)));
        expect(Math.abs(logOddsOf(found) - logOdds(x))).toBeLessThanOrEqual(1e-12 * sizeOf(found));
        const wanted = shapleyByCoalitions(logOdds, [...x], background);
        for (const [feature, { field }] of FEATURES.entries()) {
          const sum = wanted.slice(STARTS[feature], STARTS[feature + 1]).reduce((total, value) => total + value, 0);
          expect(Math.abs((found.contributions.find((one) => one.field === field)?.logOdds ?? Number.NaN) - sum)).toBeLessThan(1e-9);
        }
      }),
      { numRuns: 25, seed: 31 },
    );
  });

  it('of a model the core computes itself add up to the propensity the core decided with', () => {
    const revised = revision([action('a', { startingEvidence: 0 })]);
    const compiled = compileRevision(revised);
    let shown = 0;
    fc.assert(
      fc.property(
        aCustomer,
        fc.double({ min: -2, max: 2, noNaN: true }),
        fc.array(aWeight, { minLength: WIDTH, maxLength: WIDTH }),
        (customer, intercept, own) => {
          const weights = Buffer.from(Float64Array.from(own).buffer).toString('base64');
          const manifest: AdditiveManifest = {
            id: 'own',
            kind: 'additive',
            version: 1,
            features: [...FEATURES],
            width: WIDTH,
            actions: [{ id: 'a', evidence: 1, positives: 1, intercept, weights }],
          };
          const known = Object.fromEntries(Object.entries(customer).filter(([, held]) => held !== null));
          const now = inputs({ profile: profile({ fields: known }) });
          const decider = new Decider(compiled, core);
          const { result } = decider.decide(now, compileModel(compiled, manifest, 'e'.repeat(64)));
          const found = exact(contributionsOf(explainableAdditive(manifest), vectorOf(customer), 0, fieldsOf(customer)));
          expect(found.base).toBe(intercept);
          if (result.kind !== 'show') return;
          expect(Math.abs(logistic(logOddsOf(found)) / (result.prompts[0]?.propensity ?? Number.NaN) - 1)).toBeLessThan(1e-12);
          shown++;
        },
      ),
      { numRuns: 100, seed: 34 },
    );
    expect(shown).toBeGreaterThan(50);
    const cut: AdditiveManifest['actions'] = [{ id: 'a', evidence: 1, positives: 1, intercept: 0, weights: 'AAAA' }];
    const unfit = explainableAdditive({ id: 'own', kind: 'additive', version: 1, features: [...FEATURES], width: WIDTH, actions: cut });
    expect(said(contributionsOf(unfit, new Float64Array(WIDTH), 0, nothing))).toContain('do not fit');
  });

  it('come largest first, equal ones by path, with the values of the fields and of a field twice once', () => {
    const features: FeatureDefinition[] = [
      { kind: 'flag', field: 'profile.b' },
      { kind: 'flag', field: 'profile.c' },
      { kind: 'flag', field: 'profile.a' },
      { kind: 'flag', field: 'profile.b' },
    ];
    const weights = { width: 8, intercepts: Float32Array.of(0.5), weights: Float32Array.of(1, 0, 3, 0, -3, 0, 1, 0) };
    const golden = [{ features: [0, 0, 0, 0, 0, 0, 0, 0], action: 0, propensity: logistic(0.5) }];
    const bundle = bundleOf(writeAdditiveModel(weights), [], () => 0, {
      features,
      width: 8,
      golden,
      actions: [{ id: 'a', evidence: 1, positives: 1 }],
    });
    const fields = { field: (path: string) => (path === 'profile.c' ? ['x'] : path === 'profile.a') };
    expect(contributionsOf(readExplainable(bundle), Float32Array.of(1, 0, 1, 0, 1, 0, 1, 0), 0, fields)).toEqual({
      exact: true,
      base: 0.5,
      contributions: [
        { field: 'profile.a', value: true, logOdds: -3 },
        { field: 'profile.c', value: ['x'], logOdds: 3 },
        { field: 'profile.b', value: false, logOdds: 2 },
      ],
    });
  });
});

/** The same trees, with one more that asks for the action. */
const WITH_ACTION: readonly Tree[] = [...TREES, { column: WIDTH, threshold: 0, yes: TREES[0] as Tree, no: -0.75 }];
const actionFile = graphFile(
  WIDTH,
  [
    node('Cast', ['action'], ['number'], [int('to', 1)]),
    node('Unsqueeze', ['number', 'second'], ['column']),
    node('Concat', ['features', 'column'], ['row'], [int('axis', 1)]),
    node('TreeEnsembleRegressor', ['row'], ['sums'], [...treeAttributes(WITH_ACTION, 'target'), int('n_targets', 1)], 'ai.onnx.ml'),
    node('Squeeze', ['sums', 'second'], ['log_odds']),
    node('Sigmoid', ['log_odds'], ['propensity']),
  ],
  [int64s('second', [1], [1])],
);

describe('contributions of trees', () => {
  it.each([
    ['one sum for every action', sigmoidOfTrees(WIDTH, TREES), (row: readonly number[]) => plainSum(TREES, row)],
    ['sums that ask for the action', actionFile, (row: readonly number[], at: number) => plainSum(WITH_ACTION, [...row, at])],
  ] as const)("are Shapley's over all coalitions of columns, summed per field: %s", (_, file, f) => {
    fc.assert(
      fc.property(aBackground, aCustomer, fc.nat(1), (background, customer, at) => {
        const model = readExplainable(bundleOf(file, background, (row, which) => logistic(f(row, which))));
        const x = vectorOf(customer);
        const found = exact(contributionsOf(model, x, at, fieldsOf(customer)));
        expect(Math.abs(logOddsOf(found) - f([...x], at))).toBeLessThan(1e-9);
        const wanted = shapleyByCoalitions((row) => f(row, at), [...x], background);
        for (const [feature, { field }] of FEATURES.entries()) {
          const sum = wanted.slice(STARTS[feature], STARTS[feature + 1]).reduce((total, value) => total + value, 0);
          expect(Math.abs((found.contributions.find((one) => one.field === field)?.logOdds ?? Number.NaN) - sum)).toBeLessThan(1e-9);
        }
      }),
      { numRuns: 40, seed: 32 },
    );
  });
});

const why = (bundle: ModelBundle): string => said(contributionsOf(readExplainable(bundle), new Float32Array(WIDTH), 0, nothing));

describe('a model that cannot be taken apart', () => {
  const weights = { width: WIDTH, intercepts: Float32Array.of(0, 1), weights: new Float32Array(2 * WIDTH).fill(0.5) };
  const golden = [Array.from({ length: WIDTH }, () => 0)];
  const right = (row: readonly number[], at: number) => additivePropensity(weights, row, at);
  it('says why', () => {
    expect(why(additiveBundle(weights, golden))).toBe('exact');
    const other = graphFile(WIDTH, [node('ReduceMean', ['features'], ['propensity'], [int('keepdims', 0)])]);
    expect(why(bundleOf(other, golden, right))).toBe(
      'Model test 1 cannot be taken apart: its answer is made by the operator ReduceMean, which cannot be taken apart.',
    );
    expect(why({ ...additiveBundle(weights, golden), onnxBase64: 'no base64!' })).toContain('not base64');
    expect(why(bundleOf(writeAdditiveModel(weights), golden, right, { actions: [] }))).toContain('weights of 2 actions, its manifest 0');
    expect(why(bundleOf(writeAdditiveModel(weights), golden, right, { width: WIDTH + 1 }))).toContain('does not fit its own width');
    expect(why(bundleOf(writeAdditiveModel(weights), [[1]], () => 0.5))).toContain('does not fit its own width');
  });

  it('is one whose golden outputs are not what was read from its file', () => {
    expect(why(bundleOf(writeAdditiveModel(weights), golden, (row, at) => right(row, at) * 1.001))).toContain('golden outputs');
    expect(why(bundleOf(sigmoidOfTrees(WIDTH, TREES), golden, () => 0.5))).toContain('golden outputs');
    const zeros = golden[0] ?? [];
    const ofTrees = (action: number) =>
      why(
        bundleOf(sigmoidOfTrees(WIDTH, TREES), [], right, {
          golden: [{ features: zeros, action, propensity: logistic(plainSum(TREES, zeros)) }],
        }),
      );
    expect(ofTrees(1)).toBe('exact');
    expect(ofTrees(2)).toContain('golden outputs');
  });

  it('is never asked with a vector of another width', () => {
    expect(() => contributionsOf(readExplainable(additiveBundle(weights, golden)), new Float32Array(3), 0, nothing)).toThrow('vector of 3');
  });
});

describe('the contributions of the model that is loaded', () => {
  const weights = {
    width: WIDTH,
    intercepts: Float32Array.of(-1, 1),
    weights: Float32Array.from({ length: 2 * WIDTH }, (_, at) => (at % 5) / 4 - 0.5),
  };
  const bundle = additiveBundle(weights, [Array.from({ length: WIDTH }, () => 0)]);
  const loaded = new ModelContributions();
  loaded.use(bundle);
  const { candidates: fields } = decide(revision([action('a')]), inputs());
  const scored: ScoredAction = {
    action: { id: 'a', issue: 'growth' },
    model: bundle.hash,
    propensity: Math.fround(additivePropensity(weights, featureVector(FEATURES, fields), 0)),
    catalogue: FIELDS,
    fields,
  };

  it('name what the catalogue calls each field, and its value', () => {
    const found = exact(loaded.of(scored));
    expect(found.contributions.find(({ field }) => field === 'profile.plan')).toMatchObject({ label: 'Plan', value: 'plus' });
    expect(found.contributions.find(({ field }) => field === 'profile.products')).toMatchObject({ label: 'Products', value: ['mobile'] });
    expect(found.contributions.every(({ label }) => label !== undefined)).toBe(true);
    expect(loaded.of({ ...scored, catalogue: [] })).toMatchObject({ contributions: found.contributions.map(({ field }) => ({ field })) });
  });

  it('are not given where the fields at hand do not lead to the propensity that was decided with', () => {
    expect(said(loaded.of({ ...scored, fields: nothing }))).toContain('does not hold them all');
    expect(said(loaded.of({ ...scored, propensity: scored.propensity * 1.0001 }))).toContain('does not hold them all');
    expect(said(loaded.of({ ...scored, propensity: Number.NaN }))).toContain('does not hold them all');
  });

  it('are refused in words for another model, no model, an unknown action, and a model that reads what none may', () => {
    expect(said(loaded.of({ ...scored, model: 'f'.repeat(64) }))).toContain('not the one that is loaded');
    expect(said(loaded.of({ ...scored, model: null }))).toContain('No model was used');
    expect(said(loaded.of({ ...scored, action: { id: 'z', issue: 'growth' } }))).toContain('does not know this action');
    for (const kind of ['protected', 'affect'] as const) {
      const forbidden = FIELDS.map((field) => (field.path === 'profile.hardship' ? { ...field, kind } : field));
      const words = said(loaded.of({ ...scored, catalogue: forbidden }));
      expect(words).toContain('reads what no model may read');
      expect(words).not.toMatch(/hardship/i);
    }
    const none = new ModelContributions();
    expect(said(none.of(scored))).toContain('not the one that is loaded');
    none.use(bundle);
    none.use(null);
    expect(said(none.of(scored))).toContain('not the one that is loaded');
  });
});

describe('from contributions to the priority', () => {
  it('the contributions give the propensity, smoothed it is the factor P, and P × C × V × L is the priority', () => {
    let shown = 0;
    fc.assert(
      fc.property(
        additive,
        aCustomer,
        fc.record({
          value: fc.double({ min: 1, max: 1_000, noNaN: true }),
          lever: fc.double({ min: 0.1, max: 5, noNaN: true }),
          weight: fc.integer({ min: -90, max: 300 }),
          startingPropensity: fc.double({ min: 0.01, max: 1, noNaN: true }),
          startingEvidence: fc.integer({ min: 0, max: 1_000 }),
          evidence: fc.integer({ min: 1, max: 10_000 }),
        }),
        (weights, customer, { value, lever, weight, startingPropensity, startingEvidence, evidence }) => {
          const known = Object.fromEntries(Object.entries(customer).filter(([, held]) => held !== null));
          const level = { capPerCall: 3, gapS: 0, interruptionCost: 0 };
          const policy = revision(
            [
              action('a', {
                value,
                lever,
                startingPropensity,
                startingEvidence,
                context: [{ when: stated(is('profile.tenureMonths', '>=', 12)).condition, weight }],
              }),
            ],
            { attention: { pauseMs: 0, holdAtMostMs: 0, levels: { guided: level, standard: level, minimal: level } } },
          );
          const bundle = additiveBundle(weights, [Array.from({ length: WIDTH }, () => 0)]);
          const model = new ModelContributions();
          model.use(bundle);
          const given = (read: FieldValues): number => additivePropensity(weights, featureVector(FEATURES, read), 0);
          const { decision, candidates } = decide(policy, inputs({ profile: profile({ fields: known }) }), (read) =>
            modelScores([given(read)], evidence),
          );
          if (decision.result.kind !== 'show') throw new Error(`nothing shown: ${decision.result.reason}`);
          const prompt = decision.result.prompts[0];
          if (prompt === undefined) throw new Error('shown, and no prompt');
          const found = exact(
            model.of({
              action: { id: 'a', issue: 'growth' },
              model: bundle.hash,
              propensity: given(candidates),
              catalogue: FIELDS,
              fields: candidates,
            }),
          );
          const propensity = logistic(logOddsOf(found));
          // The model's answer travels as a 32-bit float.
          const smoothed = (startingEvidence * startingPropensity + evidence * Math.fround(propensity)) / (startingEvidence + evidence);
          expect(Math.abs(prompt.propensity / smoothed - 1)).toBeLessThan(1e-7);
          const context = customer.tenureMonths !== null && customer.tenureMonths >= 12 ? 1 + weight / 100 : 1;
          expect(Math.abs(prompt.contextWeight / context - 1)).toBeLessThan(1e-9);
          expect(prompt).toMatchObject({ value, lever });
          expect(Math.abs(prompt.priority / (prompt.propensity * prompt.contextWeight * prompt.value * prompt.lever) - 1)).toBeLessThan(
            1e-9,
          );
          shown++;
        },
      ),
      { numRuns: 200, seed: 33 },
    );
    expect(shown).toBeGreaterThanOrEqual(200);
  });
});
