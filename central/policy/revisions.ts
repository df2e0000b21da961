/** Revisions and models: checked before they are kept, whole or not at all; the last one published is current. */
import { createHash } from 'node:crypto';
import { ModelBundle } from '#contract/model.ts';
import type { CurrentVersions } from '#contract/live.ts';
import type { Signed } from '#contract/signature.ts';
import type { PolicyFault, PolicyFile, RevisionBundle } from '#contract/policy.ts';
import { canonicalJson } from '#core';
import { checkRevision, revisionHash } from '#policy';
import { type Scarce, scarceIn } from '../live/read-usage.ts';
import type { BundleSigner } from './bundle-signer.ts';
import type { Query, Store, Tx } from '../store/open-store.ts';
import type { ActionRule } from '../sync/apply-outcomes.ts';

export type Published = { readonly ok: true; readonly hash: string } | { readonly ok: false; readonly faults: readonly PolicyFault[] };
export type PublishedModel = { readonly ok: true; readonly hash: string } | { readonly ok: false; readonly reason: string };

const REVISION = 'revision';

interface Effects {
  readonly rules: ReadonlyMap<string, ActionRule>;
  readonly scarce: readonly Scarce[];
}

export class Revisions {
  readonly #store: Store;
  readonly #nowMs: () => number;
  readonly #signer: BundleSigner;
  /** What accepting asks for and takes, by revision. A revision never changes. */
  readonly #effects = new Map<string, Effects>();
  #current: CurrentVersions | null = null;

  constructor(store: Store, signer: BundleSigner, nowMs: () => number) {
    this.#store = store;
    this.#signer = signer;
    this.#nowMs = nowMs;
  }

  /** As last read or published; null while no revision is. */
  get current(): CurrentVersions | null {
    return this.#current;
  }

  /** Reads what is current from the table. */
  async load(): Promise<void> {
    const rows = await this.#store.db
      .selectFrom('publications')
      .select(['kind', 'name', 'hash'])
      .distinctOn(['kind', 'name'])
      .orderBy('kind')
      .orderBy('name')
      .orderBy('pos', 'desc')
      .execute();
    const revision = rows.find(({ kind }) => kind === 'revision')?.hash;
    const models = rows.filter(({ kind }) => kind === 'model').map(({ hash }) => hash);
    this.#current = revision === undefined ? null : { revision, models, excluded: [] };
  }

  async publishRevision(files: readonly PolicyFile[]): Promise<Published> {
    const hash = revisionHash(files, sha256);
    // What is kept was checked: the hash says that it is the same.
    const isKept = (await this.#store.db.selectFrom('revisions').select('hash').where('hash', '=', hash).executeTakeFirst()) !== undefined;
    const check = isKept ? null : checkRevision(files, { hash });
    if (check?.ok === false) return { ok: false, faults: check.faults };
    const version = check?.revision.version ?? (await this.#versionOf(hash));
    const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1)).map(({ path, text }) => ({ path, text }));
    await this.#store.transaction(async (tx) => {
      if (check !== null)
        await tx
          .insertInto('revisions')
          .values({
            hash,
            name: check.revision.name,
            version: check.revision.version,
            files: JSON.stringify(sorted),
            published_at_ms: this.#nowMs(),
          })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      const bundle = { hash, version, publishedAtMs: this.#nowMs(), files: sorted };
      await this.#publish(tx, 'revision', REVISION, hash, this.#signer.sign(bundle, await replacedRevision(tx, version)));
    });
    await this.load();
    return { ok: true, hash };
  }

  /** Checks what can be checked without running it: schema, size and hash. Desks check the golden inputs before they use it. */
  async publishModel(input: unknown): Promise<PublishedModel> {
    const parsed = ModelBundle.safeParse(input);
    if (!parsed.success) return { ok: false, reason: parsed.error.issues[0]?.message ?? 'does not fit its schema' };
    const { hash, manifest, onnxBase64 } = parsed.data;
    const onnx = Buffer.from(onnxBase64, 'base64');
    if (onnx.length !== manifest.bytes)
      return { ok: false, reason: `the model has ${onnx.length} bytes, the manifest says ${manifest.bytes}` };
    if (createHash('sha256').update(onnx).digest('hex') !== manifest.onnx)
      return { ok: false, reason: "the model's hash is not the manifest's" };
    if (sha256(canonicalJson(manifest)) !== hash) return { ok: false, reason: "the bundle's hash is not that of its manifest" };
    const signed = this.#signer.signModel(parsed.data, await this.#replacedModel(manifest));
    if (!signed.ok) return signed;
    await this.#store.transaction(async (tx) => {
      await tx
        .insertInto('models')
        .values({ hash, model_id: manifest.id, manifest: JSON.stringify(manifest), onnx, published_at_ms: this.#nowMs() })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      await this.#publish(tx, 'model', manifest.id, hash, signed.signed);
    });
    await this.load();
    return { ok: true, hash };
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

  async model(hash: string): Promise<ModelBundle | null> {
    const row = await this.#store.db.selectFrom('models').selectAll().where('hash', '=', hash).executeTakeFirst();
    if (row === undefined) return null;
    return {
      hash,
      manifest: row.manifest,
      onnxBase64: Buffer.from(row.onnx).toString('base64'),
      ...(await this.#signedOf('model', hash)),
    };
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

  async #versionOf(hash: string): Promise<number> {
    const row = await this.#store.db.selectFrom('revisions').select('version').where('hash', '=', hash).executeTakeFirstOrThrow();
    return row.version;
  }

  async #replacedModel({ id, version }: ModelBundle['manifest']): Promise<number | null> {
    const rows = await this.#store.db.selectFrom('models').select('manifest').where('model_id', '=', id).execute();
    return newerThan(
      version,
      rows.map((row) => row.manifest.version),
    );
  }

  /** What accepting the action asks for, by the revision the decision was made with, or the current one. Reads within `tx`. */
  async requestOf(tx: Tx, policyHash: string | null, actionId: string): Promise<ActionRule | null> {
    const effects =
      (policyHash === null ? null : await this.#effectsOf(tx, policyHash)) ?? (await this.#effectsOf(tx, this.#current?.revision ?? ''));
    return effects?.rules.get(actionId) ?? null;
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
    for (const { id, request, significant } of check.revision.actions) if (request !== undefined) rules.set(id, { request, significant });
    const effects = { rules, scarce: scarceIn(check.revision) };
    this.#effects.set(hash, effects);
    return effects;
  }

  /** Adds the publication, unless it is the last of its name already, signed as it is. */
  async #publish(tx: Tx, kind: 'revision' | 'model', name: string, hash: string, signed: Signed): Promise<void> {
    const last = await tx
      .selectFrom('publications')
      .select(['hash', 'signed'])
      .where('kind', '=', kind)
      .where('name', '=', name)
      .orderBy('pos', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (last?.hash === hash && canonicalJson(last.signed) === canonicalJson(signed)) return;
    await tx
      .insertInto('publications')
      .values({ kind, name, hash, at_ms: this.#nowMs(), signed: JSON.stringify(signed) })
      .execute();
  }
}

/** The newest version that was ever published, where this one is older: publishing it again takes that back. */
async function replacedRevision(tx: Tx, version: number): Promise<number | null> {
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

const newerThan = (version: number, all: readonly number[]): number | null => {
  const newest = Math.max(version, ...all);
  return newest > version ? newest : null;
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
