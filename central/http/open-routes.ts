/** What is asked of central by HTTP, but for what has parts of its own: each group of routes with what it needs. */
import type { FastifyInstance } from 'fastify';
import type { TrustChange } from '#contract/signature.ts';
import type { Access } from '../access/open-access.ts';
import { DEVELOPMENT_ISSUER } from '../access/tokens.ts';
import type { answerTaker } from '../actions/answer-taker.ts';
import type { CentralConfig } from '../config.ts';
import type { Intake } from '../intake/intake.ts';
import type { Metrics } from '../metrics.ts';
import type { BundleSigner } from '../policy/bundle-signer.ts';
import type { Revisions } from '../policy/revisions.ts';
import type { CentralHeads } from '../records/central-heads.ts';
import type { Counters } from '../store/counters.ts';
import type { Store } from '../store/open-store.ts';
import type { Outbox } from '../sync/outbox.ts';
import { changeRoutes } from './change-routes.ts';
import { deskRoutes } from './desk-routes.ts';
import { developmentRoutes } from './development-routes.ts';
import { eventRoutes } from './event-routes.ts';
import { peopleRoutes } from './people-routes.ts';
import { readingRoutes } from './reading-routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { subjectRoutes } from './subject-routes.ts';
import { witnessRoutes } from './witness-routes.ts';

interface Settings {
  readonly config: CentralConfig;
  readonly store: Store;
  readonly counters: Counters;
  readonly nowMs: () => number;
  readonly intake: Intake;
  readonly takeAnswer: ReturnType<typeof answerTaker>;
  readonly outbox: Outbox;
  readonly revisions: Revisions;
  readonly metrics: Metrics;
  readonly heads: CentralHeads;
  readonly access: Access;
  readonly signer: BundleSigner;
  readonly trustChange: TrustChange | null;
  readonly isDraining: () => boolean;
  /** A revision, a model or an exclusion changed: desks are to hear of it. */
  readonly published: () => Promise<void>;
  /** Somebody is to be forgotten, or held: desks are to hear of it. */
  readonly ordered: () => void;
}

export function openRoutes(server: FastifyInstance, settings: Settings): void {
  const { config, store, counters, nowMs, revisions, access } = settings;
  const { db } = store;
  const { limits } = config;
  const isEmbedded = config.mode === 'embedded';
  eventRoutes(server, {
    db,
    intake: settings.intake,
    counters,
    takeAnswer: settings.takeAnswer,
    batchBytes: limits.eventBatchBytes,
    batchItems: limits.eventBatchItems,
  });
  deskRoutes(server, { outbox: settings.outbox, revisions, outboxBytes: limits.outboxBytes, db });
  changeRoutes(server, { store, revisions, counters, nowMs, published: settings.published });
  readingRoutes(server, { db, counters, revisions, metrics: settings.metrics, isDraining: settings.isDraining });
  peopleRoutes(server, {
    store,
    counters,
    issuer: isEmbedded ? DEVELOPMENT_ISSUER : null,
    nowMs,
    changed: () => access.admitted.look(),
  });
  subjectRoutes(server, { store, counters, nowMs, ordered: settings.ordered });
  witnessRoutes(server, { db, heads: settings.heads });
  sessionRoutes(server, {
    db,
    proof: access.proof,
    issuer: access.issuer,
    challenges: access.challenges,
    counters,
    trusted: settings.signer.trusted,
    trustChange: settings.trustChange,
    offlineHours: config.desks.offlineHours,
    nowMs,
  });
  if (isEmbedded) developmentRoutes(server, { db, issuer: access.issuer, counters });
}
