/** A model bundle: an ONNX file, and a manifest that says what goes in, what comes out and what it may be used for. */
import { z } from 'zod';
import { Signed } from './signature.ts';
import { Sha256, Slug } from './text.ts';

/** How one catalogue field becomes numbers of the feature vector. Unknown gives all zeros but for the `unknown` flag. */
export const FeatureDefinition = z.discriminatedUnion('kind', [
  /** One number: (value − mean) / scale, clipped to ±clip; then one flag that is 1 when unknown. */
  z.strictObject({
    kind: z.literal('number'),
    field: z.string(),
    mean: z.number(),
    scale: z.number().positive(),
    clip: z.number().positive(),
  }),
  /** One number per value, 1 for the value at hand; then the unknown flag. */
  z.strictObject({ kind: z.literal('one-hot'), field: z.string(), values: z.array(z.string()).min(1) }),
  /** One number: the one written for the value at hand, 0 for a value without one; then the unknown flag. */
  z.strictObject({
    kind: z.literal('coded'),
    field: z.string(),
    codes: z.array(z.strictObject({ value: z.string(), code: z.number() })).min(1),
  }),
  /** 1 for true, 0 for false; then the unknown flag. */
  z.strictObject({ kind: z.literal('flag'), field: z.string() }),
  /** One number per value contained in a field of type `set`; then the unknown flag. */
  z.strictObject({ kind: z.literal('contains'), field: z.string(), values: z.array(z.string()).min(1) }),
]);
export type FeatureDefinition = z.infer<typeof FeatureDefinition>;

export const Transparency = z.int().min(1).max(5);

/** Columns of the table it was trained from, so that another table of that form can be measured without naming them again. */
const TrainedColumns = z.strictObject({
  label: z.string(),
  positive: z.string(),
  action: z.string().optional(),
  /** Left out on purpose. */
  dropped: z.array(z.string()).optional(),
});

/**
 * Graph contract of a propensity model: inputs `features` float32 [N, F] and `action` int64 [N] (index into `actions`),
 * output `propensity` float32 [N]. One call scores all candidates of a decision.
 */
export const ModelManifest = z
  .strictObject({
    id: Slug,
    kind: z.literal('propensity'),
    version: z.int().min(1),
    /** How well people can follow it, from 1 (opaque) to 5: an issue of a policy may ask for a least (docs/POLICY.md). Absent = 1. */
    transparency: Transparency.optional(),
    /** The last day on which it may be used, in UTC; absent = no end. */
    validTo: z.iso.date().optional(),
    /** SHA-256 of the ONNX file's bytes. */
    onnx: Sha256,
    bytes: z.int().min(1),
    features: z.array(FeatureDefinition).min(1),
    /** Width F of the feature vector, the flags included. */
    width: z.int().min(1),
    columns: TrainedColumns.optional(),
    /** What the model knows of each action: ME and positives for the smoothing and the throttle. */
    actions: z.array(z.strictObject({ id: Slug, evidence: z.number().min(0), positives: z.number().min(0) })),
    /** Inputs with the outputs they must give (relative 1e-5), checked before the model is used. */
    golden: z.array(z.strictObject({ features: z.array(z.number()), action: z.int().min(0), propensity: z.number() })).min(1),
    /**
     * Feature vectors that contributions are measured against (interventional Shapley values): customers as they are on the
     * whole. Absent = those of `golden`.
     */
    background: z.array(z.array(z.number())).min(1).max(1_000).optional(),
    card: z.strictObject({
      trainedOn: Sha256,
      rows: z.int(),
      positives: z.int(),
      auc: z.number(),
      logLoss: z.number(),
      brier: z.number(),
      ece: z.number(),
    }),
  })
  .refine(({ width, background = [] }) => background.every((row) => row.length === width), {
    path: ['background'],
    message: 'a row of the background is not as wide as the feature vector',
  });
export type ModelManifest = z.infer<typeof ModelManifest>;

/** A bundle on the wire. `hash` is the SHA-256 of the manifest's canonical JSON, and the manifest names the ONNX file's own. */
export const ModelBundle = z.strictObject({ hash: Sha256, manifest: ModelManifest, onnxBase64: z.string(), signed: Signed.optional() });
export type ModelBundle = z.infer<typeof ModelBundle>;

/**
 * A model the core computes itself: per action an intercept and one weight per feature column, in log-odds.
 * P = 1 / (1 + exp(−(intercept + Σ weight × feature))). `hash` of a bundle is the SHA-256 of this manifest's canonical JSON.
 */
export const AdditiveManifest = z.strictObject({
  id: Slug,
  kind: z.literal('additive'),
  version: z.int().min(1),
  features: z.array(FeatureDefinition).min(1),
  /** Width F of the feature vector, the flags included. */
  width: z.int().min(1),
  actions: z.array(
    z.strictObject({
      id: Slug,
      evidence: z.number().min(0),
      positives: z.number().min(0),
      intercept: z.number(),
      /** F 64-bit floats, little-endian, base64. */
      weights: z.base64(),
    }),
  ),
});
export type AdditiveManifest = z.infer<typeof AdditiveManifest>;

const Token = z.int().min(-1);
const Numbers = z.array(z.number());
/** A cell as a table or a profile holds it; null = unknown. */
const AdaptiveCell = z.union([z.string(), z.number(), z.boolean()]);

/**
 * What an adaptive model has learnt, whole: going on from here gives the same bits as never having stopped. Its name is the
 * SHA-256 of its canonical JSON.
 */
export const AdaptiveState = z.strictObject({
  /** Columns that name the action, broadest first, and columns that may say more. */
  action: z.array(z.string()),
  features: z.array(z.string()),
  responses: z.int().min(0),
  positives: z.int().min(0),
  /** Per action: the values of its columns, responses and positives. */
  evidence: z.array(z.strictObject({ action: z.array(AdaptiveCell.nullable()), responses: z.int().min(1), positives: z.int().min(0) })),
  encoder: z.strictObject({
    size: z.int().min(1),
    combinations: z.int().min(0),
    parts: z.array(z.array(z.tuple([AdaptiveCell, Token]))),
    pairs: z.array(z.array(z.tuple([z.number(), Token]))),
    ways: z.array(z.array(z.tuple([z.number(), Token]))),
    columns: z.array(
      z.strictObject({
        unknown: Token,
        rare: Token,
        distance: Token,
        bins: z.array(Token),
        count: z.int().min(0),
        mean: z.number(),
        squares: z.number(),
        /** Value, its token, how often it was met. */
        values: z.array(z.tuple([AdaptiveCell, Token, z.int().min(1)])),
      }),
    ),
  }),
  mixture: z.strictObject({
    mean: Numbers,
    variance: Numbers,
    learntAt: Numbers,
    belief: Numbers,
    stack: Numbers,
    covariance: Numbers,
    stackBelief: z.number(),
  }),
});
export type AdaptiveState = z.infer<typeof AdaptiveState>;
