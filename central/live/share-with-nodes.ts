/** Joins this node to the others: what its desks are told is what any node did. */
import { REVIEW_ROOMS, type ReviewRoom } from '#contract/approval.ts';
import type { Store } from '../store/open-store.ts';
import type { DeskGateway } from './desk-gateway.ts';
import { NodeFeeds } from './node-feeds.ts';
import type { News, NodeNews } from './node-news.ts';

interface Settings {
  readonly store: Store;
  readonly news: NodeNews;
  readonly gateway: DeskGateway;
  /** Looks what is published and excluded, and tells the desks of what is new. */
  readonly lookForPublished: () => Promise<void>;
  /** Looks what became of approvals, and tells whom it concerns. */
  readonly approvals: { look(): Promise<void>; tellReviewers(room: ReviewRoom): void };
  /** Looks what supervisors say on calls, and tells the desks. */
  readonly supervision: { look(): Promise<void> };
  readonly nowMs: () => number;
  readonly failed: (operation: string, error: unknown) => void;
}

export interface Shared {
  /** Looks at everything; rejects when a table cannot be read. */
  poll(): Promise<void>;
  /** Begins to hear the others. */
  start(): Promise<void>;
}

type Look = Extract<News, { readonly look: string }>['look'];

export function shareWithNodes({ store, news, gateway, lookForPublished, approvals, supervision, nowMs, failed }: Settings): Shared {
  const feeds = new NodeFeeds({
    db: store.db,
    nowMs,
    outcomes: (given) => gateway.outcomesGiven(given),
    agentIds: () => gateway.agentIds(),
    answer: (agentId, answer) => gateway.answer(agentId, answer),
    ordersChanged: () => gateway.sendOrders(),
  });
  // An embedded store has one node: what it did itself it knows.
  const isAlone = store.listen === null;
  const poll = async (): Promise<void> => {
    await gateway.poll();
    if (!isAlone) await feeds.poll();
  };
  const lookFor: Readonly<Record<Look, () => Promise<void>>> = {
    outcomes: () => feeds.outcomes(),
    answers: () => feeds.answers(),
    approvals: () => approvals.look(),
    supervision: () => supervision.look(),
    versions: lookForPublished,
    orders: () => feeds.orders(),
    overrides: async () => approvals.tellReviewers('overrides'),
    contests: async () => approvals.tellReviewers('contests'),
    oversight: async () => approvals.tellReviewers('oversight'),
    async everything() {
      for (const room of REVIEW_ROOMS) approvals.tellReviewers(room);
      await poll();
    },
  };
  return {
    poll,
    async start() {
      if (!isAlone) await feeds.poll();
      await news.start((one) => {
        if (!('look' in one)) gateway.heard(one);
        else lookFor[one.look]().catch((error: unknown) => failed('looking for what another node did', error));
      });
    },
  };
}
