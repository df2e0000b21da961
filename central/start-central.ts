/**
 * Puts central together: one process, one store, HTTP and sockets on one port.
 *
 *   producers ─ HTTP, /producers ─► Intake ─► store ─► DeskGateway ─ /desks ─► desks
 *   desks ─ outbox, HTTP ─► Outbox ─► store ─► Dispatcher ─ signed HTTP ─► system of record ─ answers ─┘
 */
import { mkdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DESK_NAMESPACE, PRODUCER_NAMESPACE } from '#contract/live.ts';
import type { Outcome } from '#contract/outcome.ts';
import { TrustChange } from '#contract/signature.ts';
import { LOOK_EVERY_MS } from './access/admitted-sockets.ts';
import { revokeDevice } from './access/devices.ts';
import { readKey, readOrMakeKey, readPublicKey } from './access/key-file.ts';
import { takeUp } from './access/development-proof.ts';
import { openAccess } from './access/open-access.ts';
import { answerOf } from './actions/answer-of.ts';
import { answerTaker } from './actions/answer-taker.ts';
import { Dispatcher } from './actions/dispatcher.ts';
import { publicPem } from './actions/signature.ts';
import { SigningKey } from './access/signing-key.ts';
import type { Central, CentralOptions } from './central.ts';
import { type CentralConfig, type CentralConfigInput, parseConfig, storeConfig } from './config.ts';
import { OpenConnections } from './http/open-connections.ts';
import { openRoutes } from './http/open-routes.ts';
import { openSockets } from './http/open-sockets.ts';
import { createServer } from './http/server.ts';
import { Intake } from './intake/intake.ts';
import { CentralLearning, LOOK_FOR_LEARNING_MS } from './learning/central-learning.ts';
import { DeskGateway } from './live/desk-gateway.ts';
import { NodeNews } from './live/node-news.ts';
import { serveProducers } from './live/producer-gateway.ts';
import { shareWithNodes } from './live/share-with-nodes.ts';
import { loadOrganisation } from './load-organisation.ts';
import { Metrics } from './metrics.ts';
import { openPeople } from './open-people.ts';
import { BundleSigner } from './policy/bundle-signer.ts';
import { Revisions } from './policy/revisions.ts';
import { CentralHeads } from './records/central-heads.ts';
import { keepCore } from './records/cores.ts';
import { orderErasure, orderHold } from './privacy/data-orders.ts';
import { keepHouse, prepareHouse } from './privacy/keep-house.ts';
import { runEvery } from './run-every.ts';
import { checkServer } from './store/check-server.ts';
import { Counters } from './store/counters.ts';
import { migrate } from './store/migrate.ts';
import { openStore, sqlState, type Store } from './store/open-store.ts';
import type { ActionRequestRow } from './store/tables.ts';
import { Outbox } from './sync/outbox.ts';

/** A desk gives up on an acknowledgement after 10 s, and sends again what would still be in line here. */
const OUTBOX_WAIT_MS = 4_000;
const LIVE_CONNECTIONS = 5;
const OUTBOX_PACE_MS = 80;
/** While desks are at the door what they bring is taken at a fraction of the pace: first everybody is in, then queues are emptied. */
const OUTBOX_REST_MS = 500;
const KEEP_HOUSE_MS = 3_600_000;
const SAVE_COUNTS_MS = 2_000;
const LOOK_FOR_HEAD_MS = 600_000;
/** What one node publishes or excludes is at the desks of every other within a second. */
const LOOK_FOR_PUBLISHED_MS = 400;
/** How long whoever is connected may take to leave when central closes. */
const LEAVE_WITHIN_MS = 1_000;

/** Starts central. Throws, with nothing left open, when the config is refused or the store cannot be used. */
export async function startCentral(input: CentralConfigInput, options: CentralOptions = {}): Promise<Central> {
  const config = parseConfig(input);
  if (config.mode === 'embedded') mkdirSync(config.folder, { recursive: true, mode: 0o700 });
  const signingKey = config.mode === 'embedded' ? readOrMakeKey(join(config.folder, 'signing-key.pem')) : readKey(config.signingKeyFile);
  const store = options.store ?? (await openStore(storeConfig(config)));
  try {
    if (config.mode === 'production') await checkServer(store);
    if (options.store === undefined) await migrate(store);
    await takeUp(store, config);
    if (options.core !== undefined) await keepCore(store.db, options.core, Date.now());
    return await compose(config, store, signingKey, options.log ?? ((line) => process.stderr.write(`central: ${line}\n`)));
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function compose(
  config: CentralConfig,
  store: Store,
  signingKey: ReturnType<typeof readKey>,
  log: (line: string) => void,
): Promise<Central> {
  const { db } = store;
  const { limits, live, actions, outbox: outboxLimits } = config;

  let virtualNowMs: number | null = null;
  const nowMs = (): number => (config.clock === 'virtual' ? (virtualNowMs ?? Date.now()) : Date.now());
  const failed = (operation: string, error: unknown): void => {
    // The database's own words may quote data; its code and our operation say enough.
    const code = sqlState(error) ?? (error instanceof Error ? error.name : 'unknown');
    counters.add('failures');
    log(`${operation} failed (${code})`);
  };

  const metrics = new Metrics();
  const counters = new Counters(store, (name, n) => metrics.counted(name, n));
  // Live events do not wait for a connection that two thousand desks are in line for.
  const lane = store.lane(LIVE_CONNECTIONS);
  const news = new NodeNews({ store, db: lane.db, counters, failed });
  const access = await openAccess(config, db, signingKey);
  const { authenticate, admitted } = access;
  const ownKey = new SigningKey(signingKey);
  const approvers = config.models.approverKeyFiles.map(readPublicKey);
  const trustChange = config.trustChangeFile === null ? null : TrustChange.parse(JSON.parse(readFileSync(config.trustChangeFile, 'utf8')));
  const signer = new BundleSigner(ownKey, { keys: approvers, signatures: config.models.signatures, change: trustChange });
  const revisions = new Revisions(store, signer, nowMs);
  await revisions.load();
  const listeners = new Set<(outcome: Outcome) => void>();
  const tell = (outcomes: readonly Outcome[]): void => {
    for (const outcome of outcomes) for (const listener of listeners) listener(outcome);
  };

  const learning = new CentralLearning({ store, revisions, signer, counters, nowMs, published: () => tellVersions(), ...config.learning });
  const heads = new CentralHeads({ store, key: ownKey, nowMs, alarm: log });
  const outbox = new Outbox({
    store,
    counters,
    nowMs,
    key: ownKey,
    centralHead: () => heads.last,
    // An embedded store has one connection: two at once would only wait for each other.
    admission: {
      ...outboxLimits,
      paceMs: OUTBOX_PACE_MS,
      longestWaitMs: OUTBOX_WAIT_MS,
      restMs: () => (gateway.atTheDoor > 0 ? OUTBOX_REST_MS : 0),
      workers: store.kind === 'pglite' ? 1 : outboxLimits.workers,
    },
    rules: {
      requestOf: (tx, policyHash, actionId) => revisions.requestOf(tx, policyHash, actionId),
      urgencyOf: (tx, policyHash, actionId) => revisions.urgencyOf(tx, policyHash, actionId),
      expireAfterMs: actions.expireAfterMs,
      undoMs: actions.undoMs,
    },
    stored(deviceId, outcomes) {
      gateway.outcomesStored(deviceId, outcomes);
      approvals.stored(outcomes);
      news.tell({ look: 'outcomes' });
      dispatcher.wakeIn(actions.undoMs);
      tell(outcomes);
    },
    storedAfter: (ms) => metrics.batchStored(ms),
    decided: (decision) => metrics.decisionStored(decision, nowMs()),
  });

  const server = await createServer({
    counters,
    authenticate,
    requestsPerMinute: limits.requestsPerMinute,
    development: config.mode === 'embedded',
    failed,
    metrics,
  });
  let closing: Promise<void> | null = null;
  const connections = new OpenConnections(server.server);
  const sockets = openSockets(server.server, () => closing !== null);

  const gateway = new DeskGateway({
    desks: sockets.of(DESK_NAMESPACE),
    db,
    live: lane.db,
    counters,
    authenticate,
    admitted,
    nowMs,
    transferWaitMs: live.transferWaitMs,
    ackTimeoutMs: live.ackTimeoutMs,
    messagesPerS: limits.deskMessagesPerS,
    pollMs: live.pollMs,
    scarce: () => revisions.scarce(),
    currentVersions: () => revisions.current,
    learnt: () => learning.base(),
    takeBatch: async (deviceId, body) => {
      const result = await outbox.take(deviceId, body);
      if (result.ok) return result.receipt;
      return result.reason === 'busy' ? { items: [], retryAfterMs: result.retryAfterMs } : null;
    },
    failed,
    acknowledgedAfter: (name, ms) => metrics.acknowledged(name, ms),
    tell: (one) => news.tell(one),
  });
  const intake = new Intake({
    store: lane,
    counters,
    nowMs,
    reorderMs: live.reorderMs,
    listener: gateway,
    storedAfter: (ms) => metrics.eventStored(ms),
  });
  metrics.watch({
    desks: () => gateway.connected(),
    outbox: () => outbox.load,
    intake: () => intake.load,
    connections: () => store.connections(),
  });
  serveProducers({
    producers: sockets.of(PRODUCER_NAMESPACE),
    counters,
    authenticate,
    admitted,
    take: (event) => intake.take(event),
    eventsPerS: limits.producerEventsPerS,
    failed,
  });

  const tellOrders = (): void => {
    gateway.sendOrders();
    news.tell({ look: 'orders' });
  };
  const people = openPeople({
    store,
    lane,
    sockets,
    gateway,
    revisions,
    counters,
    access,
    config,
    nowMs,
    failed,
    news,
    send: () => dispatcher.wakeIn(0),
    ordered: tellOrders,
  });
  const { approvals, supervision } = people;
  const ended = (row: ActionRequestRow): void => {
    const told = answerOf(row);
    if (told !== null) gateway.answer(row.agent_id, told);
    news.tell({ look: 'answers' });
  };
  const dispatcher = new Dispatcher({
    store,
    counters,
    nowMs,
    url: config.systemOfRecord?.url ?? null,
    key: signingKey,
    retryMs: actions.retryMs,
    timeoutMs: actions.timeoutMs,
    ended,
    failed,
  });
  const answer = answerTaker({
    store,
    counters,
    nowMs,
    accepted: (row, outcome) => {
      ended(row);
      tell([outcome]);
    },
  });

  const lookForPublished = async (): Promise<void> => {
    if ((await revisions.look()) || (await learning.look())) gateway.sendVersions();
  };
  /** Here at once; other nodes see it within LOOK_FOR_PUBLISHED_MS, also where they do not hear of it. */
  const published = async (): Promise<void> => {
    await lookForPublished();
    news.tell({ look: 'versions' });
  };
  people.routes(server);
  openRoutes(server, {
    config,
    store,
    counters,
    nowMs,
    intake,
    takeAnswer: answer,
    outbox,
    revisions,
    metrics,
    heads,
    access,
    signer,
    trustChange,
    isDraining: () => closing !== null,
    published,
    ordered: tellOrders,
  });

  const shared = shareWithNodes({ store, news, gateway, lookForPublished, approvals, supervision, nowMs, failed });
  await prepareHouse(store, log);
  await supervision.start();
  await server.listen({ host: config.host, port: config.port });
  const stopTimers = runEvery([
    [live.pollMs, () => shared.poll(), (error) => failed('looking for what is new', error)],
    [LOOK_FOR_PUBLISHED_MS, lookForPublished, (error) => failed('looking what is published', error)],
    [LOOK_EVERY_MS, () => admitted.look(), (error) => failed('looking who may still be connected', error)],
    [LOOK_FOR_LEARNING_MS, () => learning.run(), (error) => failed('learning from the outcomes', error)],
    [LOOK_FOR_HEAD_MS, () => heads.look(), (error) => failed('signing the day’s head', error)],
    [
      KEEP_HOUSE_MS,
      () => keepHouse(store, config.retention, nowMs(), counters),
      (error) => failed('deleting what is past its time', error),
    ],
    [SAVE_COUNTS_MS, () => counters.save(), (error) => failed('saving counts', error)],
    ...people.jobs,
  ]);
  dispatcher.start();
  await shared.start();

  const { port } = server.server.address() as AddressInfo;
  const url = `http://${config.host === '::1' ? '[::1]' : config.host}:${port}`;
  log(
    store.kind === 'pglite'
      ? `listens on ${url}, embedded store: what is acknowledged survives a killed process, but not a power cut; not for production`
      : `listens on ${url}, PostgreSQL`,
  );

  const close = async (): Promise<void> => {
    stopTimers();
    // Whoever sent something hears what became of it, where that is quick; what is not finished then comes again, to another node.
    await Promise.race([Promise.all([outbox.idle(), intake.idle()]), pause(LEAVE_WITHIN_MS, undefined, { ref: false })]);
    // Server and sockets share one HTTP server; no new work comes in, then what was begun is finished.
    await connections.endWith(sockets.close(), LEAVE_WITHIN_MS);
    await server.close();
    await gateway.usage.close();
    await supervision.close();
    await dispatcher.close();
    await learning.close();
    await intake.idle();
    await outbox.idle();
    await news.close();
    await counters.save().catch((error: unknown) => failed('saving counts', error));
    await store.close();
  };
  const tellVersions = (): void => {
    gateway.sendVersions();
    news.tell({ look: 'versions' });
  };
  const central: Central = {
    url,
    store,
    publicKeyPem: publicPem(signingKey),
    trusted: signer.trusted,
    intake: (event) => intake.take(event),
    delivered: (callId) => gateway.progress.of(callId),
    whenProcessed: (callId, seq) => gateway.progress.whenProcessed(callId, seq),
    async tick(toMs) {
      virtualNowMs = Math.max(toMs, virtualNowMs ?? 0);
      await gateway.tick(toMs);
      await learning.run();
      await people.reviews.pass();
    },
    onOutcome(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onLearnt: (listener) => learning.onPublished(listener),
    async publishRevision(files) {
      const published = await revisions.publishRevision(files);
      if (published.ok) tellVersions();
      return published;
    },
    async publishModel(bundle) {
      const published = await revisions.publishModel(bundle);
      if (published.ok) tellVersions();
      return published;
    },
    async loadOrganisation(data) {
      const loaded = await loadOrganisation(store, revisions, data);
      if (loaded.changed.length > 0) tellVersions();
      return loaded;
    },
    async revokeDevice(deviceId) {
      const isKnown = await revokeDevice(store, deviceId, nowMs());
      await admitted.look();
      return isKnown;
    },
    async erase(customerId) {
      const erased = await orderErasure(store, customerId, nowMs());
      if (erased.ok) tellOrders();
      return erased;
    },
    async hold(customerId, untilMs) {
      await orderHold(store, customerId, untilMs, nowMs());
      tellOrders();
    },
    desks: () => gateway.connected(),
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };
  return central;
}
