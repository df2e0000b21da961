/**
 * The last base that central learnt: from the store at the start, from central when it names a newer one. Calls under way keep what they
 * began with. One that fails any check is refused, and the desk goes on as it was.
 */
import { type LearntBundle, LearntReport } from '#contract/learning.ts';
import { canonicalJson } from '#core';
import type { Clock } from '#ports/clock.ts';
import type { Link } from '#ports/link.ts';
import type { Sha256 } from '#ports/randomness.ts';
import type { Store } from '#ports/store.ts';
import { type BundleTrust, untrusted } from './bundle-trust.ts';
import type { Ladder } from './ladder.ts';

export interface LearntKeeperOptions {
  readonly store: Store;
  readonly link: Link | null;
  readonly clock: Clock;
  readonly ladder: Ladder;
  readonly sha256: Sha256;
  readonly trust: BundleTrust | null;
  readonly inTurn: (work: () => void | Promise<void>) => Promise<void>;
  readonly onLog: (level: 'info' | 'warn', text: string) => void;
}

const utf8 = new TextEncoder();

export class LearntKeeper {
  readonly #o: LearntKeeperOptions;
  #following: Promise<void> = Promise.resolve();

  /** Begins with what the store has. */
  constructor(options: LearntKeeperOptions) {
    this.#o = options;
    const kept = options.store.lastLearnt();
    const refused = kept === null ? null : this.#use(kept.bundle, kept.covers);
    if (refused !== null) options.onLog('warn', `What was learnt before is not used: ${refused}`);
  }

  /** Resolves when nothing is being fetched. */
  settled(): Promise<void> {
    return this.#following;
  }

  /** Somebody's data went: what was learnt from it here goes too. */
  erased(): void {
    this.#o.ladder.adaptive.erased();
  }

  /** Fetches what central names, where it is new. False where it does not fit its schema; resolves before the fetching is done. */
  follow(raw: unknown): boolean {
    const report = LearntReport.safeParse(raw);
    if (report.success) this.#following = this.#following.then(() => this.#follow(report.data));
    return report.success;
  }

  async #follow({ base, countedTo }: LearntReport): Promise<void> {
    const { store, link, clock, inTurn, onLog } = this.#o;
    const last = store.lastLearnt();
    if (last?.bundle.hash === base) return;
    const sent = await link?.fetchLearnt(base);
    if (sent === undefined) return;
    // Central names it again on every connect.
    if (!sent.ok) return onLog('warn', `What was learnt could not be fetched: ${sent.words}`);
    await inTurn(() => {
      // Every answer of a store that was begun anew came after those that are counted.
      const covers = countedTo === null ? 0 : (store.clockOf(countedTo) ?? last?.covers ?? 0);
      const refused = sent.body.hash === base ? this.#use(sent.body, covers) : 'central sent another one than it named';
      if (refused !== null)
        return onLog('warn', `What was learnt (${base.slice(0, 12)}) was refused, the desk goes on with what it had: ${refused}`);
      const written = store.installLearnt({ bundle: sent.body, covers }, clock.nowMs());
      if (!written.ok) onLog('warn', `What was learnt was not kept: ${written.words}`);
    });
  }

  /** In words why it is not used; null where it is. */
  #use(bundle: LearntBundle, covers: number): string | null {
    const { ladder, sha256, trust } = this.#o;
    const { hash, manifest, state } = bundle;
    const mistrusted = trust === null ? null : untrusted(bundle, trust);
    if (mistrusted !== null) return mistrusted;
    if (sha256(utf8.encode(canonicalJson(manifest))) !== hash) return 'its manifest does not have the hash it names';
    if (state === null) return 'its state is not there';
    if (sha256(utf8.encode(canonicalJson(state))) !== manifest.state) return 'its state does not have the hash its manifest names';
    if (state.features.join() !== manifest.features.join()) return 'it learnt from other fields than its manifest says';
    const before = ladder.adaptive.base;
    if (before !== null && manifest.covers.asOfMs < before.covers.asOfMs) return 'it is older than the one in use';
    ladder.adaptive.install(bundle, covers);
    return null;
  }
}
