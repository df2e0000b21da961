/**
 * A next-action model on recorded sessions, scored in the runtime that serves it: happy ones first, harder ones and unseen tasks
 * apart; then all of it once more as if what the agent typed had not been recorded.
 */
import { OnnxTextScorer } from '#adapters/onnx/onnx-text-scorer.ts';
import { NextActionManifest } from '#contract/text-model.ts';
import {
  actionNumbers,
  type ClassAnswer,
  chartAnswer,
  classAnswer,
  goldenMoment,
  measureClasses,
  type Moment,
  NextActionReader,
  softmax,
  untyped,
} from '#learning';
import { readFlowCharts, readSessions } from '../datasets/read-sessions.ts';
import { timeLeft } from '../datasets/time-left.ts';
import { type Evaluation, type Figures, rounded } from './evaluation.ts';

const inFigures = (answers: readonly ClassAnswer[]): Figures => {
  const { accuracy, weightedF1, top3, mrr, logLoss, brier, ece } = measureClasses(answers);
  const named = { accuracy, weightedF1, top3, mrr, logLoss, brier, ece };
  return { n: answers.length, ...Object.fromEntries(Object.entries(named).map(([name, value]) => [name, rounded(value)])) };
};

/** Answers by the kind of session; unseen ones are among the happy ones too. */
interface Answers {
  readonly happy: ClassAnswer[];
  readonly harder: ClassAnswer[];
  readonly unseen: ClassAnswer[];
}
const noAnswers = (): Answers => ({ happy: [], harder: [], unseen: [] });

const allFigures = ({ happy, harder, unseen }: Answers): Figures => ({
  ...inFigures(happy.length > 0 ? happy : harder),
  ...(happy.length > 0 && harder.length > 0 ? { harder: inFigures(harder) } : {}),
  ...(unseen.length > 0 && unseen.length < happy.length ? { unseen: inFigures(unseen) } : {}),
});

export const evaluateNextAction: Evaluation = async ({ bundle, manifest: raw, onnx }, file, given, terminal) => {
  const parsed = NextActionManifest.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { ok: false, code: 1, words: `${bundle} holds no next-action model: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}` };
  }
  const manifest = parsed.data;
  const folder = given.text('tasks');
  const reader = new NextActionReader(manifest, folder === undefined ? {} : await readFlowCharts(folder));
  const { sessions, leftOut } = await readSessions(file);
  const classes = manifest.actions.length;
  const scorer = new OnnxTextScorer();
  try {
    const loaded = await scorer.load({
      name: `${manifest.id} ${manifest.version}`,
      onnx,
      sha256: manifest.onnx,
      bytes: manifest.bytes,
      classes,
      golden: manifest.golden.flatMap(({ task, done, probabilities, scores }) => {
        const moment = goldenMoment(task, done);
        const [known, charted] = [reader.read(moment), reader.charted(moment)];
        return known?.kind === 'known' && charted !== null ? [{ row: known.row, probabilities, options: charted.places, scores }] : [];
      }),
    });
    if (!loaded.ok) return { ok: false, code: 1, words: `${bundle}: ${loaded.words}` };
    const numberOf = actionNumbers();
    for (const action of manifest.actions) numberOf(action);
    const answerOf = async (moment: Moment, label: string): Promise<ClassAnswer | string | null> => {
      const read = reader.read(moment);
      if (read === null) return null;
      if (read.kind === 'charted') {
        const scored = await scorer.scoreOptions(read.places);
        return scored.ok ? chartAnswer(softmax(scored.scores), read.options, label, numberOf) : scored.words;
      }
      const scored = await scorer.score([read.row]);
      return scored.ok ? classAnswer(scored.probabilities, classes, 0, manifest.actions.indexOf(label)) : scored.words;
    };
    const recorded = noAnswers();
    const withoutTyping = noAnswers();
    let isTypingRecorded = false;
    const unknown = new Map<string, number>();
    const left = timeLeft();
    for (const [at, { isHappy, examples }] of sessions.entries()) {
      terminal.progress(`${at} of ${sessions.length} sessions, ${left(at / sessions.length)}`);
      for (const { moment, label } of examples) {
        const answer = await answerOf(moment, label);
        if (typeof answer === 'string') return { ok: false, code: 1, words: `${bundle}: ${answer}` };
        if (answer === null) {
          unknown.set(moment.task, (unknown.get(moment.task) ?? 0) + 1);
          continue;
        }
        const unaided = moment.typed === null ? answer : await answerOf(untyped(moment), label);
        if (typeof unaided === 'string') return { ok: false, code: 1, words: `${bundle}: ${unaided}` };
        isTypingRecorded ||= moment.typed !== null;
        for (const [answers, own] of [
          [recorded, answer],
          [withoutTyping, unaided ?? answer],
        ] as const) {
          answers[isHappy ? 'happy' : 'harder'].push(own);
          if (isHappy && manifest.tasks[moment.task] === undefined) answers.unseen.push(own);
        }
      }
    }
    const { happy, harder } = recorded;
    if (happy.length + harder.length === 0)
      return {
        ok: false,
        code: 1,
        words: `${given.required('data')} holds no moment of a task the model knows (tasks there: ${[...unknown.keys()].slice(0, 8).join(', ')}); give flow charts of its tasks with --tasks`,
      };
    const unknownMoments = [...unknown.values()].reduce((sum, count) => sum + count, 0);
    return {
      ok: true,
      figures: {
        ...allFigures(recorded),
        ...(isTypingRecorded ? { untyped: allFigures(withoutTyping) } : {}),
      },
      notices: [
        ...(happy.length === 0 ? ['every session is of several tasks or off the happy path'] : []),
        ...(unknown.size === 0
          ? []
          : [
              `${unknownMoments} moments of tasks neither learnt nor charted are left out (${[...unknown.keys()].join(', ')}); give their flow charts with --tasks`,
            ]),
        ...(leftOut === 0 ? [] : [`the last ${leftOut} sessions are left out, there are too many`]),
      ],
    };
  } finally {
    await scorer.close();
  }
};
