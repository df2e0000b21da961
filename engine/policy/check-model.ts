/** What a model may be used for under a revision: asked where either is loaded, never while a decision waits. */
import type { CheckedAction, CheckedRevision } from '#contract/checked-policy.ts';
import type { AdditiveManifest, ModelManifest } from '#contract/model.ts';

export type ModelFinding =
  /** It reads a protected attribute or a state of mind, which no model may: it is not used at all. */
  | { readonly kind: 'forbidden-field'; readonly path: string }
  /** It reads a field the revision does not have, which is unknown to it. */
  | { readonly kind: 'unknown-field'; readonly path: string }
  /** Its card is not what the council asks for: it is not used at all. */
  | CardFinding
  /** It is not used for these actions of an issue: they go by their starting propensity. */
  | {
      readonly kind: 'not-transparent';
      readonly issue: string;
      readonly asked: number;
      readonly transparency: number;
      readonly actions: readonly string[];
    };

/** A figure of a card beyond what is asked of it. */
export interface CardFinding {
  readonly kind: 'card';
  readonly figure: 'AUC' | 'positives' | 'accuracy';
  readonly found: number;
  readonly asked: number;
  readonly is: 'below' | 'above';
}

export interface ModelCheck {
  readonly isUsable: boolean;
  /** Ids of the actions it may not be used for. */
  readonly barred: ReadonlySet<string>;
  readonly findings: readonly ModelFinding[];
}

/** Whether a model may be used for an action; `transparency` from 1 to 5. */
export const isTransparentEnough = ({ minTransparency = 1 }: Pick<CheckedAction, 'minTransparency'>, transparency: number): boolean =>
  transparency >= minTransparency;

/** `transparency` of the model, as it was found to be (transparencyOf). */
export function checkModel(
  { fields, actions, modelCard }: CheckedRevision,
  manifest: Pick<ModelManifest | AdditiveManifest, 'features' | 'actions'> & Partial<Pick<ModelManifest, 'card'>>,
  transparency: number,
): ModelCheck {
  const byPath = new Map(fields.map((field) => [field.path, field]));
  const findings: ModelFinding[] = [];
  // A model the core computes itself has no card: nothing was measured.
  if (modelCard !== undefined && manifest.card !== undefined) {
    const { leastAuc, mostAuc, leastPositives } = modelCard;
    const { auc, positives } = manifest.card;
    if (auc < leastAuc) findings.push({ kind: 'card', figure: 'AUC', found: auc, asked: leastAuc, is: 'below' });
    if (auc > mostAuc) findings.push({ kind: 'card', figure: 'AUC', found: auc, asked: mostAuc, is: 'above' });
    if (positives < leastPositives)
      findings.push({ kind: 'card', figure: 'positives', found: positives, asked: leastPositives, is: 'below' });
  }
  let isUsable = findings.length === 0;
  for (const path of new Set(manifest.features.map(({ field }) => field))) {
    const field = byPath.get(path);
    if (field === undefined) findings.push({ kind: 'unknown-field', path });
    else if (field.kind === 'protected' || field.kind === 'affect') {
      findings.push({ kind: 'forbidden-field', path });
      isUsable = false;
    }
  }
  const known = new Set(manifest.actions.map(({ id }) => id));
  const barred = actions.filter((action) => known.has(action.id) && !isTransparentEnough(action, transparency));
  for (const issue of new Set(barred.map((action) => action.issue))) {
    const own = barred.filter((action) => action.issue === issue);
    const asked = own[0]?.minTransparency ?? 1;
    findings.push({ kind: 'not-transparent', issue, asked, transparency, actions: own.map(({ id }) => id) });
  }
  return { isUsable, barred: new Set(barred.map(({ id }) => id)), findings };
}

/** The end of a sentence that says whose card it is. */
export const describeCardFinding = ({ figure, found, asked, is }: CardFinding): string =>
  is === 'below'
    ? `its card has ${figure} ${found}, and the council asks for ${asked} at least: it is not used`
    : `its card has ${figure} ${found}, and more than ${asked} is suspected of knowing the outcome: it is not used`;

/** For people who look after models and policies. */
export function describeModelFinding(finding: ModelFinding): string {
  switch (finding.kind) {
    case 'card':
      return describeCardFinding(finding);
    case 'forbidden-field':
      return `it reads ${finding.path}, which no model may read (a protected attribute or a state of mind), and is not used: withdraw it`;
    case 'unknown-field':
      return `it reads ${finding.path}, which is no field of this policy and so always unknown: put the field back or train without it`;
    case 'not-transparent': {
      const { issue, asked, transparency, actions } = finding;
      const count = `${actions.length} ${actions.length === 1 ? 'action' : 'actions'}`;
      return `its transparency is ${transparency} and issue ${issue} asks for ${asked}: ${count} of it go by their starting propensity`;
    }
  }
}
