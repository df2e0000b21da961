/**
 * Changes on their way to the desks:
 *
 *   propose (one person) ─► checked, its effect on real decisions told, personas tried ─► review (another) ─► publish (a third)
 *
 * Who may is asked of the tables each time; that they are three people is held by the tables themselves.
 */
import type { z } from 'zod';
import type { ChangeStatus, ChangeView, PersonaResult, Proposal, Review, Rollback, Tier } from '#contract/change-request.ts';
import type { PolicyFault } from '#contract/policy.ts';
import type { Role } from '#contract/roles.ts';
import { tierOf } from '#policy';
import { type Selectable, sql } from 'kysely';
import type { Query, Store, Tx } from '../store/open-store.ts';
import type { Tables } from '../store/tables.ts';
import { blastOfRecords } from './blast-of-records.ts';
import { changeStatus, viewsOf } from './change-views.ts';
import { examineModel } from './model-effect.ts';
import { lastPublished, REVISION, type Revisions } from './revisions.ts';
import { tryPersonas } from './try-personas.ts';

/** Who does something, as the tables know them now. */
export interface Doer {
  readonly personId: string;
  readonly roles: ReadonlySet<Role>;
}

export type ChangeRefusal =
  | 'bad-revision'
  | 'bad-model'
  | 'version-not-newer'
  | 'nothing-changes'
  | 'not-found'
  | 'own-change'
  | 'not-your-tier'
  | 'declined'
  | 'published'
  | 'not-approved'
  | 'reviewer-may-not-any-more'
  | 'persona-failed'
  | 'base-changed'
  | 'nothing-before';

export type Done<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: ChangeRefusal; readonly detail: string; readonly faults?: readonly PolicyFault[] };

const no = (reason: ChangeRefusal, detail: string): { ok: false; reason: ChangeRefusal; detail: string } => ({ ok: false, reason, detail });

/** The council may do what the huddle may. */
const MAY: Readonly<Record<Tier, readonly Role[]>> = { council: ['council'], huddle: ['huddle', 'council'] };

type RequestRow = Selectable<Tables['change_requests']>;
type ReviewRow = Selectable<Tables['change_reviews']>;

export interface ChangeOptions {
  readonly store: Store;
  readonly revisions: Revisions;
  readonly nowMs: () => number;
  /** Something is current now that was not: the desks are told. */
  readonly published: () => Promise<void>;
}

export class ChangeRequests {
  readonly #o: ChangeOptions;

  constructor(options: ChangeOptions) {
    this.#o = options;
  }

  async propose(input: z.output<typeof Proposal>, author: Doer): Promise<Done<ChangeView>> {
    const made = input.kind === 'revision' ? await this.#revision(input) : await this.#model(input);
    if (!made.ok) return made;
    const { request_id } = await this.#o.store.db
      .insertInto('change_requests')
      .values({
        ...made.value,
        title: input.title,
        reason: input.reason,
        author: author.personId,
        proposed_at_ms: this.#o.nowMs(),
      })
      .returning('request_id')
      .executeTakeFirstOrThrow();
    const view = await this.view(request_id);
    return view === null ? no('not-found', request_id) : { ok: true, value: view };
  }

  async review(requestId: string, { verdict, reason }: z.output<typeof Review>, reviewer: Doer): Promise<Done<ChangeView>> {
    const done = await this.#o.store.transaction(async (tx): Promise<Done<null>> => {
      const found = await this.#open(tx, requestId, reviewer);
      if (!found.ok) return found;
      const { author } = found.value.request;
      await tx
        .insertInto('change_reviews')
        .values({ request_id: requestId, author, reviewer: reviewer.personId, verdict, reason, at_ms: this.#o.nowMs() })
        .onConflict((conflict) => conflict.columns(['request_id', 'reviewer']).doUpdateSet({ verdict, reason, at_ms: this.#o.nowMs() }))
        .execute();
      return { ok: true, value: null };
    });
    return done.ok ? this.#viewed(requestId) : done;
  }

  async publish(requestId: string, publisher: Doer): Promise<Done<ChangeView>> {
    const { store, revisions } = this.#o;
    const done = await store.transaction(async (tx): Promise<Done<null>> => {
      await oneAtATime(tx);
      const found = await this.#open(tx, requestId, publisher);
      if (!found.ok) return found;
      const { request, reviews } = found.value;
      const approval = reviews.find(({ verdict, reviewer }) => verdict === 'approved' && reviewer !== publisher.personId);
      if (approval === undefined)
        return no('not-approved', 'another person than its author and whoever publishes it must approve it first');
      if (!(await holds(tx, approval.reviewer, MAY[request.tier])))
        return no('reviewer-may-not-any-more', `${approval.reviewer}, who approved it, may not any more: somebody else must`);
      const failed = request.personas.filter(({ ok }) => !ok);
      if (failed.length > 0) return no('persona-failed', failed.map(({ name, wrong }) => `${name}: ${wrong.join(', ')}`).join('; '));
      const last = await lastPublished(tx, request.kind, request.name);
      if (request.kind === 'revision' && (last?.hash ?? null) !== request.base_hash)
        return no('base-changed', 'something else was published since its effect was told: propose it again');
      const published = await revisions.publish(
        tx,
        { kind: request.kind, hash: request.hash, signed: request.signed ?? undefined },
        { origin: 'reviewed', requestId, author: request.author, reviewer: approval.reviewer, publisher: publisher.personId },
      );
      return published.ok ? { ok: true, value: null } : no('bad-model', published.reason);
    });
    if (!done.ok) return done;
    await this.#o.published();
    return this.#viewed(requestId);
  }

  /** What was published before is current again; one person may, and says why. */
  async rollback(
    { to, reason }: z.output<typeof Rollback>,
    publisher: Doer,
  ): Promise<Done<{ readonly hash: string; readonly version: number }>> {
    const { store, revisions } = this.#o;
    const done = await store.transaction(async (tx): Promise<Done<string>> => {
      await oneAtATime(tx);
      const rows = await tx.selectFrom('publications').select('hash').where('kind', '=', 'revision').orderBy('pos', 'desc').execute();
      const current = rows[0]?.hash;
      const target = to ?? (await previousTo(tx, current ?? null));
      if (target === null || target === current || !rows.some(({ hash }) => hash === target))
        return no(
          'nothing-before',
          to === undefined ? 'nothing was published before the current revision' : `${to} was never published, or is current`,
        );
      const published = await revisions.publish(
        tx,
        { kind: 'revision', hash: target },
        { origin: 'rollback', publisher: publisher.personId, reason },
      );
      return published.ok ? { ok: true, value: target } : no('bad-revision', published.reason);
    });
    if (!done.ok) return done;
    await this.#o.published();
    const { version } = await store.db.selectFrom('revisions').select('version').where('hash', '=', done.value).executeTakeFirstOrThrow();
    return { ok: true, value: { hash: done.value, version } };
  }

  async view(requestId: string): Promise<ChangeView | null> {
    const [view] = await viewsOf(this.#o.store.db, [requestId]);
    return view ?? null;
  }

  status(): Promise<ChangeStatus> {
    const { store, revisions, nowMs } = this.#o;
    return changeStatus(store.db, revisions, nowMs());
  }

  async #viewed(requestId: string): Promise<Done<ChangeView>> {
    const view = await this.view(requestId);
    return view === null ? no('not-found', requestId) : { ok: true, value: view };
  }

  /** A request that may still be worked on, by somebody of its tier who did not write it. */
  async #open(
    tx: Tx,
    requestId: string,
    doer: Doer,
  ): Promise<Done<{ readonly request: RequestRow; readonly reviews: readonly ReviewRow[] }>> {
    const request = await tx.selectFrom('change_requests').selectAll().where('request_id', '=', requestId).forUpdate().executeTakeFirst();
    if (request === undefined) return no('not-found', requestId);
    const reviews = await tx.selectFrom('change_reviews').selectAll().where('request_id', '=', requestId).orderBy('at_ms').execute();
    const publication = await tx.selectFrom('publications').select('pos').where('request_id', '=', requestId).executeTakeFirst();
    if (publication !== undefined) return no('published', 'it is published already');
    if (reviews.some(({ verdict }) => verdict === 'declined')) return no('declined', 'it was declined: propose another');
    if (request.author === doer.personId) return no('own-change', 'author, reviewer and publisher are three different people');
    if (!MAY[request.tier].some((role) => doer.roles.has(role))) return no('not-your-tier', `it changes what the ${request.tier} decides`);
    return { ok: true, value: { request, reviews } };
  }

  async #revision(input: Extract<z.output<typeof Proposal>, { kind: 'revision' }>) {
    const { store, revisions } = this.#o;
    const { db } = store;
    const kept = await revisions.keepRevision(input.files);
    if (!kept.ok)
      return {
        ...no('bad-revision', kept.faults.map(({ file, line, reason }) => `${file}:${line} ${reason}`).join('\n')),
        faults: kept.faults,
      };
    const { revision } = kept;
    const base = await lastPublished(db, 'revision', REVISION);
    if (base?.hash === revision.hash) return no('nothing-changes', 'it is what is published');
    const newest = await newestVersion(db);
    if (revision.version <= newest)
      return no('version-not-newer', `version ${revision.version} is not above ${newest}: versions only go up`);
    const before = base === undefined ? null : await revisions.checked(base.hash);
    const blast = before === null ? null : await blastOfRecords(db, before, revision);
    return {
      ok: true,
      value: {
        kind: 'revision',
        name: REVISION,
        hash: revision.hash,
        version: revision.version,
        base_hash: base?.hash ?? null,
        tier: tierOf(before, revision),
        blast: blast === null ? null : JSON.stringify(blast),
        personas: JSON.stringify(tryPersonas(revision, input.personas)),
        signed: null,
      },
    } as const;
  }

  async #model({ bundle }: Extract<z.output<typeof Proposal>, { kind: 'model' }>) {
    const kept = await this.#o.revisions.keepModel(bundle);
    if (!kept.ok) return no('bad-model', kept.reason);
    const { id, version } = kept.manifest;
    const { db } = this.#o.store;
    const last = await lastPublished(db, 'model', id);
    const base = await lastPublished(db, 'revision', REVISION);
    const revision = base === undefined ? null : await this.#o.revisions.checked(base.hash);
    const champion = last === undefined ? null : await this.#o.revisions.model(last.hash);
    const examined = revision === null ? null : await examineModel(db, revision, bundle, champion?.manifest ?? null);
    if (examined !== null && !examined.ok) return no('bad-model', examined.words);
    return {
      ok: true,
      value: {
        kind: 'model',
        name: id,
        hash: kept.hash,
        version,
        base_hash: last?.hash ?? null,
        tier: 'huddle',
        blast: examined === null ? null : JSON.stringify(examined.effect),
        personas: JSON.stringify([] satisfies PersonaResult[]),
        signed: bundle.signed === undefined ? null : JSON.stringify(bundle.signed),
      },
    } as const;
  }
}

/** Publishing waits for publishing: what is current cannot change between the look and the deed. */
const oneAtATime = (tx: Tx) => sql`lock table publications in share row exclusive mode`.execute(tx);

async function holds(tx: Tx, personId: string, roles: readonly Role[]): Promise<boolean> {
  const row = await tx
    .selectFrom('person_roles')
    .innerJoin('people', 'people.person_id', 'person_roles.person_id')
    .select('role')
    .where('people.active', '=', true)
    .where('person_roles.person_id', '=', personId)
    .where(sql<boolean>`role = any(${roles}::text[])`)
    .executeTakeFirst();
  return row !== undefined;
}

async function newestVersion(db: Query): Promise<number> {
  const row = await db
    .selectFrom('publications')
    .innerJoin('revisions', 'revisions.hash', 'publications.hash')
    .select(sql<number | null>`max(revisions.version)`.as('version'))
    .where('kind', '=', 'revision')
    .executeTakeFirst();
  return row?.version ?? 0;
}

/** The newest version that was published and is older than this one. */
async function previousTo(tx: Tx, hash: string | null): Promise<string | null> {
  if (hash === null) return null;
  const row = await tx
    .selectFrom('publications')
    .innerJoin('revisions', 'revisions.hash', 'publications.hash')
    .select('revisions.hash')
    .where('kind', '=', 'revision')
    .where('revisions.version', '<', (eb) => eb.selectFrom('revisions').select('version').where('hash', '=', hash))
    .orderBy('revisions.version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.hash ?? null;
}
