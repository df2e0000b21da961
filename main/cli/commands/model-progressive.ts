/** How good a model is that learns from each response as it comes: predict, then learn, in the order of the file. */
import { ColumnSignals, leakNotices, type Progress, ProgressiveValidation } from '#learning';
import type { Command, Given } from '../command.ts';
import { DATA_HELP, type DataFile, missingColumns, openDataFile } from '../datasets/data-file.ts';
import { timeLeft } from '../datasets/time-left.ts';
import { rounded } from '../evaluation/evaluation.ts';

const NOTE_EVERY = 1_000;
const MOST_LABELS = 6;

const namesIn = (given: Given, option: string): string[] =>
  given
    .list(option)
    .flatMap((names) => names.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '');

type Run =
  | { readonly ok: true; readonly progress: Progress; readonly notices: readonly string[] }
  | { readonly ok: false; readonly words: string };

const run = async (
  data: DataFile,
  label: string,
  positive: string,
  action: readonly string[],
  drop: readonly string[],
  onRow: (rows: number) => void,
): Promise<Run> => {
  const apart = new Set([label, ...action, ...drop]);
  const known = data.columns.length;
  const features = data.columns.filter((name) => !apart.has(name));
  const placesOf = (names: readonly string[]): number[] => names.map((name) => data.columns.indexOf(name));
  const [labelAt = -1] = placesOf([label]);
  const actionAt = placesOf(action);
  const featuresAt = placesOf(features);
  const validation = new ProgressiveValidation({ action, features });
  const signals = new ColumnSignals(features);
  const labels = new Set<string>();
  const actionCells: string[] = action.map(() => '');
  const featureCells: string[] = features.map(() => '');
  let rows = 0;
  for await (const { line, fields } of data.rows) {
    const found = (fields[labelAt] ?? '').trim();
    if (found === '') return { ok: false, words: `line ${line}: the label column "${label}" is empty; leave rows without an outcome out` };
    if (labels.size < MOST_LABELS) labels.add(found);
    for (let at = 0; at < actionAt.length; at++) actionCells[at] = (fields[actionAt[at] as number] ?? '').trim();
    for (let at = 0; at < featuresAt.length; at++) featureCells[at] = (fields[featuresAt[at] as number] ?? '').trim();
    const isPositive = found === positive;
    validation.take(actionCells, featureCells, isPositive);
    signals.take(featureCells, isPositive);
    rows += 1;
    if (rows % NOTE_EVERY === 0) onRow(rows);
  }
  if (rows === 0) return { ok: false, words: 'has a heading and no rows' };
  const progress = validation.progress();
  if (progress === null)
    return {
      ok: false,
      words: `${validation.model.positives} of ${rows} rows have "${positive}" in column "${label}" (values: ${[...labels].toSorted().join(', ')}); both kinds are needed. Name the positive one with --positive`,
    };
  const late = data.columns.slice(known).map((name) => `column "${name}" first appears late in the file and is left out`);
  return { ok: true, progress, notices: [...late, ...leakNotices(signals.signals(), progress.auc)] };
};

const figures = ({ auc, logLoss }: { readonly auc: number; readonly logLoss: number }) => ({
  auc: rounded(auc),
  logLoss: rounded(logLoss),
});

const inWords = (of: { readonly auc: number; readonly logLoss: number }): string =>
  `AUC ${rounded(of.auc)}, log loss ${rounded(of.logLoss)}`;

export const modelProgressive: Command = {
  summary: 'Measure a model that predicts, then learns, response by response',
  positionals: [],
  options: {
    data: { type: 'string', value: 'FILE', help: DATA_HELP, required: true },
    label: { type: 'string', value: 'COLUMN', help: 'Column that says what became of it', required: true },
    positive: { type: 'string', value: 'VALUE', help: 'Its value for a positive', required: true },
    drop: { type: 'string', value: 'A,B', help: 'Columns that are no features', multiple: true },
    action: {
      type: 'string',
      value: 'A,B',
      help: 'Columns that together name the action (channel, group, name …); their plain rate is the prior',
      multiple: true,
    },
    json: { type: 'boolean', help: 'Print the figures as one JSON line' },
  },
  notes:
    'One pass: what is said of a response knows only the responses before it. The last fifth is measured apart, for it shows whether the model keeps up when customers change. An empty cell is unknown.',
  async run(given, terminal) {
    const file = given.required('data');
    const label = given.required('label');
    const action = namesIn(given, 'action');
    const drop = namesIn(given, 'drop');
    if (action.includes(label) || drop.includes(label)) {
      terminal.note(`the label "${label}" cannot also be named with --action or --drop`);
      return 2;
    }
    const data = await openDataFile(file);
    const missing = missingColumns(data, [label, ...action, ...drop]);
    if (missing !== null) {
      terminal.note(missing);
      return 2;
    }
    const left = timeLeft();
    const ran = await run(data, label, given.required('positive'), action, drop, (rows) =>
      terminal.progress(`${rows} responses learnt from, ${left(data.share())}`),
    );
    if (!ran.ok) {
      terminal.note(`${file}: ${ran.words}`);
      return 1;
    }
    for (const notice of ran.notices) terminal.note(notice);
    const { n, positives, last20, ...all } = ran.progress;
    if (given.flag('json')) {
      await terminal.print(JSON.stringify({ n, ...figures(all), last20: last20 === null ? null : figures(last20) }));
      return 0;
    }
    await terminal.print(`${n} responses, ${positives} positive: ${inWords(all)}`);
    await terminal.print(`  the last fifth: ${last20 === null ? 'of one kind only, nothing to tell apart' : inWords(last20)}`);
    return 0;
  },
};
