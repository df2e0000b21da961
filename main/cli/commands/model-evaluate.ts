/** How good a model bundle is on recorded responses. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ModelManifest } from '#contract/model.ts';
import { measureQuality, readTable } from '#learning';
import type { Command } from '../command.ts';
import { scoreTable } from '../score-table.ts';

const rounded = (x: number): number => Math.round(x * 1e6) / 1e6;

export const modelEvaluate: Command = {
  summary: 'Measure a model bundle against recorded responses',
  positionals: [],
  options: {
    bundle: { type: 'string', value: 'DIR', help: 'Folder with model.onnx and manifest.json', required: true },
    data: { type: 'string', value: 'FILE', help: 'Table with a heading, columns named by field path', required: true },
    label: { type: 'string', value: 'COLUMN', help: 'Column that says what became of it', required: true },
    positive: { type: 'string', value: 'VALUE', help: 'Its value for a positive', required: true },
    action: { type: 'string', value: 'COLUMN', help: 'Column naming the action; without it every row is about the first action' },
    json: { type: 'boolean', help: 'Print the figures as one JSON line' },
  },
  notes:
    'The bundle is used only after its hash and its golden inputs hold. Rows about actions it does not know are counted and left out. Measured on the rows it was trained on, a model flatters itself.',
  async run(given, terminal) {
    const bundle = given.required('bundle');
    const data = given.required('data');
    const onnx = await readFile(path.join(bundle, 'model.onnx'));
    const manifestText = await readFile(path.join(bundle, 'manifest.json'), 'utf8');
    const csv = await readFile(data, 'utf8');
    let manifest: ModelManifest;
    let table: ReturnType<typeof readTable>;
    try {
      manifest = ModelManifest.parse(JSON.parse(manifestText));
      table = readTable(csv);
    } catch (error) {
      terminal.note(`${bundle} or ${data} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
      return 1;
    }
    const columns = { label: given.required('label'), positive: given.required('positive'), action: given.text('action') };
    const needed = [columns.label, columns.action, ...manifest.features.map(({ field }) => field)];
    const missing = needed.filter((name) => name !== undefined && !table.columns.includes(name));
    if (missing.length > 0) {
      terminal.note(`${data} has no column ${missing.join(', ')}; its columns are ${table.columns.join(', ')}`);
      return 2;
    }
    const scored = await scoreTable(table, columns, manifest, onnx, (done) => terminal.progress(`${done} of ${table.rows.length} rows`));
    if (!scored.ok) {
      terminal.note(`${bundle}: ${scored.words}`);
      return 1;
    }
    const { scores, outcomes, unknownActions } = scored;
    const positives = outcomes.filter((outcome) => outcome === 1).length;
    if (positives === 0 || positives === outcomes.length) {
      terminal.note(
        `${positives} of ${outcomes.length} rows about known actions are positive; both kinds are needed. Look at --label, --positive and --action`,
      );
      return 1;
    }
    const { auc, logLoss, brier, ece } = measureQuality(scores, outcomes);
    const figures = {
      rows: outcomes.length,
      positives,
      unknownActions,
      auc: rounded(auc),
      logLoss: rounded(logLoss),
      brier: rounded(brier),
      ece: rounded(ece),
    };
    const leftOut = unknownActions === 0 ? '' : ` (${unknownActions} rows about unknown actions left out)`;
    await terminal.print(
      given.flag('json')
        ? JSON.stringify(figures)
        : `${figures.rows} rows, ${positives} positives: AUC ${figures.auc}, log loss ${figures.logLoss}, Brier ${figures.brier}, calibration error ${figures.ece}${leftOut}`,
    );
    return 0;
  },
};
