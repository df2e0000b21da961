/** Revisions and models: checked before they are kept, whole or not at all; the last one published is current. */
import { createHash } from 'node:crypto';
import { schemaOfServed, type ServedBundle } from '#contract/served-bundle.ts';
import type { CurrentVersions } from '#contract/live.ts';
import type { Signed } from '#contract/signature.ts';
import type { ActionDefinition, PolicyFault, PolicyFile, RevisionBundle } from '#contract/policy.ts';
import { canonicalJson } from '#core';
import { sql } from 'kysely';
import { checkRevision, revisionHash } from '#policy';
import type { CheckedRevision } from '#contract/checked-policy.ts';
import { type Scarce, scarceIn } from '../live/read-usage.ts';
import type { BundleSigner } from './bundle-signer.ts';
import { excludedAt } from './exclusions.ts';
import type { Query, Store, Tx } from '../store/open-store.ts';
import type { ActionRule } from '../sync/apply-outcomes.ts';

export type Published = { readonly ok: true; readonly hash: string } | { readonly ok: false; readonly faults: readonly PolicyFault[] };
export type PublishedModel = { readonly ok: true; readonly hash: string } | { readonly ok: false; readonly reason: string };

export type KeptRevision =
  | { readonly ok: true; readonly revision: CheckedRevision }
  | { readonly ok: false; readonly faults: readonly PolicyFault[] };
export type KeptModel =
  | { readonly ok: true; readonly hash: string; readonly manifest: ServedBundle['manifest'] }
  | { readonly ok: false; readonly reason: string };

/** Something that was kept; a model with the signatures it came with. */
export interface Kept {
  readonly kind: 'revision' | 'model';
  readonly hash: string;
  readonly signed?: Signed | undefined;
}

export type PublishedBy =
  /** By whoever sets central up. */
  | { readonly origin: 'loaded' }
  | {
      readonly origin: 'reviewed';
      readonly requestId: string;
      readonly author: string;
      readonly reviewer: string;
      readonly publisher: string;
    }
  | { readonly origin: 'rollback'; readonly publisher: string; readonly reason: string };

type Prepared = { readonly ok: true; readonly name: string; readonly signed: Signed } | { readonly ok: false; readonly reason: string };

/** What revisions are published as; models go by their id. */
export const REVISION = 'revision';

interface Effects {
  readonly rules: ReadonlyMap<string, ActionRule>;
  readonly urgencies: ReadonlyMap<string, ActionDefinition['urgency']>;
  readonly scarce: readonly Scarce[];
  /** Id of the model it names as challenger. */
  readonly challenger: string | null;
}

export interface NamedAction {
  readonly name: string;
  readonly issue: string;
}

/** What people are told of a revision by name. */
interface NamedRevision {
  readonly hash: string;
  readonly actions: ReadonlyMap<string, NamedAction>;
  readonly currency: string | null;
}

export class Revisions {
  readonly #store: Store;
  readonly #nowMs: () => number;
  readonly #signer: BundleSigner;
  /** What accepting asks for and takes, by revision. A revision never changes. */
  readonly #effects = new Map<string, Effects>();
  #current: CurrentVersions | null = null;
  #named: NamedRevision | null = null;
  #seenVersion: number | null = null;
  /** When the first exclusion in force ends. */
  #nextEndMs: number | null = null;

  constructor(store: Store, signer: BundleSigner, nowMs: () => number) {
    this.#store = store;
    this.#signer = signer;
    this.#nowMs = nowMs;
  }

  /** As last read or published; null while no revision is. */
  get current(): CurrentVersions | null {
    return this.#current;
  }

  /** What the current revision calls its actions and where it puts them, by id. */
  async actions(): Promise<ReadonlyMap<string, NamedAction>> {
    return (await this.#words()).actions;
  }

  /** Of its amounts, by ISO 4217; null while nothing is published. */
  async currency(): Promise<string | null> {
    return (await this.#words()).currency;
  }

  async #words(): Promise<NamedRevision> {
    const hash = this.#current?.revision ?? '';
    if (this.#named?.hash === hash) return this.#named;
    const current = hash === '' ? null : await this.checked(hash);
    const actions = new Map(current?.actions.map(({ id, name, issue }) => [id, { name, issue }]));
    this.#named = { hash, actions, currency: current?.currency ?? null };
    return this.#named;
  }

  /** Their names alone. */
  async actionNames(): Promise<ReadonlyMap<string, string>> {
    return new Map([...(await this.actions())].map(([id, { name }]) => [id, name]));
  }

  /** Reads what is current from the tables. */
  async load(): Promise<void> {
    const { db } = this.#store;
    const rows = await db
      .selectFrom('publications')
      .leftJoin('models', 'models.hash', 'publications.hash')
      .select(['kind', 'name', 'publications.hash', 'pos', sql<string | null>`manifest ->> 'kind'`.as('model_kind')])
      .distinctOn(['kind', 'name'])
      .orderBy('kind')
      .orderBy('name')
      .orderBy('pos', 'desc')
      .execute();
    const revision = rows.find(({ kind }) => kind === 'revision')?.hash;
    const named = revision === undefined ? null : ((await this.#effectsOf(db, revision))?.challenger ?? null);
    const propensity = rows.filter(({ model_kind: kind }) => kind === 'propensity');
    const models = propensity.filter(({ name }) => name !== named).map(({ hash }) => hash);
    const challenger = propensity.find(({ name }) => name === named)?.hash ?? null;
    // Of several names the one published last: a desk reads with one model.
    const intents = rows.filter(({ model_kind: kind }) => kind === 'intent').toSorted((a, b) => b.pos - a.pos);
    const { excluded, nextEndMs } = await excludedAt(db, this.#nowMs());
    this.#nextEndMs = nextEndMs;
    this.#current = revision === undefined ? null : { revision, models, intent: intents[0]?.hash ?? null, challenger, excluded };
  }

  /**
   * Reads them again if anything was published or excluded, here or at another node, or an exclusion came to its end. True when the
   * desks are to be told.
   */
  async look(): Promise<boolean> {
    const { version } = await this.#store.db.selectFrom('published_version').select('version').executeTakeFirstOrThrow();
    if (version === this.#seenVersion && (this.#nextEndMs === null || this.#nowMs() < this.#nextEndMs)) return false;
    const before = canonicalJson(this.#current);
    await this.load();
    this.#seenVersion = version;
    return canonicalJson(this.#current) !== before;
  }

  /** Checks a revision, and keeps it where it can be published from. */
  async keepRevision(files: readonly PolicyFile[]): Promise<KeptRevision> {
    const hash = revisionHash(files, sha256);
    const check = checkRevision(files, { hash });
    if (!check.ok) return { ok: false, faults: check.faults };
    const { name, version } = check.revision;
    const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1)).map(({ path, text }) => ({ path, text }));
    await this.#store.db
      .insertInto('revisions')
      .values({ hash, name, version, files: JSON.stringify(sorted), published_at_ms: this.#nowMs() })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return { ok: true, revision: check.revision };
  }

  /** As it was checked when it was kept; null when it is not there. */
  async checked(hash: string): Promise<CheckedRevision | null> {
    const row = await this.#store.db.selectFrom('revisions').select('files').where('hash', '=', hash).executeTakeFirst();
    const check = row === undefined ? null : checkRevision(row.files, { hash });
    return check?.ok === true ? check.revision : null;
  }

  /** Checks what can be checked without running it: schema, size, hash and who signed. Desks check the golden inputs before they use it. */
  async keepModel(input: unknown): Promise<KeptModel> {
    const parsed = schemaOfServed(input).safeParse(input);
    if (!parsed.success) return { ok: false, reason: parsed.error.issues[0]?.message ?? 'does not fit its schema' };
    const { hash, manifest, onnxBase64 } = parsed.data;
    const onnx = Buffer.from(onnxBase64, 'base64');
    if (onnx.length !== manifest.bytes)
      return { ok: false, reason: `the model has ${onnx.length} bytes, the manifest says ${manifest.bytes}` };
    if (createHash('sha256').update(onnx).digest('hex') !== manifest.onnx)
      return { ok: false, reason: "the model's hash is not the manifest's" };
    if (sha256(canonicalJson(manifest)) !== hash) return { ok: false, reason: "the bundle's hash is not that of its manifest" };
    const { db } = this.#store;
    const signed = this.#signer.signModel(parsed.data, await replacedModel(db, manifest));
    if (!signed.ok) return signed;
    await db
      .insertInto('models')
      .values({ hash, model_id: manifest.id, manifest: JSON.stringify(manifest), onnx, published_at_ms: this.#nowMs() })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return { ok: true, hash, manifest };
  }

  async publishRevision(files: readonly PolicyFile[]): Promise<Published> {
    const kept = await this.keepRevision(files);
    if (!kept.ok) return kept;
    const { hash } = kept.revision;
    await this.#store.transaction((tx) => this.publish(tx, { kind: 'revision', hash }, { origin: 'loaded' }));
    await this.load();
    return { ok: true, hash };
  }

  async publishModel(input: unknown): Promise<PublishedModel> {
    const kept = await this.keepModel(input);
    if (!kept.ok) return kept;
    const { hash } = kept;
    const given = (input as ServedBundle).signed;
    const published = await this.#store.transaction((tx) => this.publish(tx, { kind: 'model', hash, signed: given }, { origin: 'loaded' }));
    if (!published.ok) return published;
    await this.load();
    return { ok: true, hash };
  }

  /**
   * Names what was kept as current, signed for what it takes the place of. In words why not. Within `tx`; whoever calls loads it
   * afterwards. What is the last of its name already, signed as it is, is not loaded twice.
   */
  async publish(tx: Tx, { kind, hash, signed: given }: Kept, by: PublishedBy): Promise<PublishedModel> {
    const prepared = kind === 'revision' ? await this.#revisionToPublish(tx, hash) : await this.#modelToPublish(tx, hash, given);
    if (!prepared.ok) return prepared;
    const { name, signed } = prepared;
    if (by.origin === 'loaded') {
      const last = await lastPublished(tx, kind, name);
      if (last?.hash === hash && canonicalJson(last.signed) === canonicalJson(signed)) return { ok: true, hash };
    }
    const { origin, ...who } = by;
    await tx
      .insertInto('publications')
      .values({
        kind,
        name,
        hash,
        at_ms: this.#nowMs(),
        signed: JSON.stringify(signed),
        origin,
        publisher: 'publisher' in who ? who.publisher : null,
        reason: 'reason' in who ? who.reason : null,
        ...('requestId' in who
          ? { request_id: who.requestId, author: who.author, reviewer: who.reviewer, verdict: 'approved' as const }
          : {}),
      })
      .execute();
    return { ok: true, hash };
  }

  async #revisionToPublish(tx: Tx, hash: string): Promise<Prepared> {
    const row = await tx.selectFrom('revisions').selectAll().where('hash', '=', hash).executeTakeFirst();
    if (row === undefined) return { ok: false, reason: `revision ${hash} is not kept here` };
    const bundle = { hash, version: row.version, publishedAtMs: row.published_at_ms, files: row.files };
    return { ok: true, name: REVISION, signed: this.#signer.sign(bundle, await replacedRevision(tx, row.version)) };
  }

  async #modelToPublish(tx: Tx, hash: string, given: Signed | undefined): Promise<Prepared> {
    const row = await tx.selectFrom('models').selectAll().where('hash', '=', hash).executeTakeFirst();
    if (row === undefined) return { ok: false, reason: `model ${hash} is not kept here` };
    const signed = this.#signer.signModel(
      { ...bundleOf(row, ''), ...(given === undefined ? {} : { signed: given }) },
      await replacedModel(tx, row.manifest),
    );
    return signed.ok ? { ok: true, name: row.manifest.id, signed: signed.signed } : signed;
  }

  async revision(hash: string): Promise<RevisionBundle | null> {
    const row = await this.#store.db.selectFrom('revisions').selectAll().where('hash', '=', hash).executeTakeFirst();
    if (row === undefined) return null;
    return {
      hash,
      version: row.version,
      publishedAtMs: row.published_at_ms,
      files: row.files,
      ...(await this.#signedOf('revision', hash)),
    };
  }

  async model(hash: string): Promise<ServedBundle | null> {
    const row = await this.#store.db.selectFrom('models').selectAll().where('hash', '=', hash).executeTakeFirst();
    if (row === undefined) return null;
    return { ...bundleOf(row, Buffer.from(row.onnx).toString('base64')), ...(await this.#signedOf('model', hash)) };
  }

  /** As it was signed when it was last published. */
  async #signedOf(kind: 'revision' | 'model', hash: string): Promise<{ readonly signed?: Signed }> {
    const row = await this.#store.db
      .selectFrom('publications')
      .select('signed')
      .where('kind', '=', kind)
      .where('hash', '=', hash)
      .orderBy('pos', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row === undefined || row.signed === null ? {} : { signed: row.signed };
  }

  /** What accepting the action asks for, by the revision the decision was made with, or the current one. Reads within `tx`. */
  async requestOf(tx: Tx, policyHash: string | null, actionId: string): Promise<ActionRule | null> {
    return (await this.#effectsOr(tx, policyHash))?.rules.get(actionId) ?? null;
  }

  /** How urgent the action was, by the same; null where neither has it. */
  async urgencyOf(tx: Tx, policyHash: string | null, actionId: string): Promise<ActionDefinition['urgency'] | null> {
    return (await this.#effectsOr(tx, policyHash))?.urgencies.get(actionId) ?? null;
  }

  async #effectsOr(tx: Tx, policyHash: string | null): Promise<Effects | null> {
    return (policyHash === null ? null : await this.#effectsOf(tx, policyHash)) ?? this.#effectsOf(tx, this.#current?.revision ?? '');
  }

  /** The constraints of the current revision. */
  async scarce(): Promise<readonly Scarce[]> {
    return (await this.#effectsOf(this.#store.db, this.#current?.revision ?? ''))?.scarce ?? [];
  }

  async #effectsOf(db: Query, hash: string): Promise<Effects | null> {
    const known = this.#effects.get(hash);
    if (known !== undefined) return known;
    const row = await db.selectFrom('revisions').select('files').where('hash', '=', hash).executeTakeFirst();
    if (row === undefined) return null;
    const check = checkRevision(row.files, { hash });
    if (!check.ok) throw new Error(`revision ${hash} passed its check when it was published and fails it now: publish a new one`);
    const rules = new Map<string, ActionRule>();
    const { actions, purposes, significance = [] } = check.revision;
    actions.forEach(({ id, request, route = null, purpose }, i) => {
      const by = purposes[purpose];
      const isTheirs = by?.basis === 'consent' || by?.basis === 'legitimate-interest';
      if (request === undefined) return;
      rules.set(id, {
        request,
        route,
        significance: significance.filter(({ covers }) => covers.includes(i)),
        consentPurpose: isTheirs ? by.id : null,
      });
    });
    const urgencies = new Map(actions.map(({ id, urgency }) => [id, urgency]));
    const challenger = check.revision.challenger?.model ?? null;
    const effects = { rules, urgencies, scarce: scarceIn(check.revision), challenger };
    this.#effects.set(hash, effects);
    return effects;
  }
}

export const lastPublished = (db: Query, kind: 'revision' | 'model', name: string) =>
  db
    .selectFrom('publications')
    .select(['hash', 'signed'])
    .where('kind', '=', kind)
    .where('name', '=', name)
    .orderBy('pos', 'desc')
    .limit(1)
    .executeTakeFirst();

/** The newest version that was ever published, where this one is older: publishing it again takes that back. */
async function replacedRevision(tx: Query, version: number): Promise<number | null> {
  const rows = await tx
    .selectFrom('publications')
    .innerJoin('revisions', 'revisions.hash', 'publications.hash')
    .select('revisions.version')
    .where('publications.kind', '=', 'revision')
    .execute();
  return newerThan(
    version,
    rows.map((row) => row.version),
  );
}

async function replacedModel(db: Query, { id, version }: ServedBundle['manifest']): Promise<number | null> {
  const rows = await db
    .selectFrom('models')
    .innerJoin('publications', 'publications.hash', 'models.hash')
    .select('manifest')
    .where('publications.kind', '=', 'model')
    .where('model_id', '=', id)
    .execute();
  return newerThan(
    version,
    rows.map((row) => row.manifest.version),
  );
}

const newerThan = (version: number, all: readonly number[]): number | null => {
  const newest = Math.max(version, ...all);
  return newest > version ? newest : null;
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Every model that is current, of whatever kind. */
export const namedModels = (current: CurrentVersions | null): readonly string[] =>
  current === null ? [] : [...current.models, current.intent, current.challenger].filter((hash) => typeof hash === 'string');

// Rows were checked as a whole when they were kept, so each has the manifest of one kind.
const bundleOf = (
  { hash, manifest }: { readonly hash: string; readonly manifest: ServedBundle['manifest'] },
  onnxBase64: string,
): ServedBundle => ({ hash, manifest, onnxBase64 }) as ServedBundle;
