/** What people look at afterwards, at this node: overrides at review, and decisions that their customers contest. */
import type { FastifyInstance } from 'fastify';
import type { ReviewRoom } from '#contract/approval.ts';
import type { CentralConfig } from './config.ts';
import { ContestViews } from './contests/contest-views.ts';
import { Contests } from './contests/contests.ts';
import { contestRoutes } from './http/contest-routes.ts';
import { overrideRoutes } from './http/override-routes.ts';
import { OverrideItems } from './overrides/override-items.ts';
import { OverrideViews } from './overrides/override-views.ts';
import { Catalogue } from './policy/catalogue.ts';
import type { Revisions } from './policy/revisions.ts';
import { Tellers } from './records/tellers.ts';
import type { Counters } from './store/counters.ts';
import type { Store } from './store/open-store.ts';

interface Settings {
  readonly store: Store;
  readonly counters: Counters;
  readonly nowMs: () => number;
  readonly revisions: Revisions;
  readonly config: Pick<CentralConfig, 'overrides' | 'contests'>;
  /** A customer's data is held: desks are to hear of it. */
  readonly ordered: () => void;
  /** Something at review is other than it was. */
  readonly changed: (room: ReviewRoom) => void;
}

export interface ReviewsHere {
  routes(server: FastifyInstance): void;
  /** Opens an item for each cluster that has become large enough, and does what is due of contests. */
  pass(): Promise<void>;
}

export function openReviews({ store, counters, nowMs, revisions, config, ordered, changed }: Settings): ReviewsHere {
  const { db } = store;
  const catalogue = new Catalogue(revisions);
  const seen = { db, nowMs, catalogue, tellers: new Tellers(db) };
  const items = new OverrideItems({ store, nowMs, catalogue, clusters: config.overrides });
  const contests = new Contests({ store, nowMs, rules: config.contests, ordered, changed: () => changed('contests') });
  return {
    routes(server) {
      overrideRoutes(server, {
        store,
        counters,
        nowMs,
        catalogue,
        views: new OverrideViews(seen),
        items,
        changed: () => changed('overrides'),
      });
      contestRoutes(server, { db, counters, contests, views: new ContestViews(seen) });
    },
    async pass() {
      const opened = await items.pass();
      counters.add('overrides: items opened', opened);
      if (opened > 0) changed('overrides');
      await contests.pass();
    },
  };
}
