/** How good a model bundle is on rows it has not seen: which figures, its kind says. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { wordsOf } from '#contract/fault.ts';
import { z } from 'zod';
import type { Command } from '../command.ts';
import { DATA_HELP } from '../datasets/data-file.ts';
import { evaluateIntent } from '../evaluation/evaluate-intent.ts';
import type { Evaluation, Figures } from '../evaluation/evaluation.ts';
import { evaluateNextAction } from '../evaluation/evaluate-next-action.ts';
import { evaluatePropensity } from '../evaluation/evaluate-propensity.ts';

const Kind = z.looseObject({ kind: z.string() });

const EVALUATIONS: Readonly<Record<string, Evaluation>> = {
  intent: evaluateIntent,
  'next-action': evaluateNextAction,
  propensity: evaluatePropensity,
};

const WORDS: Readonly<Record<string, string>> = {
  n: 'rows',
  weightedF1: 'weighted F1',
  top3: 'top 3',
  mrr: 'mean reciprocal rank',
  outOfScopeRecall: 'out-of-scope recall',
  auc: 'AUC',
  logLoss: 'log loss',
  brier: 'Brier',
  ece: 'calibration error',
};

const inWords = (figures: Figures): string =>
  Object.entries(figures)
    .map(([name, value]) => (typeof value === 'number' ? `${WORDS[name] ?? name} ${value}` : `\n  ${name}: ${inWords(value)}`))
    .join(', ')
    .replaceAll(', \n', '\n');

export const modelEvaluate: Command = {
  summary: 'Measure a model bundle on rows it has not seen',
  positionals: [],
  options: {
    bundle: { type: 'string', value: 'DIR', help: 'Folder with model.onnx and manifest.json', required: true },
    data: { type: 'string', value: 'FILE', help: DATA_HELP, required: true },
    tasks: { type: 'string', value: 'DIR', help: 'Flow charts of tasks a next-action model has not learnt, one JSON file a task' },
    text: { type: 'string', value: 'COLUMN', help: 'Column with what was said, if not the one it was trained with' },
    label: { type: 'string', value: 'COLUMN', help: 'Column that says what is true, if not the one it was trained with' },
    positive: { type: 'string', value: 'VALUE', help: 'Its value for a positive, if not the one it was trained with' },
    action: { type: 'string', value: 'COLUMN', help: 'Column naming the action, if not the one it was trained with' },
    json: { type: 'boolean', help: 'Print the figures as one JSON line' },
  },
  notes:
    'The bundle remembers the columns it was trained with, and is used only after its hash and its golden inputs hold. Rows about actions it does not know are counted and left out. Measured on the rows it was trained on, a model flatters itself.',
  async run(given, terminal) {
    const bundle = given.required('bundle');
    const manifestFile = path.join(bundle, 'manifest.json');
    let manifest: unknown;
    let kind: string;
    try {
      manifest = JSON.parse(await readFile(manifestFile, 'utf8'));
      ({ kind } = Kind.parse(manifest));
    } catch (error) {
      if (error instanceof Error && 'code' in error) throw error;
      terminal.note(`${manifestFile} is no manifest: ${wordsOf(error)}`);
      return 1;
    }
    const evaluation = EVALUATIONS[kind];
    if (evaluation === undefined) {
      terminal.note(
        `${manifestFile}: there are no figures for a model of kind "${kind}"; there are for ${Object.keys(EVALUATIONS).join(', ')}`,
      );
      return 1;
    }
    const onnx = await readFile(path.join(bundle, 'model.onnx'));
    const measured = await evaluation({ bundle, manifest, onnx }, given.required('data'), given, terminal);
    if (!measured.ok) {
      terminal.note(measured.words);
      return measured.code;
    }
    for (const notice of measured.notices) terminal.note(notice);
    await terminal.print(given.flag('json') ? JSON.stringify(measured.figures) : inWords(measured.figures));
    return 0;
  },
};
