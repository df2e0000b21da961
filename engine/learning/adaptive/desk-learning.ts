/**
 * What a desk knows of late: the base central signed, and what was answered at this desk since.
 *
 *   base (state, covers own answers up to a moment of the desk's clock) ── + own responses since, in (when, id) order ──► a model with an address
 *
 * A call keeps the model it began with until it ends, so a propensity does not move while somebody talks. A base that covers own
 * responses makes them superfluous. The address names base and responses by their content: whoever has both comes to the same model.
 */
import type { AdaptiveState } from '#contract/model.ts';
import { canonicalJson } from '#core';
import type { Sha256 } from '#ports/randomness.ts';
import { AdaptiveModel } from './adaptive-model.ts';
import type { LearningResponse } from './outcome-replay.ts';
import type { Cell } from './response-encoder.ts';

export interface LearningBase {
  /** What records call it by. */
  readonly name: string;
  /** SHA-256 of the state's canonical JSON, as it was signed. */
  readonly hash: string;
  readonly state: AdaptiveState;
  /** The desk's logical clock at the last own answer that is in it. */
  readonly covers: number;
}

export interface OwnResponse extends LearningResponse {
  /** The desk's logical clock when it was given. */
  readonly clock: number;
}

/** How much a desk adds to what is known of one action. */
export interface OwnEvidence {
  readonly action: readonly Cell[];
  readonly responses: number;
  readonly positives: number;
}

/** Learns no more: it is asked and nothing else. */
export interface FrozenModel extends Pick<AdaptiveModel, 'shape' | 'propensity' | 'apart' | 'evidence'> {
  /** SHA-256 over the base's hash and the own responses, in order. */
  readonly address: string;
  /** The base's name. */
  readonly base: string;
  /** By action; empty where the base is all there is. */
  readonly own: readonly OwnEvidence[];
}

/** Calls whose model is kept; nobody has so many at once. */
const MOST_CALLS = 16;

const utf8 = new TextEncoder();

const inOrder = (responses: readonly OwnResponse[]): readonly OwnResponse[] =>
  responses.toSorted((a, b) => a.occurredAtMs - b.occurredAtMs || (a.id < b.id ? -1 : Number(a.id > b.id)));

export class DeskLearning {
  readonly #sha256: Sha256;
  #base: LearningBase;
  /** By the desk's clock. */
  #own: readonly OwnResponse[] = [];
  #now: FrozenModel | null = null;
  readonly #calls = new Map<string, FrozenModel>();

  /** Throws a RangeError where the base is not what its hash says. */
  constructor(base: LearningBase, sha256: Sha256) {
    this.#sha256 = sha256;
    this.#base = this.#checked(base);
  }

  get base(): LearningBase {
    return this.#base;
  }

  /** Own responses the base does not cover, by the desk's clock. */
  get own(): readonly OwnResponse[] {
    return this.#own;
  }

  /** All that was answered here, as it stands: an answer may have been taken back. What the base covers is left out. */
  tell(responses: readonly OwnResponse[]): void {
    this.#own = responses.filter(({ clock }) => clock > this.#base.covers).toSorted((a, b) => a.clock - b.clock);
    this.#now = null;
  }

  /** A newer base; own responses it covers are dropped. One that covers less than the present one is refused: false. */
  install(base: LearningBase): boolean {
    const checked = this.#checked(base);
    if (checked.covers < this.#base.covers) return false;
    this.#base = checked;
    this.tell(this.#own);
    return true;
  }

  /** Whether a call has its model. */
  isFrozen(callId: string): boolean {
    return this.#calls.has(callId);
  }

  /** The model of a call: the one there was when it was first asked for, until the call ends. */
  during(callId: string): FrozenModel {
    const known = this.#calls.get(callId);
    if (known !== undefined) return known;
    const [oldest] = this.#calls.keys();
    if (this.#calls.size >= MOST_CALLS && oldest !== undefined) this.#calls.delete(oldest);
    const now = this.now();
    this.#calls.set(callId, now);
    return now;
  }

  /**
   * A call that goes on after a restart: its model is made again from the base it was on and as many of the responses since as give its
   * address; null: none of them. False where none does any more; the call then goes on with what is known now.
   */
  goOn(callId: string, base: LearningBase, address: string | null, responses: readonly OwnResponse[]): boolean {
    const checked = this.#checked(base);
    const all = responses.toSorted((a, b) => a.clock - b.clock);
    let count = address === null ? 0 : all.length;
    for (; count > 0; count--) if (this.#address(checked, all.slice(0, count)) === address) break;
    if (count === 0 && address !== null) return false;
    this.#calls.set(callId, this.#frozen(checked, all.slice(0, count)));
    return true;
  }

  /** Every call's model: the next that is asked for is made anew. */
  forget(): void {
    this.#calls.clear();
    this.#now = null;
  }

  /** The model of everything known now. */
  now(): FrozenModel {
    this.#now ??= this.#frozen(this.#base, this.#own);
    return this.#now;
  }

  #address({ hash }: LearningBase, responses: readonly OwnResponse[]): string {
    return this.#sha256(utf8.encode(canonicalJson({ base: hash, own: inOrder(responses) })));
  }

  #frozen(base: LearningBase, responses: readonly OwnResponse[]): FrozenModel {
    const { name, state } = base;
    const own = inOrder(responses);
    const model = new AdaptiveModel({ action: state.action, features: state.features }, state);
    const evidence = new Map<string, OwnEvidence>();
    for (const { action, features, isPositive } of own) {
      model.learn(action, features, isPositive);
      const key = JSON.stringify(action);
      const before = evidence.get(key) ?? { action, responses: 0, positives: 0 };
      evidence.set(key, { action, responses: before.responses + 1, positives: before.positives + (isPositive ? 1 : 0) });
    }
    return {
      shape: model.shape,
      address: this.#address(base, own),
      base: name,
      own: [...evidence.values()],
      propensity: (action, features) => model.propensity(action, features),
      apart: (action, features) => model.apart(action, features),
      evidence: (action) => model.evidence(action),
    };
  }

  #checked(base: LearningBase): LearningBase {
    const found = this.#sha256(utf8.encode(canonicalJson(base.state)));
    if (found !== base.hash)
      throw new RangeError(`the base's state is ${found.slice(0, 12)} and not the signed ${base.hash.slice(0, 12)}: fetch it again`);
    return base;
  }
}
