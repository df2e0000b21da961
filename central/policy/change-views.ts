/** Change requests as people are told of them, and what is current. */
import type { ChangeStatus, ChangeView } from '#contract/change-request.ts';
import { type BlastReport, describeBlast } from '#policy';
import type { Selectable } from 'kysely';
import type { Query } from '../store/open-store.ts';
import type { Tables } from '../store/tables.ts';
import { exclusionViews } from './exclusions.ts';
import { describeModelEffect, type ModelEffect } from './model-effect.ts';
import { namedModels, type Revisions } from './revisions.ts';

const MOST_PUBLISHED = 50;

type ReviewRow = Selectable<Tables['change_reviews']>;

export async function changeStatus(db: Query, revisions: Revisions, nowMs: number): Promise<ChangeStatus> {
  const current = revisions.current === null ? null : await revisions.checked(revisions.current.revision);
  const published = await db
    .selectFrom('publications')
    .innerJoin('revisions', 'revisions.hash', 'publications.hash')
    .select(['publications.hash', 'revisions.version', 'at_ms', 'origin', 'publisher'])
    .where('kind', '=', 'revision')
    .orderBy('pos', 'desc')
    .limit(MOST_PUBLISHED)
    .execute();
  const bundles = await Promise.all(namedModels(revisions.current).map((hash) => revisions.model(hash)));
  const open = await db
    .selectFrom('change_requests as r')
    .select('r.request_id')
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('publications as p').select('p.pos').whereRef('p.request_id', '=', 'r.request_id'))),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('change_reviews as v')
            .select('v.reviewer')
            .whereRef('v.request_id', '=', 'r.request_id')
            .where('v.verdict', '=', 'declined'),
        ),
      ),
    )
    .orderBy('proposed_at_ms', 'desc')
    .limit(200)
    .execute();
  return {
    current:
      current === null
        ? null
        : { hash: current.hash, version: current.version, name: current.name, usableOfflineHours: current.usableOfflineMs / 3_600_000 },
    models: bundles.flatMap((bundle) =>
      bundle === null
        ? []
        : [
            {
              hash: bundle.hash,
              id: bundle.manifest.id,
              version: bundle.manifest.version,
              signatures: bundle.signed?.signatures.length ?? 0,
            },
          ],
    ),
    published: published.map(({ hash, version, at_ms, origin, publisher }) => ({ hash, version, atMs: at_ms, origin, publisher })),
    open: [
      ...(await viewsOf(
        db,
        open.map(({ request_id }) => request_id),
      )),
    ],
    exclusions: [...(await exclusionViews(db, nowMs))],
  };
}

export async function viewsOf(db: Query, requestIds: readonly string[]): Promise<readonly ChangeView[]> {
  if (requestIds.length === 0) return [];
  const requests = await db
    .selectFrom('change_requests')
    .selectAll()
    .where('request_id', 'in', [...requestIds])
    .orderBy('proposed_at_ms', 'desc')
    .execute();
  const reviews = await db
    .selectFrom('change_reviews')
    .selectAll()
    .where('request_id', 'in', [...requestIds])
    .orderBy('at_ms')
    .execute();
  const published = await db
    .selectFrom('publications')
    .select(['request_id', 'publisher'])
    .where('request_id', 'in', [...requestIds])
    .execute();
  return requests.map((request) => {
    const own = reviews.filter(({ request_id }) => request_id === request.request_id);
    const publication = published.find(({ request_id }) => request_id === request.request_id);
    return {
      requestId: request.request_id,
      kind: request.kind,
      name: request.name,
      hash: request.hash,
      version: request.version,
      baseHash: request.base_hash,
      tier: request.tier,
      title: request.title,
      reason: request.reason,
      state: stateOf(own, publication !== undefined),
      author: request.author,
      proposedAtMs: request.proposed_at_ms,
      reviews: own.map(({ reviewer, verdict, reason, at_ms }) => ({ reviewer, verdict, reason, atMs: at_ms })),
      publisher: publication?.publisher ?? null,
      personas: request.personas,
      effect: effectOf(request.blast),
    };
  });
}

const effectOf = (effect: BlastReport | ModelEffect | null): string[] => {
  if (effect === null) return [];
  return [...('lines' in effect ? describeModelEffect(effect) : describeBlast(effect))];
};

function stateOf(reviews: readonly ReviewRow[], isPublished: boolean): ChangeView['state'] {
  if (isPublished) return 'published';
  if (reviews.some(({ verdict }) => verdict === 'declined')) return 'declined';
  return reviews.length > 0 ? 'approved' : 'proposed';
}
