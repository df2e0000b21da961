/**
 * What a desk knows of late: the base central signed, and what happened at this desk since.
 *
 *   base (state, covers outbox entries up to n) ── + own responses n+1, n+2 … in (when, id) order ──► a model with an address
 *
 * A call keeps the model it began with until it ends, so a propensity does not move while somebody talks. A base that covers own
 * responses makes them superfluous. The address names base and responses by their content: whoever has both comes to the same model.
 */
import type { AdaptiveState } from '#contract/model.ts';
import { canonicalJson } from '#core';
import type { Sha256 } from '#ports/randomness.ts';
import { AdaptiveModel } from './adaptive-model.ts';
import type { LearningResponse } from './outcome-replay.ts';

/** A place in this device's outbox: it begins a new epoch when its store did. */
export interface OutboxPlace {
  readonly epoch: number;
  readonly seq: number;
}

export interface LearningBase {
  /** SHA-256 of the state's canonical JSON, as it was signed. */
  readonly hash: string;
  readonly state: AdaptiveState;
  /** This device's last outbox entry that is in it. */
  readonly covers: OutboxPlace;
}

export interface OwnResponse extends LearningResponse {
  readonly place: OutboxPlace;
}

/** Learns no more: it is asked and nothing else. */
export interface FrozenModel {
  /** SHA-256 over the base's hash and the own responses, in order. */
  readonly address: string;
  readonly base: string;
  /** Own responses in it. */
  readonly own: number;
  readonly propensity: AdaptiveModel['propensity'];
  readonly evidence: AdaptiveModel['evidence'];
}

const isCovered = ({ epoch, seq }: OutboxPlace, covers: OutboxPlace): boolean =>
  epoch < covers.epoch || (epoch === covers.epoch && seq <= covers.seq);

const utf8 = new TextEncoder();

export class DeskLearning {
  readonly #sha256: Sha256;
  #base: LearningBase;
  #own: readonly OwnResponse[] = [];
  #now: FrozenModel | null = null;
  readonly #calls = new Map<string, FrozenModel>();

  /** Throws a RangeError where the base is not what its hash says. */
  constructor(base: LearningBase, sha256: Sha256) {
    this.#sha256 = sha256;
    this.#base = this.#checked(base);
  }

  /** Own responses the base does not cover. */
  get own(): readonly OwnResponse[] {
    return this.#own;
  }

  /** A response of this desk. Once only: the same place in the outbox is the same response. */
  note(response: OwnResponse): void {
    const isKnown = this.#own.some(({ place }) => place.epoch === response.place.epoch && place.seq === response.place.seq);
    if (isKnown || isCovered(response.place, this.#base.covers)) return;
    this.#own = [...this.#own, response].toSorted((a, b) => a.occurredAtMs - b.occurredAtMs || (a.id < b.id ? -1 : Number(a.id > b.id)));
    this.#now = null;
  }

  /** A newer base; own responses it covers are dropped. One that covers less than the present one is refused: false. */
  install(base: LearningBase): boolean {
    const checked = this.#checked(base);
    if (!isCovered(this.#base.covers, checked.covers)) return false;
    this.#base = checked;
    this.#own = this.#own.filter(({ place }) => !isCovered(place, checked.covers));
    this.#now = null;
    return true;
  }

  /** The model of a call: the one there was when it was first asked for, until the call ends. */
  during(callId: string): FrozenModel {
    const known = this.#calls.get(callId) ?? this.now();
    this.#calls.set(callId, known);
    return known;
  }

  ended(callId: string): void {
    this.#calls.delete(callId);
  }

  /** The model of everything known now. */
  now(): FrozenModel {
    this.#now ??= this.#frozen();
    return this.#now;
  }

  #frozen(): FrozenModel {
    const { state, hash } = this.#base;
    const model = new AdaptiveModel({ action: state.action, features: state.features }, state);
    for (const { action, features, isPositive } of this.#own) model.learn(action, features, isPositive);
    return {
      address: this.#sha256(utf8.encode(canonicalJson({ base: hash, own: this.#own }))),
      base: hash,
      own: this.#own.length,
      propensity: (action, features) => model.propensity(action, features),
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
