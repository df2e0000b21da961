/** What was typed for a fairness report. */
import type { Given, OptionSpec } from '../command.ts';
import { DATA_HELP } from '../datasets/data-file.ts';
import type { FairnessColumns } from './fairness-rows.ts';
import { CONFIDENCE, shareOption } from './share-option.ts';

const LEAST_ROWS = 20;
const REDRAWS = 1_000;

export const FAIRNESS_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  data: { type: 'string', value: 'FILE', help: DATA_HELP, required: true },
  prediction: { type: 'string', value: 'COLUMN', help: 'Whether the row was selected, or its score with --threshold' },
  groups: { type: 'string', value: 'A,B', help: 'Columns of groups; several are also crossed', required: true, multiple: true },
  label: { type: 'string', value: 'COLUMN', help: 'What became of the row; without it there are no error rates' },
  positive: { type: 'string', value: 'VALUE', help: 'Value for yes of label and prediction, where they are not 1/0, true/false or yes/no' },
  threshold: { type: 'string', value: 'NUMBER', help: 'The prediction is a score, selected from here' },
  stage: {
    type: 'string',
    value: 'COLUMN',
    help: 'A report for each of its values: a row is one who reached the stage, selected = passed it',
  },
  bins: { type: 'string', value: 'COLUMN=N,N', help: 'Divide a column of numbers here; quartiles where not given', multiple: true },
  records: { type: 'string', value: 'FILE', help: 'Instead of --prediction: decision records; a report for each stage' },
  policy: { type: 'string', value: 'DIR', help: 'With --records: folder of the revision they were taken under' },
  actions: {
    type: 'string',
    value: 'A,B',
    help: 'With --records: actions, groups or issues of which any is to be reached',
    multiple: true,
  },
  customer: { type: 'string', value: 'COLUMN', help: 'With --records: customer of the row; "customerId" where not given' },
  least: { type: 'string', value: 'N', help: `Groups of fewer rows are suppressed; ${LEAST_ROWS} where not given` },
  thresholds: { type: 'string', value: 'FILE', help: 'What the council says is too far apart, as JSON' },
  redraws: { type: 'string', value: 'N', help: `Of the bootstrap; ${REDRAWS} where not given` },
  seed: { type: 'string', value: 'N', help: 'Of the bootstrap; 1 where not given' },
  confidence: CONFIDENCE,
  json: { type: 'boolean', help: 'Print the report as one JSON line' },
};

export interface ReportSettings {
  readonly leastRows: number;
  readonly confidence: number;
  readonly redraws: number;
  readonly seed: number;
}

/** In words what is wrong. */
export const settingsOf = (given: Given): ReportSettings | string => {
  const whole = (option: string, usual: number): number => Number(given.text(option) ?? usual);
  const leastRows = whole('least', LEAST_ROWS);
  const redraws = whole('redraws', REDRAWS);
  const seed = whole('seed', 1);
  const confidence = shareOption(given, 'confidence', 0.95);
  if (!Number.isInteger(leastRows) || leastRows < 1) return '--least must be a whole number from 1';
  if (!Number.isInteger(redraws) || redraws < 100 || redraws > 100_000) return '--redraws must be a whole number from 100 to 100000';
  if (!Number.isInteger(seed)) return '--seed must be a whole number';
  return confidence === null ? '--confidence must be a number between 0 and 1' : { leastRows, redraws, seed, confidence };
};

/** In words what is wrong. */
export const columnsOf = (given: Given): FairnessColumns | string => {
  const groups = given.list('groups').flatMap((names) => names.split(',').map((name) => name.trim()));
  if (groups.includes('') || new Set(groups).size < groups.length) return '--groups names a column twice, or one without a name';
  const threshold = given.text('threshold');
  if (threshold !== undefined && !Number.isFinite(Number(threshold))) return `--threshold must be a number, not "${threshold}"`;
  if ((given.text('prediction') === undefined) === (given.text('records') === undefined))
    return 'give either --prediction COLUMN or --records FILE';
  const bins = new Map<string, readonly number[]>();
  for (const text of given.list('bins')) {
    const [column = '', ends = ''] = text.split('=');
    const numbers = ends.split(',').map(Number);
    if (!groups.includes(column) || ends === '' || !numbers.every((end, i) => Number.isFinite(end) && end > (numbers[i - 1] ?? -Infinity)))
      return `--bins must be a column of --groups and rising numbers, such as age=25,40, not "${text}"`;
    bins.set(column, numbers);
  }
  return {
    prediction: given.text('prediction') ?? '',
    label: given.text('label') ?? null,
    groups,
    stage: given.text('stage') ?? null,
    positive: given.text('positive') ?? null,
    threshold: threshold === undefined ? null : Number(threshold),
    bins,
  };
};
