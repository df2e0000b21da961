/**
 * The revision and the model in use: from the store at the start, from central when it names newer ones. A revision is
 * used at once, also in the middle of a call, because what the council took back must not go on being shown; one that
 * fails any check is refused whole and the one before stays in use.
 */
import type { CurrentVersions } from '#contract/live.ts';
import { CurrentVersions as CurrentVersionsSchema } from '#contract/live.ts';
import type { ModelBundle } from '#contract/model.ts';
import type { RevisionBundle } from '#contract/policy.ts';
import { canonicalJson, type CompiledRevision, compileRevision, type Core, Decider } from '#core';
import { modelFileFault } from '#learning';
import { checkRevision, revisionHash } from '#policy';
import type { Link } from '#ports/link.ts';
import type { Sha256 } from '#ports/randomness.ts';
import type { Store, Written } from '#ports/store.ts';
import { type BundleTrust, goesBack, installed, NO_SLOTS, Slots, untrusted } from './bundle-trust.ts';
import type { Ladder } from './ladder.ts';

export interface RevisionKeeperOptions {
  readonly store: Store;
  readonly link: Link | null;
  readonly ladder: Ladder;
  readonly sha256: Sha256;
  readonly trust: BundleTrust | null;
  /** See Surroundings. */
  readonly tryModel?: (bundle: ModelBundle) => Promise<string | null>;
  /** SHA-256 of the bundled core, as every record names it. */
  readonly coreHash: string;
  /** Wakes the caller's own turn in which the change is taken over. */
  readonly inTurn: (work: () => void | Promise<void>) => Promise<void>;
  readonly onChanged: () => void;
  readonly onLog: (level: 'info' | 'warn', text: string) => void;
}

type Checked = { readonly ok: true; readonly compiled: CompiledRevision } | { readonly ok: false; readonly words: string };

const utf8 = new TextEncoder();
const text = new TextDecoder();

const known = (...hashes: readonly (string | null | undefined)[]): readonly string[] =>
  hashes.filter((hash) => hash !== undefined && hash !== null);

export class RevisionKeeper {
  readonly #options: RevisionKeeperOptions;
  readonly #core: Core;
  #current: CompiledRevision | null = null;
  #decider: Decider | null = null;
  #aside: Decider | null = null;
  /** For the revision before, last asked about: compiling it again takes longer than an agent should wait. */
  #former: Decider | null = null;
  #excluded: readonly string[] = [];
  #fetching: Promise<void> = Promise.resolve();

  constructor(options: RevisionKeeperOptions) {
    this.#options = options;
    this.#core = { hash: options.coreHash, sha256: options.sha256, text: (bytes) => text.decode(bytes) };
  }

  get current(): CompiledRevision | null {
    return this.#current;
  }

  /** Takes the decisions of the revision in use. */
  get decider(): Decider | null {
    return this.#decider;
  }

  /** Answers questions about it in between; a decision under way is not disturbed. */
  get aside(): Decider | null {
    return this.#aside;
  }

  get excluded(): readonly string[] {
    return this.#excluded;
  }

  /** What the store has. A current one that does not pass any more falls back to the last that did. */
  async start(): Promise<void> {
    const { store, ladder } = this.#options;
    const versions = CurrentVersionsSchema.safeParse(store.setting('versions'));
    const named = versions.success ? versions.data : null;
    this.#excluded = named?.excluded ?? [];
    ladder.want(named?.models[0] ?? null);
    for (const hash of [named?.revision, this.#slots.revision]) {
      const bundle = hash === undefined || hash === null || this.#current !== null ? null : store.revision(hash);
      if (bundle !== null) this.#use(bundle);
    }
    for (const hash of [named?.models[0], this.#slots.model]) {
      const bundle = hash === undefined || hash === null || ladder.loaded !== null ? null : store.model(hash);
      if (bundle !== null) await this.#load(bundle);
    }
  }

  /** Takes over the exclusions at once and fetches what is missing. Call inside a turn; resolves before the fetching is done. */
  follow(versions: CurrentVersions): void {
    const { store, ladder } = this.#options;
    this.#excluded = versions.excluded;
    ladder.want(versions.models[0] ?? null);
    this.#kept(store.saveSetting('versions', versions));
    this.#fetching = this.#fetching.then(() => this.#fetch(versions));
  }

  /** Resolves when nothing is being fetched. */
  settled(): Promise<void> {
    return this.#fetching;
  }

  /** Checks a revision and uses it; in words why not. Call inside a turn. */
  use(bundle: RevisionBundle): { readonly ok: true } | { readonly ok: false; readonly words: string } {
    const checked = this.#use(bundle);
    if (!checked.ok) return checked;
    const { store } = this.#options;
    this.#kept(store.installRevision(bundle, installed(bundle, this.#slots)));
    this.#tidy();
    return { ok: true };
  }

  /** In words why a model must not be installed, as far as can be known without running it here; null when it may. No turn waits for it. */
  async tryOut(bundle: ModelBundle): Promise<string | null> {
    return this.#unfit(bundle) ?? (await this.#options.tryModel?.(bundle)) ?? null;
  }

  /** Checks a model and uses it, unless it was refused beforehand (`tryOut`); in words why not. Call inside a turn. */
  async load(bundle: ModelBundle, refused: string | null): Promise<{ readonly ok: true } | { readonly ok: false; readonly words: string }> {
    const loaded = refused === null ? await this.#load(bundle) : { ok: false as const, words: refused };
    if (!loaded.ok) return loaded;
    const { store } = this.#options;
    this.#kept(store.installModel(bundle, installed(bundle, this.#slots)));
    this.#tidy();
    return { ok: true };
  }

  /** For asking about what a revision decided, in use or not; null when it is no longer here. */
  asideOf(hash: string): Decider | null {
    if (this.#current?.revision.hash === hash) return this.#aside;
    if (this.#former?.compiled.revision.hash === hash) return this.#former;
    const bundle = this.#options.store.revision(hash);
    const checked = bundle === null ? null : this.#check(bundle);
    if (!checked?.ok) return null;
    this.#former = new Decider(checked.compiled, this.#core);
    return this.#former;
  }

  async #fetch({ revision, models }: CurrentVersions): Promise<void> {
    const { link, store, ladder, onLog, onChanged, inTurn } = this.#options;
    if (this.#current?.revision.hash !== revision) {
      const bundle = this.#trusted(store.revision(revision)) ?? (await this.#ask(() => link?.fetchRevision(revision)));
      if (bundle !== null) {
        await inTurn(() => {
          const used =
            bundle.hash === revision ? this.use(bundle) : { ok: false as const, words: 'central sent another revision than it named' };
          if (used.ok) onChanged();
          else onLog('warn', `Revision ${revision.slice(0, 12)} was refused, the one before stays in use: ${used.words}`);
        });
      }
    }
    const model = models[0];
    if (model !== undefined && ladder.loaded !== model) {
      const bundle = this.#trusted(store.model(model)) ?? (await this.#ask(() => link?.fetchModel(model)));
      if (bundle !== null) {
        const refused = bundle.hash === model ? await this.tryOut(bundle) : 'central sent another model than it named';
        await inTurn(async () => {
          const loaded = await this.load(bundle, refused);
          if (loaded.ok) onChanged();
          else onLog('warn', `Model ${model.slice(0, 12)} was refused, the one before stays in use: ${loaded.words}`);
        });
      }
    }
  }

  async #ask<T>(
    send: () => Promise<{ readonly ok: true; readonly body: T } | { readonly ok: false; readonly words: string }> | undefined,
  ): Promise<T | null> {
    const sent = await send();
    if (sent === undefined) return null;
    if (sent.ok) return sent.body;
    // Central names the versions again on every connect, so the next connect asks again.
    this.#options.onLog('warn', `Could not be fetched: ${sent.words}`);
    return null;
  }

  #check(bundle: RevisionBundle): Checked {
    const mistrusted = this.#mistrusted(bundle);
    if (mistrusted !== null) return { ok: false, words: mistrusted };
    const { sha256 } = this.#options;
    const hash = revisionHash(bundle.files, (text) => sha256(utf8.encode(text)));
    if (hash !== bundle.hash) return { ok: false, words: 'its files do not have the hash it names' };
    const checked = checkRevision(bundle.files, { hash });
    if (!checked.ok) {
      const [first] = checked.faults;
      return { ok: false, words: `${checked.faults.length} faults, the first: ${first?.file}:${first?.line} ${first?.reason}` };
    }
    // The version is signed, so it must be the one that is used.
    if (this.#options.trust !== null && checked.revision.version !== bundle.version)
      return { ok: false, words: `it is version ${checked.revision.version} and was signed as ${bundle.version}` };
    return { ok: true, compiled: compileRevision(checked.revision) };
  }

  #use(bundle: RevisionBundle): Checked {
    const checked = this.#check(bundle);
    if (checked.ok) {
      this.#current = checked.compiled;
      this.#decider = new Decider(checked.compiled, this.#core);
      this.#aside = new Decider(checked.compiled, this.#core);
    }
    return checked;
  }

  async #load(bundle: ModelBundle): Promise<{ readonly ok: true } | { readonly ok: false; readonly words: string }> {
    const unfit = this.#unfit(bundle);
    if (unfit !== null) return { ok: false, words: unfit };
    const loaded = await this.#options.ladder.load(bundle);
    return loaded.ok ? loaded : { ok: false, words: loaded.words };
  }

  /** In words why no runtime is to see a model; null when one may. */
  #unfit(bundle: ModelBundle): string | null {
    const { sha256 } = this.#options;
    const mistrusted = this.#mistrusted(bundle);
    if (mistrusted !== null) return mistrusted;
    if (sha256(utf8.encode(canonicalJson(bundle.manifest))) !== bundle.hash) return 'its manifest does not have the hash it names';
    return modelFileFault(bundle, sha256);
  }

  /** What could not be kept is in use all the same, and fetched again after the next start. */
  #kept(written: Written): void {
    if (!written.ok) this.#options.onLog('warn', `Revision or model not kept: ${written.words}`);
  }

  get #slots(): Slots {
    return Slots.safeParse(this.#options.store.setting('slots')).data ?? NO_SLOTS;
  }

  /** What is kept and would be refused is fetched anew: it may have been signed again. */
  #trusted<T extends RevisionBundle | ModelBundle>(kept: T | null): T | null {
    return kept === null || this.#mistrusted(kept) !== null ? null : kept;
  }

  /** In words why a bundle is not even looked at. */
  #mistrusted(bundle: RevisionBundle | ModelBundle): string | null {
    const { trust } = this.#options;
    return trust === null ? null : (untrusted(bundle, trust) ?? goesBack(bundle, this.#slots));
  }

  /** The current and the last good ones are kept, and nothing else. */
  #tidy(): void {
    const { store } = this.#options;
    const versions = CurrentVersionsSchema.safeParse(store.setting('versions'));
    const dropped = store.keepOnly(
      known(versions.data?.revision, this.#slots.revision),
      known(...(versions.data?.models ?? []), this.#slots.model),
    );
    this.#kept(dropped);
  }
}
