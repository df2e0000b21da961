/** Models of text: an ONNX file, and a manifest that says how text becomes its input and what comes out. */
import { z } from 'zod';
import { Sha256, Slug } from './text.ts';

/** Which n-grams of a text are looked at (engine/learning/text/n-grams.ts says how). */
export const NGramForm = z.strictObject({
  /** Runs of up to so many words. */
  runs: z.int().min(1).max(4),
  /** Pairs of words up to so many places apart; 0 or 1 = none. */
  reach: z.int().min(0).max(8),
  /** Pieces of words of from … to characters. */
  pieces: z.tuple([z.int().min(1).max(8), z.int().min(0).max(8)]),
  /** Earlier texts of the same person that are looked at; 0 = a text is read by itself. */
  before: z.int().min(0).max(4),
  /** Whether runs in which words the model does not know are told by their looks alone are looked at; absent = they are not. */
  unknown: z.boolean().optional(),
});
export type NGramForm = z.infer<typeof NGramForm>;

/** The signs a model knows: n-grams and, where it looks at more than text, others. */
export const VocabularyData = z.strictObject({
  /** Number of signs. Place 0 of the model's table is padding, sign i has place i + 1. */
  size: z.int().min(0).max(1_000_000),
  /** Per sign, by rising hash: its hash (unsigned 32 bits) and its weight (32-bit float), little-endian, base64. */
  nGrams: z.base64(),
});
export type VocabularyData = z.infer<typeof VocabularyData>;

/** How a text becomes a sparse row (engine/learning/text/vocabulary.ts says how). */
const TextFeatures = VocabularyData.extend({ form: NGramForm });

/** What the figures of a card were measured on, and how good it was there: rows the fit did not touch. */
const IntentCard = z.strictObject({
  trainedOn: Sha256,
  rows: z.int(),
  outOfScopeRows: z.int(),
  /** Rows kept back for choosing the threshold and for these figures. */
  measuredOn: z.int(),
  accuracy: z.number(),
  weightedF1: z.number(),
  top3: z.number(),
  outOfScopeRecall: z.number().optional(),
  logLoss: z.number(),
  brier: z.number(),
  ece: z.number(),
});

/**
 * Graph contract of an intent model: inputs `places` int64 [N, K] and `weights` float32 [N, K] (rows of `features`, filled up with
 * place 0), output `probabilities` float32 [N, C]: one for each of `labels`, in their order, and where `outOfScope` a last one
 * for what belongs to none of them. Confidence = the highest probability of a label, or with that last one h / (h + last); a text
 * is refused where its confidence is below `leastConfidence`.
 */
export const IntentManifest = z
  .strictObject({
    id: Slug,
    kind: z.literal('intent'),
    version: z.int().min(1),
    /** The last day on which it may be used, in UTC; absent = no end. */
    validTo: z.iso.date().optional(),
    /** SHA-256 of the ONNX file's bytes. */
    onnx: Sha256,
    bytes: z.int().min(1),
    /** Columns of the table it was trained from. */
    columns: z.strictObject({ text: z.string(), label: z.string() }),
    features: TextFeatures,
    labels: z.array(z.string().min(1)).min(2),
    outOfScope: z.boolean(),
    leastConfidence: z.number().min(0).max(1),
    /** Texts made of the labels' words, with the probabilities they must give (absolute 1e-5), checked before the model is used. */
    golden: z.array(z.strictObject({ text: z.string(), probabilities: z.array(z.number()) })).min(1),
    card: IntentCard,
  })
  .refine(({ labels, outOfScope, golden }) => golden.every((one) => one.probabilities.length === labels.length + (outOfScope ? 1 : 0)), {
    path: ['golden'],
    message: 'a golden output has another number of probabilities than there are labels',
  });
export type IntentManifest = z.infer<typeof IntentManifest>;

/** A task's flow chart as it is written: `replies` names every node with its words, `graph` the node after a node. */
export const FlowChartFile = z.looseObject({
  task: z.string().min(1),
  replies: z.record(z.string(), z.string()),
  graph: z.record(z.string(), z.string()),
});
export type FlowChartFile = z.infer<typeof FlowChartFile>;

const ActionFigures = z.strictObject({
  n: z.int(),
  accuracy: z.number(),
  weightedF1: z.number(),
  top3: z.number(),
  logLoss: z.number(),
});

const NextActionFigures = z.strictObject({
  /** On sessions kept back, one task each and as the flow chart wants. */
  happy: ActionFigures.optional(),
  harder: ActionFigures.optional(),
  /** On tasks left out of training, by their flow charts alone. */
  unseen: ActionFigures.extend({ tasks: z.array(z.string()) }).optional(),
});

/**
 * Graph contract of a next-action model: inputs `places` int64 [N, K] and `weights` float32 [N, K] (what a moment of a known task
 * looks like) and `options` int64 [M, L] (signals of an action of any task's flow chart, filled up with place 0); outputs
 * `probabilities` float32 [N, C], one for each of `actions`, and `scores` float32 [M]: P(action) = softmax over a chart's actions.
 */
export const NextActionManifest = z.strictObject({
  id: Slug,
  kind: z.literal('next-action'),
  version: z.int().min(1),
  /** The last day on which it may be used, in UTC; absent = no end. */
  validTo: z.iso.date().optional(),
  /** SHA-256 of the ONNX file's bytes. */
  onnx: Sha256,
  bytes: z.int().min(1),
  /** Flow charts of the tasks it has learnt, by the tasks' names. */
  tasks: z.record(z.string(), FlowChartFile),
  /** What agents do in the tasks it has learnt. */
  actions: z.array(z.string().min(1)).min(2),
  signs: VocabularyData,
  /** Actions that agents take in many tasks, whether they are in the flow chart or not. */
  common: z.array(z.string()),
  signals: VocabularyData,
  /** Moments made of the flow charts, with what they must give (absolute 1e-5), checked before the model is used. */
  golden: z
    .array(z.strictObject({ task: z.string(), done: z.array(z.string()), probabilities: z.array(z.number()), scores: z.array(z.number()) }))
    .min(1),
  card: NextActionFigures.extend({
    trainedOn: Sha256,
    sessions: z.int(),
    moments: z.int(),
    /** The same moments without what the agent had typed by then; absent where the recordings do not have it. */
    untyped: NextActionFigures.optional(),
  }),
});
export type NextActionManifest = z.infer<typeof NextActionManifest>;
