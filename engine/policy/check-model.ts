/** What a model may be used for under a revision: asked where either is loaded, never while a decision waits. */
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { AdditiveManifest, ModelManifest } from '#contract/model.ts';

export type ModelFinding =
  /** It reads a protected attribute or a state of mind, which no model may: it is not used at all. */
  | { readonly kind: 'forbidden-field'; readonly path: string }
  /** It reads a field the revision does not have, which is unknown to it. */
  | { readonly kind: 'unknown-field'; readonly path: string };

export interface ModelCheck {
  readonly isUsable: boolean;
  readonly findings: readonly ModelFinding[];
}

export function checkModel({ fields }: CheckedRevision, { features }: Pick<ModelManifest | AdditiveManifest, 'features'>): ModelCheck {
  const byPath = new Map(fields.map((field) => [field.path, field]));
  const read = [...new Set(features.map(({ field }) => field))];
  const findings = read.flatMap((path): readonly ModelFinding[] => {
    const field = byPath.get(path);
    if (field === undefined) return [{ kind: 'unknown-field', path }];
    return field.kind === 'protected' || field.kind === 'affect' ? [{ kind: 'forbidden-field', path }] : [];
  });
  return { isUsable: findings.every(({ kind }) => kind !== 'forbidden-field'), findings };
}

/** For people who look after models. */
export function describeModelFinding(finding: ModelFinding): string {
  switch (finding.kind) {
    case 'forbidden-field':
      return `it reads ${finding.path}, which no model may read (a protected attribute or a state of mind), and is not used: withdraw it`;
    case 'unknown-field':
      return `it reads ${finding.path}, which is no field of this policy and so always unknown: put the field back or train without it`;
  }
}
