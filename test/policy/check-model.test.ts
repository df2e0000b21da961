import { describe, expect, it } from 'vitest';
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { FeatureDefinition } from '#contract/model.ts';
import { checkModel, checkRevision, describeModelFinding } from '#policy';
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
