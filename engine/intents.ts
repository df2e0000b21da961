/**
 * What the customer's sentences are about, by the model of text in force.
 *
 * Every final sentence is read once, before the decision that it brings about. What takes too long is not waited for: the decision
 * goes on without and is made again when it is there. Another model reads the whole call anew, so that what is known of a call follows
 * from its events and the model alone. Without a model nothing of the kind is known, and phrases are all there is.
 */
import type { Utterance } from '#contract/call-state.ts';
import type { IntentBundle } from '#contract/served-bundle.ts';
import type { Understood } from '#contract/understood.ts';
import { type CompiledRevision, fromBase64, understand, unreadBy } from '#core';
import { IntentReader, MOST_READ_AT_ONCE } from '#learning';
import { checkIntents, describeIntentFinding } from '#policy';
import type { Clock } from '#ports/clock.ts';
import type { Loaded } from '#ports/scorer.ts';
import type { TextScorer } from '#ports/text-scorer.ts';
import type { CallDesk } from './call-desk.ts';

/** As for scores of actions (ladder.ts). */
const READ_WITHIN_MS = 20;
const DAY_MS = 86_400_000;

const NO_RUNTIME: Loaded = { ok: false, reason: 'not-loadable', words: 'This desk has no runtime for models of text.' };

export interface IntentsOptions {
  readonly scorer: TextScorer | null;
  readonly clock: Clock;
  /** 20 where it is left out. */
  readonly withinMs: number | undefined;
  /** Takes a turn for a call when a moment has come. */
  readonly at: (atMs: number, call: CallDesk, turn: (releasedRealMs: number) => Promise<void>) => () => void;
  /** In words why something was not read. */
  readonly onFailure: (words: string) => void;
}

interface Known {
  readonly hash: string;
  readonly bundle: IntentBundle;
  readonly reader: IntentReader;
  /** Exclusive. */
  readonly endsAtMs: number;
}

export class Intents {
  readonly #o: IntentsOptions;
  #known: Known | null = null;
  /** Calls of which something is being read. */
  readonly #reading = new WeakSet<CallDesk>();
  /** What was last found to be read of a call, and by which model. */
  readonly #upTo = new WeakMap<CallDesk, { readonly utterances: readonly Utterance[]; readonly hash: string }>();
  /** The model under the revision it was last held against. */
  #fit: { readonly revision: CompiledRevision; readonly known: Known; readonly isUsable: boolean } | null = null;

  constructor(options: IntentsOptions) {
    this.#o = options;
  }

  get loaded(): string | null {
    return this.#known?.hash ?? null;
  }

  /** A bundle that is not loaded leaves the one before in use. */
  async load(bundle: IntentBundle): Promise<Loaded> {
    const { scorer } = this.#o;
    if (scorer === null) return NO_RUNTIME;
    const { hash, manifest, onnxBase64 } = bundle;
    const reader = new IntentReader(manifest);
    const loaded = await scorer.load(reader.file(fromBase64(onnxBase64)));
    if (loaded.ok) {
      const endsAtMs = manifest.validTo === undefined ? Infinity : Date.parse(`${manifest.validTo}T00:00:00Z`) + DAY_MS;
      this.#known = { hash, bundle, reader, endsAtMs };
    }
    return loaded;
  }

  /**
   * Holds the model against the revision in use: with a card below what the council asks it is not read with. That, and what the
   * revision asks of it that it never tells, goes to the log, once.
   */
  compare(compiled: CompiledRevision | null): void {
    const known = this.#known;
    if (compiled === null || known === null || (this.#fit?.revision === compiled && this.#fit.known === known)) return;
    const findings = checkIntents(compiled.revision, known.bundle.manifest);
    this.#fit = { revision: compiled, known, isUsable: findings.every(({ kind }) => kind !== 'card') };
    const { id, version } = known.bundle.manifest;
    for (const finding of findings) this.#o.onFailure(`of model ${id} ${version}, ${describeIntentFinding(finding)}.`);
  }

  /** Whether `read` may have something to do. */
  isBehind(call: CallDesk): boolean {
    const known = this.#inForce();
    if (known === null) return call.state.understoodBy !== null;
    const upTo = this.#upTo.get(call);
    return upTo?.utterances !== call.state.utterances || upTo.hash !== known.hash;
  }

  /**
   * Brings what is known of a call up to what was said, as far as that takes no longer than a card may wait; what comes later is taken
   * in a turn of its own, with which `again` decides. Call inside a turn.
   */
  async read(call: CallDesk, again: (releasedRealMs: number) => Promise<void>): Promise<void> {
    const known = this.#inForce();
    if (known === null) {
      if (call.state.understoodBy !== null) call.state = understand(call.state, null, []);
      return;
    }
    const { utterances } = call.state;
    const unread = unreadBy(call.state, known.hash);
    if (unread.length === 0) this.#upTo.set(call, { utterances, hash: known.hash });
    if (unread.length === 0 || this.#reading.has(call)) return;
    call.state = understand(call.state, known.hash, []);
    this.#reading.add(call);
    let isLate = false;
    const reading = async (): Promise<void> => {
      const understood = await this.#found(known, unread);
      this.#reading.delete(call);
      const take = (): void => {
        // Another model has come in the meantime, or the call has gone.
        if (call.state.understoodBy !== known.hash) return;
        call.state = understand(call.state, known.hash, understood);
        if (understood.length === unread.length) this.#upTo.set(call, { utterances, hash: known.hash });
      };
      if (!isLate) return take();
      if (understood.length === 0) return;
      this.#o.at(this.#o.clock.nowMs(), call, (releasedRealMs) => {
        take();
        return again(releasedRealMs);
      });
    };
    const { promise: timeIsUp, resolve } = Promise.withResolvers<void>();
    const stop = this.#o.clock.after(this.#o.withinMs ?? READ_WITHIN_MS, resolve);
    await Promise.race([reading(), timeIsUp]);
    stop();
    isLate = true;
  }

  #inForce(): Known | null {
    const known = this.#known;
    const isRefused = this.#fit?.known === known && !this.#fit.isUsable;
    return known !== null && !isRefused && this.#o.clock.nowMs() < known.endsAtMs ? known : null;
  }

  async #found({ hash, reader }: Known, unread: readonly Utterance[]): Promise<readonly Understood[]> {
    const { scorer, onFailure } = this.#o;
    const understood: Understood[] = [];
    if (scorer === null) return understood;
    for (let from = 0; from < unread.length; from += MOST_READ_AT_ONCE) {
      const batch = unread.slice(from, from + MOST_READ_AT_ONCE);
      const scored = await scorer.score(batch.map(({ text }) => reader.row(text)));
      // The runtime has another model now: the next decision asks that one.
      if (this.#known?.hash !== hash) return [];
      if (!scored.ok) {
        onFailure(scored.words);
        break;
      }
      for (const [row, { seq }] of batch.entries()) {
        const { intent, confidence } = reader.answer(scored.probabilities.subarray(row * reader.classes, (row + 1) * reader.classes));
        understood.push({ seq, intent, confidence: Math.round(confidence * 100) / 100 });
      }
    }
    return understood;
  }
}
