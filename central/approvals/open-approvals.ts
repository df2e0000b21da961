/** Approvals at this node, put together: what people do, what time does, and who is told of it. */
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import type { Server } from 'socket.io';
import { APPROVER_NAMESPACE, type ReviewRoom } from '#contract/approval.ts';
import type { RaisedAlert } from '#contract/supervision.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { AdmittedSockets } from '../access/admitted-sockets.ts';
import type { Authenticate } from '../access/directory.ts';
import { answerOf } from '../actions/answer-of.ts';
import { approvalRoutes } from '../http/approval-routes.ts';
import { ApproverGateway } from '../live/approver-gateway.ts';
import type { DeskGateway } from '../live/desk-gateway.ts';
import type { NodeNews } from '../live/node-news.ts';
import { Catalogue } from '../policy/catalogue.ts';
import type { Revisions } from '../policy/revisions.ts';
import { Tellers } from '../records/tellers.ts';
import type { Counters } from '../store/counters.ts';
import type { Store } from '../store/open-store.ts';
import { isOpen } from './approval-machine.ts';
import { ApprovalFeed } from './approval-feed.ts';
import { ApprovalViews } from './approval-views.ts';
import { Approvals } from './approvals.ts';
import { itemOf, type SeenApproval, standingOf } from './seen-approvals.ts';

interface Settings {
  readonly store: Store;
  /** Connections that nothing waits for which does not wait for approvals too. */
  readonly lane: Store;
  readonly sockets: Server;
  readonly gateway: DeskGateway;
  readonly revisions: Revisions;
  readonly counters: Counters;
  readonly authenticate: Authenticate;
  readonly admitted: AdmittedSockets;
  readonly nowMs: () => number;
  readonly failed: (operation: string, error: unknown) => void;
  readonly news: NodeNews;
  /** Something may be sent to the system of record. */
  readonly send: () => void;
}

export interface ApprovalsHere {
  routes(server: FastifyInstance): void;
  /** Outcomes were stored here: whoever decides on them hears of it now. */
  stored(outcomes: readonly Outcome[]): void;
  /** An alert began or is over, of an agent in these teams: at this node. */
  alert(alert: RaisedAlert, teams: readonly string[]): void;
  /** Something at review is other than it was: at this node. */
  tellReviewers(room: ReviewRoom): void;
  /** The same, here and at every other node. */
  reviewsChanged(room: ReviewRoom): void;
  /** Looks what changed anywhere. Rejects when the tables cannot be read. */
  look(): Promise<void>;
  /** Does what is due, and looks. */
  pass(): Promise<void>;
}

/** What becomes a case at review, or is one no more. */
const REVIEWED: ReadonlySet<Outcome['kind']> = new Set(['overridden', 'rejected', 'retracted']);

export function openApprovals(settings: Settings): ApprovalsHere {
  const { store, lane, sockets, gateway, revisions, counters, authenticate, admitted, nowMs, failed, news, send } = settings;
  const { db } = lane;
  const catalogue = new Catalogue(revisions);
  const views = new ApprovalViews({ db: store.db, nowMs, catalogue, tellers: new Tellers(store.db) });
  const approvers = new ApproverGateway({
    approvers: sockets.of(APPROVER_NAMESPACE),
    counters,
    authenticate,
    admitted,
    queue: (principal) => views.queue(principal),
    breaks: (principal) => views.waitingBreaks(principal),
    item: async (seen) => itemOf(seen, await catalogue.words()),
    failed,
  });
  const feed = new ApprovalFeed(
    db,
    (all) => {
      for (const seen of all) tellAgent(seen);
      approvers.changed(all).catch((error: unknown) => failed('telling approvers', error));
    },
    (error) => failed('looking what became of approvals', error),
  );
  /** What ended without being sent is an answer of the action; what is sent is answered by the system of record. */
  const tellAgent = (seen: SeenApproval): void => {
    const standing = standingOf(seen);
    if (standing === null) return;
    gateway.approval(seen.agent_id, standing);
    if (isOpen(seen)) return;
    if (seen.state === 'executed') send();
    else answerEnded(seen).catch((error: unknown) => failed('telling what became of a request', error));
  };
  const answerEnded = async ({ outcome_id, agent_id }: SeenApproval): Promise<void> => {
    if (outcome_id === null) return;
    const row = await db.selectFrom('action_requests').selectAll().where('outcome_id', '=', outcome_id).executeTakeFirst();
    const answer = row === undefined ? null : answerOf(row);
    if (answer !== null) gateway.answer(agent_id, answer);
  };
  const changed = (approvalId: string): void => {
    feed.changedHere(sql`q.approval_id = ${approvalId}`);
    news.tell({ look: 'approvals' });
    work().catch((error: unknown) => failed('looking what is due of approvals', error));
  };
  const approvals = new Approvals({ store, nowMs, changed, refused: () => counters.add('approvals: executions refused by the tables') });
  let working: Promise<void> | null = null;
  /** Never twice at once here; at other nodes at the same time, where each waits for the other's rows. */
  const work = (): Promise<void> => {
    working ??= approvals.pass().finally(() => {
      working = null;
    });
    return working;
  };
  const reviewsChanged = (room: ReviewRoom): void => {
    approvers.reviewsChanged(room);
    news.tell({ look: room });
  };
  return {
    alert: (alert, teams) => approvers.alert(alert, teams),
    tellReviewers: (room) => approvers.reviewsChanged(room),
    reviewsChanged,
    routes: (server) =>
      approvalRoutes(server, { approvals, views, counters, nowMs, changed, store, broken: () => reviewsChanged('oversight') }),
    stored(outcomes) {
      const ids = outcomes.flatMap(({ id, kind, retracts }) =>
        kind === 'accepted' || kind === 'overridden' ? [id] : kind === 'retracted' && retracts !== undefined ? [retracts] : [],
      );
      if (outcomes.some(({ kind }) => REVIEWED.has(kind))) reviewsChanged('overrides');
      if (ids.length === 0) return;
      feed.changedHere(sql`q.outcome_id = any(${ids}::text[])`);
      news.tell({ look: 'approvals' });
    },
    look: () => feed.look(),
    async pass() {
      await work();
      await feed.look();
    },
  };
}
