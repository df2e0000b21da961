/** A desk without window and centre: the engine on a real store, a real model and a clock that the recording moves. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { OnnxScorer } from '#adapters/onnx/onnx-scorer.ts';
import { OnnxTextScorer } from '#adapters/onnx/onnx-text-scorer.ts';
import { readMigrations } from '#adapters/sqlite/migrations.ts';
import { anchorFile, openSqliteStore } from '#adapters/sqlite/open-store.ts';
import { SteppedClock } from '#adapters/system/stepped-clock.ts';
import { sha256 } from '#adapters/system/system-randomness.ts';
import type { CallEvent } from '#contract/call-events.ts';
import type { DecisionLine } from '#contract/engine-port.ts';
import type { RevisionBundle } from '#contract/policy.ts';
import { reduceCall, emptyCall } from '#core';
import { createEngine, type Engine, type Taken } from '#engine';
import { seededRandom } from '#learning';
import { presentCore } from '#main/build/present-core.ts';
import { revisionHash } from '#policy';
import type { Randomness } from '#ports/randomness.ts';
import type { Store } from '#ports/store.ts';
import { readModelFolder } from '../read-model-folder.ts';
import { readPolicyFolder } from '../read-policy-folder.ts';

const ROOT = path.join(import.meta.dirname, '..', '..', '..');
/** The earliest time an event can have. */
const START_MS = Date.UTC(2000, 0, 1);
/** After the last event: cards expire, held prompts are let go. */
const AFTERWARDS_MS = 600_000;

export interface ReplayOptions {
  readonly policyFolder: string;
  /** One of a kind; of none, decisions go by starting propensities, or by phrases alone. */
  readonly modelFolders: readonly string[];
  /** Where the store is. */
  readonly storeFolder: string;
  /** The folder is deleted in the end, and its key is nowhere else. */
  readonly isTemporary: boolean;
  readonly onDecision: (line: DecisionLine) => void;
  readonly onTrouble: (text: string) => void;
}

export type OpenedDesk = { readonly ok: true; readonly desk: ReplayDesk } | { readonly ok: false; readonly words: string };

/** The same file gives the same ids and seeds, so that two replays can be compared. */
const seeded = (): Randomness => {
  const unit = seededRandom(1);
  const seed = () => Math.floor(unit() * 2 ** 32);
  const hex = () => seed().toString(16).padStart(8, '0');
  return {
    unit,
    seed,
    uuid: () => {
      const digits = hex() + hex() + hex() + hex();
      return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20)}`;
    },
  };
};

export class ReplayDesk {
  readonly #engine: Engine;
  readonly #store: Store;
  readonly #clock: SteppedClock;
  readonly #close: () => Promise<void>;

  private constructor(engine: Engine, store: Store, clock: SteppedClock, close: () => Promise<void>) {
    this.#engine = engine;
    this.#store = store;
    this.#clock = clock;
    this.#close = close;
  }

  /** Opens store, model and engine; in words why not. */
  static async open(options: ReplayOptions): Promise<OpenedDesk> {
    const { storeFolder: folder, isTemporary } = options;
    await mkdir(folder, { recursive: true });
    const opened = openSqliteStore({
      folder,
      keyHex: isTemporary ? randomBytes(32).toString('hex') : '0'.repeat(64),
      migrations: readMigrations(path.join(ROOT, 'migrations', 'desktop')),
      nowMs: START_MS,
    });
    const discard = async () => {
      if (!isTemporary) return;
      await rm(folder, { recursive: true, force: true });
      await rm(anchorFile(folder), { force: true });
    };
    if (!opened.ok) {
      await discard();
      return { ok: false, words: opened.words };
    }
    const { store } = opened;
    const scorer = new OnnxScorer();
    const challengerScorer = new OnnxScorer();
    const textScorer = new OnnxTextScorer();
    const clock = new SteppedClock(START_MS);
    const engine = await createEngine(
      {
        store,
        scorer,
        challengerScorer,
        textScorer,
        link: null,
        clock,
        random: seeded(),
        sha256,
        trust: null,
        // Run from its sources, which is what that file was built from.
        coreHash: (await presentCore()).hash,
        deviceId: 'replay',
        agent: { id: 'replay', name: 'Replay', level: 'guided', language: 'en' },
        demonstration: true,
      },
      {
        onChange: null,
        onDecision: options.onDecision,
        onMeasured: () => undefined,
        onLog: (level, text) => {
          if (level !== 'info') options.onTrouble(text);
        },
        onTokenWanted: () => undefined,
        onBroken: options.onTrouble,
      },
    );
    const close = async () => {
      await engine.close();
      await scorer.close();
      await challengerScorer.close();
      await textScorer.close();
      store.close();
      await discard();
    };
    const files = await readPolicyFolder(options.policyFolder);
    const hash = revisionHash(files, (text) => createHash('sha256').update(text).digest('hex'));
    const revision: RevisionBundle = { hash, version: 1, publishedAtMs: START_MS, files: [...files] };
    const models = options.modelFolders.map((model) => readModelFolder(model));
    for (const read of [{ ok: true, bundle: { revision } } as const, ...models]) {
      const installed = !read.ok ? read : await engine.install('revision' in read.bundle ? read.bundle : { model: read.bundle });
      if (installed.ok) continue;
      await close();
      return { ok: false, words: installed.words };
    }
    return { ok: true, desk: new ReplayDesk(engine, store, clock, close) };
  }

  /** Lets time pass up to the event, then takes it; resolves when its decision is recorded. */
  async take(event: CallEvent, seq: number | null, atMs: number): Promise<Taken | null> {
    await this.#clock.advance(atMs, () => this.#engine.settled());
    if (seq !== null) return this.#engine.deliver({ callId: event.subject, seq, event });
    await this.#engine.partial({ callId: event.subject, event });
    return null;
  }

  /** Lets everything that waits for its time come to its end. */
  async runOut(): Promise<void> {
    await this.#clock.advance(this.#clock.nowMs() + AFTERWARDS_MS, () => this.#engine.settled());
    await this.#engine.settled();
  }

  /** Utterances in a call's state, rebuilt from what the store kept of it, as after a restart. */
  utterancesOf(callId: string): readonly string[] {
    const stored = this.#store.loadCall(callId);
    if (stored === null) return [];
    let state = emptyCall(callId);
    for (const event of stored.events) state = reduceCall(state, event);
    return state.utterances.map(({ utteranceId }) => utteranceId);
  }

  /** Closes everything and deletes a temporary store. */
  close(): Promise<void> {
    return this.#close();
  }
}
