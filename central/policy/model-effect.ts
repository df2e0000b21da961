/** What a proposed model would do: held against the policy in force, and against decisions that were taken under it. */
import type { CheckedRevision } from '#contract/checked-policy.ts';
import { asPropensity, isIntent, type ServedBundle } from '#contract/served-bundle.ts';
import { readExplainable } from '#learning';
import { type BlastReport, checkIntents, describeBlast, describeIntentFinding, describeModelFinding } from '#policy';
import type { Query } from '../store/open-store.ts';
import { blastOfRecords } from './blast-of-records.ts';
import { modelFit } from './model-fit.ts';

/** For people: its card and what was found, and where it can be told what it would have done. */
export interface ModelEffect {
  readonly lines: readonly string[];
  readonly blast: BlastReport | null;
}

export type ModelExamination = { readonly ok: true; readonly effect: ModelEffect } | { readonly ok: false; readonly words: string };

export const describeModelEffect = ({ lines, blast }: ModelEffect): readonly string[] => [
  ...lines,
  ...(blast === null ? [] : describeBlast(blast)),
];

/**
 * In words why the policy refuses a model: its card is not what the council asks for, it reads what no model may, or it never tells what
 * the policy asks for. `champion` is the one published under its name.
 */
export async function examineModel(
  db: Query,
  revision: CheckedRevision,
  bundle: ServedBundle,
  champion: ServedBundle['manifest'] | null,
): Promise<ModelExamination> {
  const cards = [
    `Its card: ${cardOf(bundle.manifest)}.`,
    ...(champion === null ? [] : [`The card of version ${champion.version}, which it would follow: ${cardOf(champion)}.`]),
  ];
  if (isIntent(bundle)) {
    const findings = checkIntents(revision, bundle.manifest).map(describeIntentFinding);
    if (findings.length > 0) return { ok: false, words: findings.join('\n') };
    return {
      ok: true,
      effect: { lines: [...cards, 'Records hold nothing of what was said, so its effect on them is not told.'], blast: null },
    };
  }
  const { hash, manifest, onnxBase64 } = bundle;
  const whole = { hash, manifest, onnx: Buffer.from(onnxBase64, 'base64') };
  const { isUsable, findings } = modelFit(revision, whole);
  const found = findings.map(describeModelFinding);
  if (!isUsable) return { ok: false, words: found.join('\n') };
  const read = asPropensity(bundle) === null ? null : readExplainable({ hash, manifest, onnxBase64 });
  if (read === null || !read.exact)
    return { ok: true, effect: { lines: [...cards, ...found, `Its effect on decisions is not told: ${read?.why ?? ''}`], blast: null } };
  const blast = await blastOfRecords(db, revision, revision, { model: whole, parts: read.parts });
  return { ok: true, effect: { lines: [...cards, ...found], blast } };
}

const cardOf = ({ kind, card }: ServedBundle['manifest']): string =>
  kind === 'intent'
    ? `accuracy ${card.accuracy}, weighted F1 ${card.weightedF1}, calibration error ${card.ece}, on ${card.measuredOn} rows kept back`
    : `AUC ${card.auc}, log loss ${card.logLoss}, calibration error ${card.ece}, ${card.positives} of ${card.rows} rows positive`;
