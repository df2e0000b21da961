/** Situations decided under two revisions, from requests, which have everything. */
import { asGroup, type Compared, outcomeOf } from '#central/policy/record-situations.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import type { Propensities, RequestDecider } from '../decide/request-decider.ts';

const bad = (reason: string): Compared => ({ ok: false, reason });

export class RequestSituations {
  readonly #before: RequestDecider;
  readonly #after: RequestDecider;
  readonly #by: readonly string[];

  /** `by` are the fields customers are grouped by, as the old revision's stages see them. */
  constructor(before: RequestDecider, after: RequestDecider, by: readonly string[]) {
    this.#before = before;
    this.#after = after;
    this.#by = by;
  }

  async compare(inputs: DecisionInputs, propensities: Propensities | undefined): Promise<Compared> {
    const was = await this.#before.decide(inputs, propensities);
    if (!was.ok) return bad(was.reason);
    const before = outcomeOf(was.decision, was.candidates.facts);
    const values = new Map(this.#by.map((path) => [path, asGroup(was.candidates.field(path))]));
    const is = await this.#after.decide(inputs, propensities);
    if (!is.ok) return bad(is.reason);
    const after = outcomeOf(is.decision, is.candidates.facts);
    const { call, nowMs } = inputs;
    const customer = call.customerId ?? call.callId;
    return { ok: true, situation: { atMs: nowMs, customer, before, after, missing: [], groupOf: (path) => values.get(path) ?? null } };
  }
}
