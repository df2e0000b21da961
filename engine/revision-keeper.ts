/**
 * The revision and the model in use: from the store at the start, from central when it names newer ones. A revision is
 * used at once, also in the middle of a call, because what the council took back must not go on being shown; one that
 * fails any check is refused whole and the one before stays in use.
 */
import type { CurrentVersions } from '#contract/live.ts';
import { CurrentVersions as CurrentVersionsSchema } from '#contract/live.ts';
import type { RevisionBundle } from '#contract/policy.ts';
import type { ModelBundle } from '#contract/model.ts';
import { isIntent, type ServedBundle } from '#contract/served-bundle.ts';
import { canonicalJson, type CompiledRevision, compileRevision, type Core, Decider } from '#core';
import { modelFileFault } from '#learning';
import { checkRevision, revisionHash } from '#policy';
import type { Clock } from '#ports/clock.ts';
import type { Link } from '#ports/link.ts';
import type { Sha256 } from '#ports/randomness.ts';
import type { Store, Written } from '#ports/store.ts';
import { type BundleTrust, goesBack, installed, NO_SLOTS, type Slot, Slots, untrusted } from './bundle-trust.ts';
import type { Intents } from './intents.ts';
import type { Ladder } from './ladder.ts';
import { LearntKeeper } from './learnt-keeper.ts';

export interface RevisionKeeperOptions {
  readonly store: Store;
  readonly link: Link | null;
  readonly clock: Clock;
  readonly ladder: Ladder;
  readonly intents: Intents;
  readonly sha256: Sha256;
  readonly trust: BundleTrust | null;
  /** See Surroundings. */
  readonly tryModel?: (bundle: ServedBundle) => Promise<string | null>;
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

type ModelSlot = Exclude<Slot, 'revision'>;

/** In the order in which they are looked for. */
const MODEL_SLOTS: readonly ModelSlot[] = ['model', 'intent', 'challenger'];

/** The model that central names for a slot. */
const wanted = ({ models, intent, challenger }: CurrentVersions, slot: ModelSlot): string | null =>
  ({ model: models[0], intent, challenger })[slot] ?? null;

const fits = ({ manifest }: ServedBundle, slot: ModelSlot): boolean => (manifest.kind === 'intent') === (slot === 'intent');

export class RevisionKeeper {
  /** What central learnt, beside them. */
  readonly learnt: LearntKeeper;
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
    this.learnt = new LearntKeeper(options);
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
    ladder.wantChallenger(named?.challenger ?? null);
    for (const hash of [named?.revision, this.#slots.revision]) {
      const bundle = hash === undefined || hash === null || this.#current !== null ? null : store.revision(hash);
      if (bundle !== null) this.#use(bundle);
    }
    for (const slot of MODEL_SLOTS) {
      for (const hash of [named === null ? null : wanted(named, slot), this.#slots[slot]]) {
        const bundle = hash === null || this.#loaded(slot) !== null ? null : store.model(hash);
        if (bundle !== null && fits(bundle, slot)) await this.#load(bundle, slot);
      }
    }
    this.compare();
  }

  /** Takes over the exclusions at once and fetches what is missing. Call inside a turn; resolves before the fetching is done. */
  follow(versions: CurrentVersions): void {
    const { store, ladder } = this.#options;
    this.#excluded = versions.excluded;
    ladder.want(versions.models[0] ?? null);
    ladder.wantChallenger(versions.challenger ?? null);
    this.#kept(store.saveSetting('versions', versions));
    this.#fetching = this.#fetching.then(() => this.#fetch(versions));
  }

  /** Resolves when nothing is being fetched. */
  async settled(): Promise<void> {
    await Promise.all([this.#fetching, this.learnt.settled()]);
  }

  /** Checks a revision and uses it; in words why not. Call inside a turn. */
  use(bundle: RevisionBundle): { readonly ok: true } | { readonly ok: false; readonly words: string } {
    const checked = this.#use(bundle);
    if (!checked.ok) return checked;
    const { store } = this.#options;
    this.#kept(store.installRevision(bundle, installed(bundle, 'revision', this.#slots)));
    this.#tidy();
    return { ok: true };
  }

  /** In words why a model must not be installed, as far as can be known without running it here; null when it may. No turn waits for it. */
  async tryOut(bundle: ServedBundle): Promise<string | null> {
    return this.#unfit(bundle) ?? (await this.#options.tryModel?.(bundle)) ?? null;
  }

  /** Names a model as the one wanted in its slot, as central does by `follow`. */
  want(bundle: ServedBundle): void {
    const { ladder } = this.#options;
    const slot = this.#slotOf(bundle);
    if (slot === 'model') ladder.want(bundle.hash);
    else if (slot === 'challenger') ladder.wantChallenger(bundle.hash);
  }

  /** Checks a model and uses it, unless it was refused beforehand (`tryOut`); in words why not. Call inside a turn. */
  async load(
    bundle: ServedBundle,
    refused: string | null,
    slot: ModelSlot = this.#slotOf(bundle),
  ): Promise<{ readonly ok: true } | { readonly ok: false; readonly words: string }> {
    const loaded = refused === null ? await this.#load(bundle, slot) : { ok: false as const, words: refused };
    if (!loaded.ok) return loaded;
    const { store } = this.#options;
    this.#kept(store.installModel(bundle, installed(bundle, slot, this.#slots)));
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

  async #fetch(versions: CurrentVersions): Promise<void> {
    const { link, store, onLog, onChanged, inTurn } = this.#options;
    const { revision } = versions;
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
    for (const slot of MODEL_SLOTS) {
      const model = wanted(versions, slot);
      if (model === null || this.#loaded(slot) === model) continue;
      const bundle = this.#trusted(store.model(model)) ?? (await this.#ask(() => link?.fetchModel(model)));
      if (bundle === null) continue;
      const isNamed = bundle.hash === model && fits(bundle, slot);
      const refused = isNamed ? await this.tryOut(bundle) : 'central sent another model than it named';
      await inTurn(async () => {
        const loaded = await this.load(bundle, refused, slot);
        if (loaded.ok) onChanged();
        else onLog('warn', `Model ${model.slice(0, 12)} was refused, the one before stays in use: ${loaded.words}`);
      });
    }
  }

  /** Tells where the revision in use and the model of text in use do not fit each other. */
  compare(): void {
    this.#options.intents.compare(this.#current);
  }

  #loaded(slot: ModelSlot): string | null {
    const { ladder, intents } = this.#options;
    return { model: ladder.loaded, intent: intents.loaded, challenger: ladder.loadedChallenger }[slot];
  }

  /** Where a model belongs under the revision in use. */
  #slotOf(bundle: ServedBundle): ModelSlot {
    if (isIntent(bundle)) return 'intent';
    return bundle.manifest.id === this.#current?.revision.challenger?.model ? 'challenger' : 'model';
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

  async #load(bundle: ServedBundle, slot: ModelSlot): Promise<{ readonly ok: true } | { readonly ok: false; readonly words: string }> {
    const unfit = this.#unfit(bundle);
    if (unfit !== null) return { ok: false, words: unfit };
    const { ladder, intents } = this.#options;
    const scoring = (model: ModelBundle) => (slot === 'challenger' ? ladder.loadChallenger(model) : ladder.load(model));
    const loaded = isIntent(bundle) ? await intents.load(bundle) : await scoring(bundle);
    return loaded.ok ? loaded : { ok: false, words: loaded.words };
  }

  /** In words why no runtime is to see a model; null when one may. */
  #unfit(bundle: ServedBundle): string | null {
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
  #trusted<T extends RevisionBundle | ServedBundle>(kept: T | null): T | null {
    return kept === null || this.#mistrusted(kept) !== null ? null : kept;
  }

  /** In words why a bundle is not even looked at. */
  #mistrusted(bundle: RevisionBundle | ServedBundle): string | null {
    const { trust } = this.#options;
    return trust === null ? null : (untrusted(bundle, trust) ?? goesBack(bundle, this.#slots));
  }

  /** The current and the last good ones are kept, and nothing else. */
  #tidy(): void {
    const { store } = this.#options;
    const versions = CurrentVersionsSchema.safeParse(store.setting('versions'));
    const dropped = store.keepOnly(
      known(versions.data?.revision, this.#slots.revision),
      known(
        ...(versions.data?.models ?? []),
        ...MODEL_SLOTS.flatMap((slot) => [versions.success ? wanted(versions.data, slot) : null, this.#slots[slot]]),
      ),
    );
    this.#kept(dropped);
  }
}
