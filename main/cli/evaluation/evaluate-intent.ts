/** An intent model on labelled utterances, read once and scored in the runtime that serves it. */
import { OnnxTextScorer } from '#adapters/onnx/onnx-text-scorer.ts';
import { IntentManifest } from '#contract/text-model.ts';
import {
  type ClassAnswer,
  classAnswer,
  IntentReader,
  isNoValue,
  measureClasses,
  OUT_OF_SCOPE,
  outOfScopeRecall,
  type SparseRow,
} from '#learning';
import { missingColumns, openDataFile } from '../datasets/data-file.ts';
import { timeLeft } from '../datasets/time-left.ts';
import { type Evaluation, rounded } from './evaluation.ts';

/** Rows scored at once: enough to be quick, few enough to stay in the processor's memory. */
const BATCH = 64;

export const evaluateIntent: Evaluation = async ({ bundle, manifest: raw, onnx }, file, given, terminal) => {
  const parsed = IntentManifest.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { ok: false, code: 1, words: `${bundle} holds no intent model: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}` };
  }
  const manifest = parsed.data;
  const text = given.text('text') ?? manifest.columns.text;
  const label = given.text('label') ?? manifest.columns.label;
  const data = await openDataFile(file);
  const missing = missingColumns(data, [text, label]);
  if (missing !== null) return { ok: false, code: 2, words: missing };
  const reader = new IntentReader(manifest);
  const { classes } = reader;
  const known = manifest.labels.length;
  const scorer = new OnnxTextScorer();
  try {
    const loaded = await scorer.load(reader.file(onnx));
    if (!loaded.ok) return { ok: false, code: 1, words: `${bundle}: ${loaded.words}` };
    const places = new Map(manifest.labels.map((name, at) => [name, at]));
    const [textAt, labelAt] = [data.columns.indexOf(text), data.columns.indexOf(label)];
    const answers: ClassAnswer[] = [];
    const unseen = new Map<string, number>();
    let unlabelled = 0;
    let waiting: { readonly row: SparseRow; readonly truth: number | null }[] = [];
    const score = async (): Promise<string | null> => {
      const scored = await scorer.score(waiting.map(({ row }) => row));
      if (!scored.ok) return scored.words;
      for (const [place, { truth }] of waiting.entries())
        answers.push(
          classAnswer(scored.probabilities.subarray(place * classes, (place + 1) * classes), known, manifest.leastConfidence, truth),
        );
      waiting = [];
      return null;
    };
    const left = timeLeft();
    for await (const { fields } of data.rows) {
      const said = fields[textAt] ?? '';
      const name = (fields[labelAt] ?? '').trim();
      if (isNoValue(name)) {
        unlabelled += 1;
        continue;
      }
      const truth = name === OUT_OF_SCOPE ? null : (places.get(name) ?? -1);
      if (truth === -1) unseen.set(name, (unseen.get(name) ?? 0) + 1);
      waiting.push({ row: reader.row(said), truth });
      if (waiting.length < BATCH) continue;
      const wrong = await score();
      if (wrong !== null) return { ok: false, code: 1, words: `${bundle}: ${wrong}` };
      terminal.progress(`${answers.length} rows scored, ${left(data.share())}`);
    }
    const wrong = await score();
    if (wrong !== null) return { ok: false, code: 1, words: `${bundle}: ${wrong}` };
    const unseenRows = [...unseen.values()].reduce((sum, count) => sum + count, 0);
    const inScope = answers.filter(({ truth }) => truth !== null).length;
    if (answers.length === 0 || (inScope > 0 && unseenRows === inScope))
      return {
        ok: false,
        code: 1,
        words: `${data.file}: none of ${answers.length} labelled rows has a label the model knows (column "${label}"); is it the right column?`,
      };
    const notices = [
      ...(unlabelled === 0 ? [] : [`${unlabelled} rows without a label are left out`]),
      ...(unseenRows === 0
        ? []
        : [`${unseenRows} rows have a label the model has never seen and count as wrong: ${[...unseen.keys()].slice(0, 5).join(', ')}`]),
    ];
    // Of rows that are out of scope one and all nothing else can be told.
    const quality = inScope === 0 ? { outOfScopeRecall: outOfScopeRecall(answers) } : measureClasses(answers);
    const figures = Object.fromEntries(Object.entries(quality).map(([name, value]) => [name, rounded(value)]));
    return { ok: true, figures: { n: answers.length, ...figures }, notices };
  } finally {
    await scorer.close();
  }
};
