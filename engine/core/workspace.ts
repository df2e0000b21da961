/** Memory in which one decision after the other is taken: made once per decider, as large as its revision needs. */
import type { CompiledRevision } from './compile-revision.ts';
import type { FailureBits } from './inverted-index.ts';
import { Highest } from './highest.ts';
import { RankedBest } from './ranked-best.ts';

/** Candidates a record holds in full (decision-record.ts). */
export const BEST_IN_FULL = 8;

export class Workspace {
  readonly compiled: CompiledRevision;
  /** The slots. */
  readonly x: Float64Array;
  /** Those of them that do not follow from a profile alone. */
  readonly changing: Float64Array;
  readonly bits: FailureBits;
  /** Per condition of context weights: 1 where it is true. */
  readonly contextTruth: Float64Array;
  /** Of no model, per action. */
  readonly noEvidence: Float64Array;
  /** Per action: index into REASONS of what stopped it, PASSED while nothing did. */
  readonly codes: Uint8Array<ArrayBuffer>;
  /** The candidates; the first so many of each array are in use. */
  readonly actions: Int32Array;
  readonly modelScore: Float64Array;
  readonly propensity: Float64Array;
  readonly contextWeight: Float64Array;
  readonly priority: Float64Array;
  /** What keeps a new prompt off the screen for now, by candidate. */
  readonly gate: Uint8Array;
  readonly ranked: {
    readonly stopped: RankedBest;
    readonly worthy: RankedBest;
    readonly showable: RankedBest;
  };
  /** By priority alone. */
  readonly highest = new Highest(BEST_IN_FULL);
  /** How often a decision was begun in it: whoever holds something of an earlier one can tell that it is gone. */
  begun = 0;

  constructor(compiled: CompiledRevision) {
    const { actions, maxChips } = compiled.revision;
    this.compiled = compiled;
    this.x = new Float64Array(compiled.slots.slots.length);
    this.changing = new Float64Array(compiled.changing.slots.length);
    this.bits = { failed: new Int32Array(actions.length), unknown: new Int32Array(actions.length) };
    this.contextTruth = new Float64Array(compiled.contextPredicates.length);
    this.noEvidence = new Float64Array(actions.length);
    this.codes = new Uint8Array(actions.length);
    this.actions = new Int32Array(actions.length);
    this.modelScore = new Float64Array(actions.length);
    this.propensity = new Float64Array(actions.length);
    this.contextWeight = new Float64Array(actions.length);
    this.priority = new Float64Array(actions.length);
    this.gate = new Uint8Array(actions.length);
    this.ranked = {
      stopped: new RankedBest(1),
      worthy: new RankedBest(1 + maxChips),
      showable: new RankedBest(1 + maxChips),
    };
  }
}
