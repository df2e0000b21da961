/** People in the loop, at this node: approvals, supervision, and what is looked at afterwards, put together. */
import type { FastifyInstance } from 'fastify';
import type { Server } from 'socket.io';
import type { Access } from './access/open-access.ts';
import { type ApprovalsHere, openApprovals } from './approvals/open-approvals.ts';
import type { CentralConfig } from './config.ts';
import type { DeskGateway } from './live/desk-gateway.ts';
import type { NodeNews } from './live/node-news.ts';
import { openReviews, type ReviewsHere } from './open-reviews.ts';
import type { Revisions } from './policy/revisions.ts';
import type { runEvery } from './run-every.ts';
import type { Counters } from './store/counters.ts';
import type { Store } from './store/open-store.ts';
import { openSupervision, type SupervisionHere } from './supervision/open-supervision.ts';

/** Deadlines, ends and executions; what is not told by anybody is seen as soon. */
const APPROVALS_PASS_MS = 250;
/** Clusters of overrides, and deadlines of contests, which are days. */
const REVIEWS_PASS_MS = 60_000;

interface Settings {
  readonly store: Store;
  /** Connections that nothing waits for which does not wait for people too. */
  readonly lane: Store;
  readonly sockets: Server;
  readonly gateway: DeskGateway;
  readonly revisions: Revisions;
  readonly counters: Counters;
  readonly access: Pick<Access, 'authenticate' | 'admitted'>;
  readonly config: Pick<CentralConfig, 'overrides' | 'contests'>;
  readonly nowMs: () => number;
  readonly failed: (operation: string, error: unknown) => void;
  readonly news: NodeNews;
  /** Something may be sent to the system of record. */
  readonly send: () => void;
  /** A customer's data is held: desks are to hear of it. */
  readonly ordered: () => void;
}

export interface PeopleHere {
  readonly approvals: ApprovalsHere;
  readonly supervision: SupervisionHere;
  readonly reviews: ReviewsHere;
  routes(server: FastifyInstance): void;
  /** What is to be done again and again. */
  readonly jobs: Parameters<typeof runEvery>[0];
}

export function openPeople({ access, config, send, ordered, ...here }: Settings): PeopleHere {
  const approvals = openApprovals({ ...here, authenticate: access.authenticate, admitted: access.admitted, send });
  const supervision = openSupervision({ ...here, access, raised: approvals.alert });
  const reviews = openReviews({ ...here, config, ordered, changed: approvals.reviewsChanged });
  return {
    approvals,
    supervision,
    reviews,
    routes(server) {
      for (const part of [approvals, supervision, reviews]) part.routes(server);
    },
    jobs: [
      [APPROVALS_PASS_MS, () => approvals.pass(), (error) => here.failed('looking what is due of approvals', error)],
      [REVIEWS_PASS_MS, () => reviews.pass(), (error) => here.failed('looking what is due of overrides and contests', error)],
      ...supervision.jobs,
    ],
  };
}
