/** A table of recorded responses → model.onnx and manifest.json. */
import { FORMS, type PropensitySettings, trainPropensity } from '#learning';
import type { FieldDefinition } from '#contract/policy.ts';
import type { Command } from '../command.ts';
import { DATA_HELP, missingColumns, openDataFile } from '../datasets/data-file.ts';
import { readDataTable, sampleNotice } from '../datasets/data-table.ts';
import { timeLeft } from '../datasets/time-left.ts';
import { readFieldCatalogue } from '../read-field-catalogue.ts';
import { readVersion } from '../read-version.ts';
import { sha256, writeBundle } from '../write-bundle.ts';

type Monotone = NonNullable<PropensitySettings['monotone']>;

/** `A:up` and `B:down`; a string says what is none of these. */
const monotoneOf = (given: readonly string[]): Monotone | string => {
  const directions: [string, 1 | -1][] = [];
  for (const one of given.flatMap((names) => names.split(',')).map((name) => name.trim())) {
    const [, field, way] = /^(.+):(up|down)$/.exec(one) ?? [];
    if (field === undefined) return one;
    directions.push([field, way === 'up' ? 1 : -1]);
  }
  return new Map(directions);
};

export const modelTrainPropensity: Command = {
  summary: 'Train how likely a customer says yes, from recorded responses',
  positionals: [],
  options: {
    data: { type: 'string', value: 'FILE', help: DATA_HELP, required: true },
    label: { type: 'string', value: 'COLUMN', help: 'Column that says what became of it', required: true },
    positive: { type: 'string', value: 'VALUE', help: 'Its value for a positive', required: true },
    out: { type: 'string', value: 'DIR', help: 'Folder for model.onnx and manifest.json', required: true },
    action: { type: 'string', value: 'COLUMN', help: 'Column naming the action; without it there is one action, "any"' },
    drop: { type: 'string', value: 'A,B', help: 'Columns that are no features', multiple: true },
    fields: { type: 'string', value: 'FILE', help: "The revision's fields.yaml; without it types are inferred from the values" },
    monotone: {
      type: 'string',
      value: 'A:up,B:down',
      help: 'Numbers that may only raise, or only lower, the propensity as they grow',
      multiple: true,
    },
    form: { type: 'string', value: 'FORM', help: 'How it adds up; without it the form that foretold unseen rows better', oneOf: FORMS },
    name: { type: 'string', value: 'NAME', help: 'Name of the model; "propensity" where not given' },
    version: { type: 'string', value: 'NUMBER', help: 'Version of the model; 1 where not given' },
    json: { type: 'boolean', help: 'Print the manifest without its golden inputs as one JSON line' },
  },
  notes:
    'An empty cell is unknown. Protected attributes are refused as features. The figures printed are from rows the fit did not touch; the same table gives the same bytes.',
  async run(given, terminal) {
    const version = readVersion(given, terminal);
    if (version === null) return 2;
    const monotone = monotoneOf(given.list('monotone'));
    if (typeof monotone === 'string') {
      terminal.note(`--monotone takes a column and up or down, as in tenure:down, not "${monotone}"`);
      return 2;
    }
    const form = FORMS.find((name) => name === given.text('form'));
    let fields: readonly FieldDefinition[] | null = null;
    const fieldsFile = given.text('fields');
    if (fieldsFile !== undefined) {
      const catalogue = await readFieldCatalogue(fieldsFile);
      if (!catalogue.ok) {
        terminal.note(catalogue.reason);
        return 1;
      }
      fields = catalogue.fields;
    }
    const data = given.required('data');
    const source = await openDataFile(data);
    const named = [given.required('label'), given.text('action') ?? [], given.list('drop').flatMap((names) => names.split(','))].flat();
    const missing = missingColumns(source, named);
    if (missing !== null) {
      terminal.note(missing);
      return 2;
    }
    const left = timeLeft();
    const table = await readDataTable(source, (rows) => terminal.progress(`${rows} rows read, ${left(source.share())}`));
    const sampled = sampleNotice(table, data);
    if (sampled !== null) terminal.note(sampled);
    const action = given.text('action');
    const training = trainPropensity(table, {
      id: given.text('name') ?? 'propensity',
      version,
      label: given.required('label'),
      positive: given.required('positive'),
      ...(action === undefined ? {} : { action }),
      drop: given.list('drop').flatMap((names) => names.split(',')),
      ...(form === undefined ? {} : { form }),
      monotone,
      fields,
      trainedOn: table.sha256,
      sha256,
      onStep: (step) => terminal.progress(step),
    });
    if (!training.ok) {
      for (const fault of training.faults) terminal.note(`${data}: ${fault.detail}`);
      return training.faults.every(({ code }) => code === 'no-such-column') ? 2 : 1;
    }
    const { manifest, onnx, notices } = training;
    for (const notice of notices) terminal.note(notice);
    const out = given.required('out');
    await writeBundle(out, manifest, onnx);
    const { golden, ...shown } = manifest;
    if (given.flag('json')) await terminal.print(JSON.stringify({ ...shown, golden: golden.length }));
    else {
      const { rows, positives, auc, logLoss, brier, ece } = manifest.card;
      await terminal.print(`${manifest.id} v${version} → ${out} (${manifest.bytes} bytes, ${manifest.onnx.slice(0, 12)})`);
      await terminal.print(
        `  ${rows} rows, ${positives} positives, ${manifest.actions.length} actions, ${manifest.features.length} features of width ${manifest.width}, ${training.form} form`,
      );
      await terminal.print(`  on rows not touched: AUC ${auc}, log loss ${logLoss}, Brier ${brier}, calibration error ${ece}`);
    }
    return 0;
  },
};
