/** Whether customers, or what a model says of them, have moved since, and whether the model still holds. */
import { type ModelAlert, modelAlerts, type ModelSignals, modelSignals, PSI_ACT, PSI_WATCH } from '#learning';
import type { Command } from '../command.ts';
import { DATA_HELP, type DataFile, missingColumns, openDataFile } from '../datasets/data-file.ts';
import { DataFileFault } from '../datasets/data-file-fault.ts';
import { timeLeft } from '../datasets/time-left.ts';
import { type DriftColumn, driftOf, readColumns } from '../statistics/drift-columns.ts';
import { rounded } from '../statistics/rounded.ts';
import { CONFIDENCE, shareOption } from '../statistics/share-option.ts';
import { NumberColumn } from '../statistics/number-column.ts';
import type { ValueCodes } from '../statistics/value-codes.ts';

type Level = 'steady' | 'watch' | 'act';

const WORDS: Readonly<Record<ModelAlert, string>> = {
  'no-lift': 'the model does not tell who says yes',
  'upside-down': 'the model is upside down: those it ranks highest say yes least',
  'predicts-too-much': 'the model says more than happens',
  'predicts-too-little': 'the model says less than happens',
};

export const evaluateDrift: Command = {
  summary: 'Tell what has moved since a model was trained, and whether it still holds',
  positionals: [],
  options: {
    data: { type: 'string', value: 'FILE', help: `Now. ${DATA_HELP}`, required: true },
    before: { type: 'string', value: 'FILE', help: 'Then: rows of the same kind, such as those the model was trained on', required: true },
    columns: { type: 'string', value: 'A,B', help: 'Columns to compare; all that both files have, where not given', multiple: true },
    score: { type: 'string', value: 'COLUMN', help: 'What the model said; with --label its quality now' },
    label: { type: 'string', value: 'COLUMN', help: 'What became of the row' },
    positive: { type: 'string', value: 'VALUE', help: 'Its value for a positive; 1 where not given' },
    watch: { type: 'string', value: 'PSI', help: `From here a column is to be watched; ${PSI_WATCH} where not given` },
    act: { type: 'string', value: 'PSI', help: `From here something is to be done; ${PSI_ACT} where not given` },
    confidence: CONFIDENCE,
    json: { type: 'boolean', help: 'Print the report as one JSON line' },
  },
  notes:
    'PSI over ten bins of a column of numbers, or the fifty most frequent values of one of names; unknown is a bin of its own. Exit code 1 where a column is to be acted on, or the model gives an alert that cannot be chance.',
  async run(given, terminal) {
    const confidence = shareOption(given, 'confidence', 0.95);
    const [watch, act] = [Number(given.text('watch') ?? PSI_WATCH), Number(given.text('act') ?? PSI_ACT)];
    if (confidence === null || !(watch > 0) || !(act >= watch)) {
      terminal.note('--confidence must be between 0 and 1, --watch above 0, and --act at least --watch');
      return 2;
    }
    const [now, then] = [await openDataFile(given.required('data')), await openDataFile(given.required('before'))];
    const asked = given.list('columns').flatMap((names) => names.split(','));
    const columns = asked.length > 0 ? asked : now.columns.filter((name) => then.columns.includes(name));
    const [score, label] = [given.text('score'), given.text('label')];
    const missing = missingColumns(now, [...columns, score ?? [], label ?? []].flat()) ?? missingColumns(then, columns);
    if (missing !== null || columns.length === 0) {
      terminal.note(missing ?? `${now.file} and ${then.file} have no column in common`);
      return 2;
    }
    const read = async (data: DataFile, names: readonly string[]) => {
      const left = timeLeft();
      return await readColumns(data, [...new Set(names)], (rows) =>
        terminal.progress(`${data.file}: ${rows} rows read, ${left(data.share())}`),
      );
    };
    const is = await read(now, [...columns, score ?? [], label ?? []].flat());
    const was = await read(then, columns);
    if (is.rows === 0 || was.rows === 0) {
      terminal.note(`${is.rows === 0 ? now.file : then.file} holds no rows`);
      return 1;
    }
    const drifted = columns
      .flatMap((column): readonly DriftColumn[] => {
        const [a, b] = [was.columns.get(column), is.columns.get(column)];
        return a === undefined || b === undefined ? [] : [driftOf(column, a, b)];
      })
      .map((one) => ({ ...one, level: levelOf(one.psi, watch, act) }))
      .toSorted((a, b) => b.psi - a.psi);
    const [scores, labels] = [is.columns.get(score ?? ''), is.columns.get(label ?? '')];
    const model =
      scores === undefined || labels === undefined
        ? null
        : signalsOf(now, { score: score ?? '', scores, labels }, given.text('positive') ?? '1', confidence);
    const alerts = model === null ? [] : modelAlerts(model);
    if (given.flag('json'))
      await terminal.print(JSON.stringify(rounded({ n: { before: was.rows, now: is.rows }, columns: drifted, model, alerts })));
    else {
      for (const { column, psi, level } of drifted) await terminal.print(`${level.padEnd(7)} ${psi.toFixed(4)}  ${column}`);
      if (model !== null)
        await terminal.print(
          `model: AUC ${model.auc?.estimate.toFixed(4) ?? '–'} (${model.auc?.low.toFixed(4) ?? '–'} to ${model.auc?.high.toFixed(4) ?? '–'}), says ${model.meanPredicted.toFixed(4)} where ${model.rate.estimate.toFixed(4)} say yes`,
        );
      for (const alert of alerts) await terminal.print(`ALERT ${WORDS[alert]}`);
    }
    return alerts.length > 0 || drifted.some(({ level }) => level === 'act') ? 1 : 0;
  },
};

const levelOf = (psi: number, watch: number, act: number): Level => {
  if (psi >= act) return 'act';
  return psi >= watch ? 'watch' : 'steady';
};

const signalsOf = (
  { file }: DataFile,
  { score, scores, labels }: { readonly score: string; readonly scores: ValueCodes; readonly labels: ValueCodes },
  positive: string,
  confidence: number,
): ModelSignals => {
  const numbers = new NumberColumn(file, score, { least: 0, most: 1 });
  const { names, codes } = scores;
  for (const [row, code] of codes.entries()) numbers.add(names[code] ?? '', row + 2);
  const isPositive = labels.names.map((name) => (name === positive ? 1 : 0));
  if (!labels.names.includes(positive)) throw new DataFileFault(file, `no label is "${positive}"; look at --positive`);
  return modelSignals(
    numbers.values,
    Float64Array.from(labels.codes, (code) => isPositive[code] ?? 0),
    confidence,
  );
};
