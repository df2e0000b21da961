/** An ONNX file and a mapping → model.onnx and manifest.json, with golden inputs, ready to be signed. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { wordsOf } from '#contract/fault.ts';
import { ImportMapping } from '#contract/import-mapping.ts';
import { measureQuality } from '#learning';
import type { Command } from '../command.ts';
import { DATA_HELP, missingColumns, openDataFile } from '../datasets/data-file.ts';
import { readDataTable, sampleNotice } from '../datasets/data-table.ts';
import { rounded } from '../evaluation/evaluation.ts';
import { scoreRows } from '../evaluation/score-rows.ts';
import { packModel } from '../packing/pack-model.ts';

export const modelPack: Command = {
  summary: 'Make a bundle of an ONNX file and a mapping of its inputs',
  positionals: [],
  options: {
    onnx: { type: 'string', value: 'FILE', help: 'The model, as its maker exported it', required: true },
    mapping: { type: 'string', value: 'FILE', help: 'JSON: which fields fill which input, and which output is the answer', required: true },
    data: { type: 'string', value: 'FILE', help: DATA_HELP, required: true },
    label: { type: 'string', value: 'COLUMN', help: 'Column that says what became of it', required: true },
    positive: { type: 'string', value: 'VALUE', help: 'Its value for a positive', required: true },
    action: { type: 'string', value: 'COLUMN', help: 'Column naming the action; without it every row is about the first one' },
    out: { type: 'string', value: 'DIR', help: 'Folder for model.onnx and manifest.json', required: true },
    json: { type: 'boolean', help: 'Print the manifest without its golden inputs as one JSON line' },
  },
  notes:
    'The data gives golden inputs, evidence and the figures of the card; rows the model was not trained on make the figures honest. The packed model is compared with the original: all golden rows in one call against one by one. What a mapping may say is in docs/DECISIONS.md.',
  async run(given, terminal) {
    const mappingFile = given.required('mapping');
    let mapping: ImportMapping;
    try {
      mapping = ImportMapping.parse(JSON.parse(await readFile(mappingFile, 'utf8')));
    } catch (error) {
      if (error instanceof Error && 'code' in error) throw error;
      terminal.note(`${mappingFile} is no mapping: ${wordsOf(error)}`);
      return 1;
    }
    const onnxFile = given.required('onnx');
    const bytes = await readFile(onnxFile);
    const dataFile = given.required('data');
    const [label, positive, action] = [given.required('label'), given.required('positive'), given.text('action')];
    const source = await openDataFile(dataFile);
    const missing = missingColumns(source, [label, ...(action === undefined ? [] : [action])]);
    if (missing !== null) {
      terminal.note(missing);
      return 2;
    }
    const table = await readDataTable(source, (rows) => terminal.progress(`${rows} rows read`));
    const sampled = sampleNotice(table, dataFile);
    if (sampled !== null) terminal.note(sampled);
    const packed = await packModel(bytes, mapping, table, { label, positive, action });
    if (!packed.ok) {
      for (const fault of packed.faults) terminal.note(`${onnxFile}: ${fault}`);
      return 1;
    }
    if (packed.unknownActions > 0) terminal.note(`${packed.unknownActions} rows about actions the mapping does not name are left out`);
    const scored = await scoreRows(await openDataFile(dataFile), { label, positive, action }, packed.manifest, packed.onnx, (done) =>
      terminal.progress(`${done} rows scored`),
    );
    if (!scored.ok) {
      terminal.note(`${onnxFile}: ${scored.words}`);
      return 1;
    }
    const { auc, logLoss, brier, ece } = measureQuality(scored.scores, scored.outcomes);
    const card = { ...packed.manifest.card, auc: rounded(auc), logLoss: rounded(logLoss), brier: rounded(brier), ece: rounded(ece) };
    const manifest = { ...packed.manifest, card };
    const out = given.required('out');
    await mkdir(out, { recursive: true });
    await writeFile(path.join(out, 'model.onnx'), packed.onnx);
    await writeFile(path.join(out, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    const { golden, background, ...shown } = manifest;
    if (given.flag('json')) await terminal.print(JSON.stringify({ ...shown, golden: golden.length, background: background?.length ?? 0 }));
    else {
      await terminal.print(`${manifest.id} v${manifest.version} → ${out} (${manifest.bytes} bytes, ${manifest.onnx.slice(0, 12)})`);
      await terminal.print(`  ${golden.length} golden inputs, in one call as the original one by one`);
      await terminal.print(
        `  ${card.rows} rows, ${card.positives} positives: AUC ${card.auc}, log loss ${card.logLoss}, calibration error ${card.ece}`,
      );
    }
    return 0;
  },
};
