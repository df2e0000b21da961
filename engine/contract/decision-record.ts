/** The stored form of a decision: canonical JSON (RFC 8785), enough to reproduce it bit for bit with the core it names. */
import { z } from 'zod';
import { OwnLearning } from './learning.ts';
import { REFRAIN_REASONS, RUNGS } from './reason-codes.ts';
import { AtMs, Id, Sha256, Slug } from './text.ts';

const shown = z.strictObject({ actionId: Slug, treatmentId: Slug, role: z.enum(['primary', 'chip']) });

export const DecisionRecord = z.strictObject({
  v: z.literal(1),
  id: Id,
  deviceId: Id,
  agentId: Id,
  callId: Id,
  customerId: Id.nullable(),
  clock: z.int().min(0),
  atMs: AtMs,
  seed: z.int().min(0).max(0xffff_ffff),
  /** SHA-256 of the bundled core that decided. */
  core: Sha256,
  policy: Sha256,
  /** With an adaptive model: what the desk's own answers added to the base that `models` names last. */
  learnt: OwnLearning.optional(),
  /** Those that scored, the trained one first. */
  models: z.array(Sha256),
  /**
   * Of the card, or of there being none, over every draw: control, throttle and exploration. Only under a policy that explores; null in an
   * arm of an experiment, which does not.
   */
  probability: z.number().min(0).max(1).nullable().optional(),
  trigger: z.strictObject({ kind: z.string(), outcomeId: z.string().optional(), seq: z.number().optional(), type: z.string().optional() }),
  /** Everything the stages read, as they read it (core/facts.ts says which key is what); what is as usual is left out. */
  inputs: z.record(z.string(), z.unknown()),
  /** One letter of REASON_ALPHABET per action of the revision, in its order. */
  reasons: z.string().regex(/^[A-Za-z0-9_-]*$/),
  scores: z.strictObject({
    /**
     * The candidates shown and, where the core computed their scores, then those of the highest priority, 8 in all (earlier
     * cores: 16): their action numbers, and of each P, C and priority as little-endian 64-bit floats, base64. V and L are
     * the revision's; of the others they follow from the record when it is decided again.
     */
    best: z.strictObject({ actions: z.array(z.int().min(0)).max(16), pcp: z.base64() }),
    /** Over the priorities of all candidates in their order (core/checksum.ts); earlier cores wrote a SHA-256. */
    digest: z.string().regex(/^(?:[0-9a-f]{16}|[0-9a-f]{64})$/),
    /** Scores of a model the core does not compute itself, for all candidates in their order: 32-bit floats as core/packed-scores.ts packs them, base64. */
    f32: z.base64(),
    /** What the other of champion and challenger would have given, by its hash: packed the same, and without effect. */
    shadow: z.strictObject({ f32: z.base64(), model: Sha256 }).optional(),
  }),
  result: z.union([
    z.strictObject({ kind: z.literal('show'), prompts: z.array(shown).min(1).max(3) }),
    z.strictObject({ kind: z.literal('refrain'), reason: z.enum(REFRAIN_REASONS), value: z.number(), best: Slug.nullable() }),
  ]),
  rung: z.enum(RUNGS),
});
export type DecisionRecord = z.infer<typeof DecisionRecord>;
