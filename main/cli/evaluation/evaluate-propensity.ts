/** A propensity model on recorded responses, read once and never held in memory as a whole. */
import { ModelManifest } from '#contract/model.ts';
import { measureQuality } from '#learning';
import { missingColumns, openDataFile } from '../datasets/data-file.ts';
import { timeLeft } from '../datasets/time-left.ts';
import { type Evaluation, rounded } from './evaluation.ts';
import { scoreRows } from './score-rows.ts';

export const evaluatePropensity: Evaluation = async ({ bundle, manifest: raw, onnx }, file, given, terminal) => {
  const parsed = ModelManifest.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { ok: false, code: 1, words: `${bundle} holds no propensity model: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}` };
  }
  const manifest = parsed.data;
  const label = given.text('label') ?? manifest.columns?.label;
  const positive = given.text('positive') ?? manifest.columns?.positive;
  const action = given.text('action') ?? manifest.columns?.action;
  if (label === undefined || positive === undefined)
    return { ok: false, code: 2, words: `${bundle} does not say which column it was trained on; name it with --label and --positive` };
  const needed = [label, ...(action === undefined ? [] : [action]), ...manifest.features.map(({ field }) => field)];
  const data = await openDataFile(file);
  const missing = missingColumns(data, needed);
  if (missing !== null) return { ok: false, code: 2, words: missing };
  const left = timeLeft();
  const scored = await scoreRows(data, { label, positive, action }, manifest, onnx, (rows) =>
    terminal.progress(`${rows} rows scored, ${left(data.share())}`),
  );
  if (!scored.ok) return { ok: false, code: 1, words: `${bundle}: ${scored.words}` };
  const { scores, outcomes, unknownActions } = scored;
  const positives = outcomes.reduce((sum, outcome) => sum + outcome, 0);
  if (positives === 0 || positives === outcomes.length)
    return {
      ok: false,
      code: 1,
      words: `${positives} of ${outcomes.length} rows about known actions are positive ("${positive}" in column "${label}"); both kinds are needed. Look at --label, --positive and --action`,
    };
  const { auc, logLoss, brier, ece } = measureQuality(scores, outcomes);
  return {
    ok: true,
    figures: {
      n: outcomes.length,
      positives,
      unknownActions,
      auc: rounded(auc),
      logLoss: rounded(logLoss),
      brier: rounded(brier),
      ece: rounded(ece),
    },
    notices: unknownActions === 0 ? [] : [`${unknownActions} rows about actions the model does not know are left out`],
  };
};
