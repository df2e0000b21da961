/** What a council must see of a model before it decides about it. */
import type { ModelManifest } from '#contract/model.ts';
import { ModelCardLimits } from '#contract/model-card.ts';
import { type CardRow, type CardThresholds, type Challenge, challengeOf, modelCard, PSI_ACT, PSI_WATCH } from '#learning';
import type { Command, Given } from '../command.ts';
import { DATA_HELP, missingColumns, openDataFile } from '../datasets/data-file.ts';
import { rounded } from '../evaluation/evaluation.ts';
import { scoreRows } from '../evaluation/score-rows.ts';
import { readPropensityFolder } from '../read-model-folder.ts';
import { readPolicy } from '../read-policy.ts';

/** The usual ones: a council that wants others writes them into its policy. */
const THRESHOLDS: CardThresholds = ModelCardLimits.parse({});

interface Asked {
  readonly label: string;
  readonly positive: string;
  readonly action: string | undefined;
  readonly segments: readonly string[];
}

type Rows = { readonly ok: true; readonly rows: readonly CardRow[] } | { readonly ok: false; readonly code: 1 | 2; readonly words: string };

const rowsOf = async (file: string, manifest: ModelManifest, onnx: Buffer, asked: Asked, onRow: (done: number) => void): Promise<Rows> => {
  const data = await openDataFile(file);
  const fields = [...new Set(manifest.features.map(({ field }) => field))];
  const missing = missingColumns(data, [asked.label, ...(asked.action === undefined ? [] : [asked.action]), ...asked.segments, ...fields]);
  if (missing !== null) return { ok: false, code: 2, words: missing };
  const rows: CardRow[] = [];
  const scored = await scoreRows(data, asked, manifest, onnx, (done, { cell, action, score, isPositive }) => {
    rows.push({
      propensity: score,
      isPositive,
      action: manifest.actions[action]?.id ?? '',
      features: fields.map(cell),
      segments: asked.segments.map(cell),
    });
    onRow(done);
  });
  return scored.ok ? { ok: true, rows } : { ok: false, code: 1, words: `${file}: ${scored.words}` };
};

/** A threshold as it was typed; NaN where it is no number. */
const threshold = (given: Given, option: string, usual: number): number => {
  const text = given.text(option);
  return text === undefined ? usual : Number(text === '' ? Number.NaN : text);
};

/** Numbers with six decimals, wherever they stand. */
const short = (_: string, value: unknown): unknown => (typeof value === 'number' ? rounded(value) : value);

const range = (value: number, interval: { readonly low: number; readonly high: number } | null): string =>
  interval === null ? value.toFixed(3) : `${value.toFixed(3)} (${interval.low.toFixed(3)} to ${interval.high.toFixed(3)})`;

export const modelCardCommand: Command = {
  summary: 'Measure a bundle for the council: figures, segments, drift, refusal',
  positionals: [],
  options: {
    bundle: { type: 'string', value: 'DIR', help: 'Folder with model.onnx and manifest.json', required: true },
    data: { type: 'string', value: 'FILE', help: DATA_HELP, required: true },
    against: { type: 'string', value: 'DIR', help: 'The champion: which of the two foretells these rows better' },
    training: { type: 'string', value: 'FILE', help: 'The rows it was trained on, to tell how far those of today differ' },
    label: { type: 'string', value: 'COLUMN', help: 'Column that says what became of it, if not the one it was trained with' },
    positive: { type: 'string', value: 'VALUE', help: 'Its value for a positive, if not the one it was trained with' },
    action: { type: 'string', value: 'COLUMN', help: 'Column naming the action, if not the one it was trained with' },
    segment: { type: 'string', value: 'A,B', help: 'Columns to tell the figures apart by', multiple: true },
    policy: { type: 'string', value: 'DIR', help: "A revision: what its modelCard asks, where the options below don't say otherwise" },
    'least-auc': { type: 'string', value: 'NUMBER', help: `A lower AUC is refused; ${THRESHOLDS.leastAuc} where not given` },
    'most-auc': {
      type: 'string',
      value: 'NUMBER',
      help: `A higher one is suspected of a leak and refused; ${THRESHOLDS.mostAuc} where not given`,
    },
    'least-positives': { type: 'string', value: 'NUMBER', help: `Fewer are too few to tell; ${THRESHOLDS.leastPositives} where not given` },
    json: { type: 'boolean', help: 'Print the whole card as one JSON line' },
  },
  notes:
    'Use rows the model was not trained on. The AUC is never folded: less than 0.5 is a model that ranks the wrong way round. Intervals hold at 95 %; segments of fewer than 30 rows are counted and not described. The exit code is 1 when a threshold refuses the model.',
  async run(given, terminal) {
    const folder = given.required('bundle');
    const read = readPropensityFolder(folder);
    if (!read.ok) {
      terminal.note(read.words);
      return 1;
    }
    const { manifest, onnxBase64 } = read.bundle;
    const label = given.text('label') ?? manifest.columns?.label;
    const positive = given.text('positive') ?? manifest.columns?.positive;
    if (label === undefined || positive === undefined) {
      terminal.note(`${folder} does not say which column it was trained on; name it with --label and --positive`);
      return 2;
    }
    const policyFolder = given.text('policy');
    const policy = policyFolder === undefined ? null : await readPolicy(policyFolder);
    if (policy?.ok === false) {
      for (const fault of policy.faults) terminal.note(fault);
      return 1;
    }
    const usual = policy?.revision.modelCard ?? THRESHOLDS;
    const thresholds = {
      leastAuc: threshold(given, 'least-auc', usual.leastAuc),
      mostAuc: threshold(given, 'most-auc', usual.mostAuc),
      leastPositives: threshold(given, 'least-positives', usual.leastPositives),
    };
    if (Object.values(thresholds).some((value) => !Number.isFinite(value))) {
      terminal.note('--least-auc, --most-auc and --least-positives take numbers');
      return 2;
    }
    const segments = given.list('segment').flatMap((names) => names.split(','));
    const asked: Asked = { label, positive, action: given.text('action') ?? manifest.columns?.action, segments };
    const onnx = Buffer.from(onnxBase64, 'base64');
    const measured = await rowsOf(given.required('data'), manifest, onnx, asked, (done) => terminal.progress(`${done} rows scored`));
    if (!measured.ok) {
      terminal.note(measured.words);
      return measured.code;
    }
    const { rows } = measured;
    const positives = rows.filter(({ isPositive }) => isPositive).length;
    if (positives === 0 || positives === rows.length) {
      terminal.note(
        `${positives} of ${rows.length} rows about known actions are positive ("${positive}" in column "${label}"); both kinds are needed`,
      );
      return 1;
    }
    const trainingFile = given.text('training');
    let training: readonly CardRow[] | null = null;
    if (trainingFile !== undefined) {
      const then = await rowsOf(trainingFile, manifest, onnx, { ...asked, segments: [] }, (done) =>
        terminal.progress(`${done} training rows scored`),
      );
      if (!then.ok) {
        terminal.note(then.words);
        return then.code;
      }
      training = then.rows;
    }
    let challenge: Challenge | null = null;
    const championFolder = given.text('against');
    if (championFolder !== undefined) {
      const champion = readPropensityFolder(championFolder);
      if (!champion.ok) {
        terminal.note(champion.words);
        return 1;
      }
      const bytes = Buffer.from(champion.bundle.onnxBase64, 'base64');
      const said = await rowsOf(given.required('data'), champion.bundle.manifest, bytes, { ...asked, segments: [] }, (done) =>
        terminal.progress(`${done} rows scored by the champion`),
      );
      if (!said.ok) {
        terminal.note(said.words);
        return said.code;
      }
      if (said.rows.length !== rows.length) {
        terminal.note(
          `the two know other actions: ${rows.length} rows are about those of ${folder}, ${said.rows.length} about those of ${championFolder}`,
        );
        return 1;
      }
      challenge = challengeOf(
        rows,
        said.rows.map(({ propensity }) => propensity),
      );
    }
    const fields = [...new Set(manifest.features.map(({ field }) => field))];
    const card = modelCard(rows, fields, segments, training, thresholds);
    const evidence = manifest.actions.reduce((sum, action) => sum + action.evidence, 0);
    const trainedPositives = manifest.actions.reduce((sum, action) => sum + action.positives, 0);
    const { id, version, transparency = 1 } = manifest;
    for (const refusal of card.refusals) terminal.note(`refused: ${refusal}`);
    if (given.flag('json')) {
      const whole = {
        model: { id, version, hash: read.bundle.hash, transparency, evidence, positives: trainedPositives },
        isRefused: card.refusals.length > 0,
        ...card,
        ...(challenge === null ? {} : { against: challenge }),
      };
      await terminal.print(JSON.stringify(whole, short));
    } else {
      await terminal.print(
        `${id} v${version}: learnt from ${evidence} responses, ${trainedPositives} positive; transparency ${transparency}`,
      );
      await terminal.print(
        `  on ${card.rows} rows, ${card.positives} positive: AUC ${range(card.auc, card.aucInterval)}, log loss ${rounded(card.logLoss)}, Brier ${rounded(card.brier)}, calibration error ${rounded(card.ece)}`,
      );
      await terminal.print(
        `  the best tenth has ${((card.lift[0]?.ofPositives ?? 0) * 100).toFixed(0)} % of the positives, a lift of ${(card.lift[0]?.lift ?? 0).toFixed(2)}`,
      );
      if (card.psi === null) await terminal.print('  drift: name the rows it was trained on with --training');
      else {
        const moved = card.psi.features.filter(({ psi }) => psi >= PSI_WATCH).toSorted((a, b) => b.psi - a.psi);
        await terminal.print(
          `  drift (PSI) of the propensity ${card.psi.propensity.toFixed(3)}${card.psi.propensity >= PSI_ACT ? ': act' : card.psi.propensity >= PSI_WATCH ? ': watch' : ''}; ${moved.length === 0 ? 'no feature moved' : moved.map(({ field, psi }) => `${field} ${psi.toFixed(2)}`).join(', ')}`,
        );
      }
      if (challenge !== null)
        await terminal.print(
          `  against ${championFolder ?? ''}: ${challenge.verdict}; log loss ${rounded(challenge.logLossGain)} less (${rounded(challenge.logLossGainInterval.low)} to ${rounded(challenge.logLossGainInterval.high)}), AUC ${rounded(challenge.auc)} against ${rounded(challenge.championAuc)}`,
        );
      for (const { column, value, rows: own, positives: good, rate, rateInterval, auc, aucInterval } of [
        ...(manifest.actions.length > 1 ? card.actions : []),
        ...card.segments,
      ])
        await terminal.print(
          `  ${column} ${value}: ${own} rows, ${good} positive${rate === null ? ', too few to tell' : `, rate ${range(rate, rateInterval)}`}${auc === null ? '' : `, AUC ${range(auc, aucInterval)}`}`,
        );
    }
    return card.refusals.length > 0 ? 1 : 0;
  },
};
