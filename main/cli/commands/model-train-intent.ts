/** Labelled utterances → model.onnx and manifest.json of a model that tells intents. */
import { trainIntent } from '#learning';
import type { Command } from '../command.ts';
import { DATA_HELP, missingColumns, openDataFile } from '../datasets/data-file.ts';
import { readDataTable, sampleNotice } from '../datasets/data-table.ts';
import { timeLeft } from '../datasets/time-left.ts';
import { readVersion } from '../read-version.ts';
import { sha256, writeBundle } from '../write-bundle.ts';

/** More rows than this teach a network of this size little, and take hours. */
const LIMITS = { mostRows: 100_000, mostCharacters: 50_000_000 };

export const modelTrainIntent: Command = {
  summary: 'Train what an utterance is about, from labelled utterances',
  positionals: [],
  options: {
    data: { type: 'string', value: 'FILE', help: DATA_HELP, required: true },
    text: { type: 'string', value: 'COLUMN', help: 'Column with what was said', required: true },
    label: { type: 'string', value: 'COLUMN', help: 'Column with what it is about; "oos" = none of the others', required: true },
    out: { type: 'string', value: 'DIR', help: 'Folder for model.onnx and manifest.json', required: true },
    name: { type: 'string', value: 'NAME', help: 'Name of the model; "intent" where not given' },
    version: { type: 'string', value: 'NUMBER', help: 'Version of the model; 1 where not given' },
    json: { type: 'boolean', help: 'Print the manifest without its n-grams and golden inputs as one JSON line' },
  },
  notes:
    'The model refuses what it is not sure of; how sure it must be is chosen on rows kept back from the fit, and so are the figures printed. The same table gives the same bytes.',
  async run(given, terminal) {
    const version = readVersion(given, terminal);
    if (version === null) return 2;
    const data = given.required('data');
    const text = given.required('text');
    const label = given.required('label');
    const source = await openDataFile(data);
    const missing = missingColumns(source, [text, label]);
    if (missing !== null) {
      terminal.note(missing);
      return 2;
    }
    const readLeft = timeLeft();
    const table = await readDataTable(source, (rows) => terminal.progress(`${rows} rows read, ${readLeft(source.share())}`), LIMITS);
    const sampled = sampleNotice(table, data);
    if (sampled !== null) terminal.note(sampled);
    const left = timeLeft();
    const training = trainIntent(table, {
      id: given.text('name') ?? 'intent',
      version,
      text,
      label,
      trainedOn: table.sha256,
      sha256,
      onStep: (share) => terminal.progress(`learning: ${left(share)}`),
    });
    if (!training.ok) {
      for (const fault of training.faults) terminal.note(`${data}: ${fault.detail}`);
      return 1;
    }
    const { manifest, onnx, notices } = training;
    for (const notice of notices) terminal.note(`${data}: ${notice}`);
    const out = given.required('out');
    const bytes = await writeBundle(out, manifest, onnx);
    const { golden, features, ...shown } = manifest;
    if (given.flag('json')) await terminal.print(JSON.stringify({ ...shown, nGrams: features.size, golden: golden.length }));
    else {
      const { rows, outOfScopeRows, measuredOn, accuracy, weightedF1, outOfScopeRecall, ece } = manifest.card;
      await terminal.print(`${manifest.id} v${version} → ${out} (${bytes} bytes, ${manifest.onnx.slice(0, 12)})`);
      await terminal.print(`  ${rows} rows, ${manifest.labels.length} labels, ${outOfScopeRows} out of scope, ${features.size} n-grams`);
      const outside = outOfScopeRecall === undefined ? '' : `, ${outOfScopeRecall} of what is out of scope refused`;
      await terminal.print(
        `  on ${measuredOn} rows not touched: accuracy ${accuracy}, weighted F1 ${weightedF1}${outside}, calibration error ${ece}`,
      );
    }
    return 0;
  },
};
