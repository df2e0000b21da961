import { describe, expect, it } from 'vitest';
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { FeatureDefinition } from '#contract/model.ts';
import { checkIntents, checkModel, checkRevision, describeIntentFinding, describeModelFinding, tierOf } from '#policy';
import { smallPolicy } from '../central/small-policy.ts';

const withIssue = (line: string, file = 'actions/care/issue.yaml') =>
  checkRevision(
    smallPolicy().map((one) => (one.path === file ? { ...one, text: `${one.text}${line}` } : one)),
    { hash: 'a'.repeat(64) },
  );
const revision = (line = '', change: Partial<CheckedRevision> = {}): CheckedRevision => {
  const check = withIssue(line);
  if (!check.ok) throw new Error(JSON.stringify(check.faults));
  return { ...check.revision, ...change };
};
const manifest = (field = 'profile.plan', ids: readonly string[] = ['explain-bill', 'change-plan', 'of-another-policy']) => ({
  features: [{ kind: 'one-hot', field, values: ['basic'] } satisfies FeatureDefinition],
  actions: ids.map((id) => ({ id, evidence: 1, positives: 1 })),
});

const INTENT_CARD = {
  trainedOn: 'a'.repeat(64),
  rows: 100,
  outOfScopeRows: 0,
  measuredOn: 15,
  accuracy: 1,
  weightedF1: 1,
  top3: 1,
  logLoss: 0.1,
  brier: 0.1,
  ece: 0.1,
};

describe('how transparent a model must be', () => {
  it('is said by the issue for every action below it; nothing said asks nothing', () => {
    expect(revision('minTransparency: 3\n').actions.map(({ minTransparency }) => minTransparency)).toEqual([3, 3, 3]);
    for (const line of ['', 'minTransparency: 1\n'])
      expect(revision(line).actions.every((action) => !('minTransparency' in action))).toBe(true);
  });

  it.each([
    ['minTransparency: 6\n', undefined],
    ['minTransparency: 0\n', undefined],
    ['minTransparency: 2.5\n', undefined],
    ['minTransparency: 3\n', 'actions/care/billing/group.yaml'],
  ])('is a fault with its line where it cannot be: %j in %s', (line, file) => {
    const check = withIssue(line, file);
    if (check.ok) throw new Error('it passed');
    expect(check.faults).toMatchObject([
      { file: file ?? 'actions/care/issue.yaml', line: 2, reason: expect.stringContaining('minTransparency') },
    ]);
  });

  it('bars a model under it from the actions it knows, and no other; what was found is told in words', () => {
    const policy = revision('minTransparency: 3\n');
    for (const enough of [3, 4, 5])
      expect(checkModel(policy, manifest(), enough)).toEqual({ isUsable: true, barred: new Set(), findings: [] });
    for (const transparency of [1, 2]) {
      const { isUsable, barred, findings } = checkModel(policy, manifest(), transparency);
      expect([isUsable, [...barred]]).toEqual([true, ['change-plan', 'explain-bill']]);
      expect(findings).toEqual([
        { kind: 'not-transparent', issue: 'care', asked: 3, transparency, actions: ['change-plan', 'explain-bill'] },
      ]);
      expect(findings.map(describeModelFinding)).toEqual([
        `its transparency is ${transparency} and issue care asks for 3: 2 actions of it go by their starting propensity`,
      ]);
    }
  });
});

const LIMITS = { leastAuc: 0.6, mostAuc: 0.85, leastPositives: 200, leastAccuracy: 0.7 };
const withCard = (auc: number, positives: number) => ({
  ...manifest(),
  card: { trainedOn: 'a'.repeat(64), rows: 1_000, positives, auc, logLoss: 0.5, brier: 0.2, ece: 0.01 },
});
const textFaults = (accuracy: number) =>
  checkIntents(revision('', { modelCard: LIMITS }), { labels: ['a'], card: { ...INTENT_CARD, accuracy } }).map(describeIntentFinding);

describe('what the card of a model must show', () => {
  it('is the council’s to say in revision.yaml; nothing said asks nothing', () => {
    const inYaml = withIssue('modelCard: { leastAuc: 0.6, leastAccuracy: 0.7 }\n', 'revision.yaml');
    if (!inYaml.ok) throw new Error(JSON.stringify(inYaml.faults));
    expect(inYaml.revision.modelCard).toEqual({ leastAuc: 0.6, mostAuc: 0.9, leastPositives: 200, leastAccuracy: 0.7 });
    expect(tierOf(revision(), inYaml.revision)).toBe('council');
    expect('modelCard' in revision()).toBe(false);
    expect(checkModel(revision(), withCard(0.4, 1), 5)).toMatchObject({ isUsable: true, findings: [] });
    const never = withIssue('modelCard: { leastAuc: 0.95 }\n', 'revision.yaml');
    expect(never.ok ? [] : never.faults).toMatchObject([{ file: 'revision.yaml', reason: expect.stringContaining('above mostAuc') }]);
  });

  it.each([
    [0.6, 200, []],
    [0.85, 500, []],
    [0.59, 200, ['its card has AUC 0.59, and the council asks for 0.6 at least: it is not used']],
    [0.4, 500, ['its card has AUC 0.4, and the council asks for 0.6 at least: it is not used']],
    [0.9, 500, ['its card has AUC 0.9, and more than 0.85 is suspected of knowing the outcome: it is not used']],
    [0.7, 199, ['its card has positives 199, and the council asks for 200 at least: it is not used']],
  ])('with AUC %d and %d positives it is found %j', (auc, positives, words) => {
    const { isUsable, findings } = checkModel(revision('', { modelCard: LIMITS }), withCard(auc, positives), 5);
    expect([isUsable, findings.map(describeModelFinding)]).toEqual([words.length === 0, words]);
  });

  it('asks accuracy of a model of text', () => {
    expect(textFaults(0.7)).toEqual([]);
    expect(textFaults(0.69)).toEqual(['its card has accuracy 0.69, and the council asks for 0.7 at least: it is not used']);
  });
});

describe('what a model may read', () => {
  it('is no protected attribute and no state of mind: then it is not usable at all', () => {
    for (const kind of ['protected', 'affect'] as const) {
      const fields = revision().fields.map((field) => (field.path === 'profile.plan' ? { ...field, kind } : field));
      const check = checkModel(revision('', { fields }), manifest(), 5);
      expect(check).toMatchObject({ isUsable: false, findings: [{ kind: 'forbidden-field', path: 'profile.plan' }] });
      expect(describeModelFinding(check.findings[0]!)).toContain('withdraw it');
    }
  });

  it('may be no field of the policy: then it is told, and unknown', () => {
    const check = checkModel(revision(), manifest('profile.gone'), 5);
    expect(check).toMatchObject({ isUsable: true, findings: [{ kind: 'unknown-field', path: 'profile.gone' }] });
    expect(describeModelFinding(check.findings[0]!)).toContain('always unknown');
  });
});
