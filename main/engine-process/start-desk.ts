/** Builds the adapters and the engine of one signed-in person. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { OnnxScorer } from '#adapters/onnx/onnx-scorer.ts';
import { OnnxTextScorer } from '#adapters/onnx/onnx-text-scorer.ts';
import { SocketLink } from '#adapters/socket/socket-link.ts';
import { dropSetAside } from '#adapters/sqlite/set-aside.ts';
import { readMigrations } from '#adapters/sqlite/migrations.ts';
import { openSqliteStore } from '#adapters/sqlite/open-store.ts';
import { verifyEd25519 } from '#adapters/system/ed25519.ts';
import { SteppedClock } from '#adapters/system/stepped-clock.ts';
import { after, SystemClock } from '#adapters/system/system-clock.ts';
import { sha256, systemRandomness } from '#adapters/system/system-randomness.ts';
import type { EngineStart, FromEngine } from '#contract/engine-port.ts';
import type { ServedBundle } from '#contract/served-bundle.ts';
import { RETENTION_DAYS } from '#contract/retention.ts';
import { createEngine, type Engine, keepNoLonger } from '#engine';
import { dropCrashes } from '../crash/crash-files.ts';
import { useNetwork } from '../network/network-use.ts';
import { carryOutHolds } from './carry-out-holds.ts';
import { storeNotice } from './store-notice.ts';
import { storeFolder } from './store-folder.ts';

/** From the sources and from out/main alike. */
const MIGRATIONS = fileURLToPath(new URL('../../migrations/desktop', import.meta.url));

/** A shift of sending what is unsent, with room to spare. */
const RESERVE_BYTES = 8 * 1_048_576;

const DAY_MS = 86_400_000;

/** Where a virtual clock stands before it is told the time. */
const BEFORE_TIME_MS = Date.UTC(2000, 0, 1);

export interface DeskProcess {
  readonly engine: Engine;
  /** Main has the orders it was told of. */
  ordersKept(id: number, seq: number): void;
  close(): Promise<void>;
}

/** Null when the store cannot be opened: main was told in words. */
export async function startDesk(
  start: EngineStart,
  post: (message: FromEngine) => void,
  tryModel: (bundle: ServedBundle) => Promise<string | null>,
  onBroken: (words: string) => void,
): Promise<DeskProcess | null> {
  useNetwork(start.network);
  const folder = storeFolder(start.folder, start.agent.id);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const opened = openSqliteStore({
    folder,
    keyHex: start.databaseKey,
    migrations: readMigrations(MIGRATIONS),
    nowMs: Date.now(),
    erased: start.orders.erased,
    onCorrupt: onBroken,
    after,
    reserveBytes: RESERVE_BYTES,
  });
  if (!opened.ok) {
    post({ op: 'failed', words: opened.words });
    return null;
  }
  const { store, salvaged } = opened;
  carryOutHolds(store, start.orders);
  if (start.ordersAreNew) dropSetAside(folder);
  const keeping = new Map<number, (seq: number) => void>();
  let nextId = 1;
  const notice = salvaged === null ? null : storeNotice(salvaged);
  if (notice !== null) post({ op: 'log', level: 'error', text: notice.words });
  const scorer = new OnnxScorer();
  const challengerScorer = new OnnxScorer();
  const textScorer = new OnnxTextScorer();
  const { central, deviceId, agent } = start;
  const link = central === null ? null : new SocketLink({ ...central, deviceId, random: systemRandomness.unit });
  const clock = start.clock === 'virtual' ? new SteppedClock(BEFORE_TIME_MS) : new SystemClock();
  const engine = await createEngine(
    {
      store,
      scorer,
      challengerScorer,
      textScorer,
      link,
      clock,
      random: systemRandomness,
      sha256,
      coreHash: start.coreHash,
      trust: { keys: start.trust, verify: verifyEd25519 },
      tryModel,
      deviceId,
      agent,
      demonstration: start.demonstration,
      keepOrders: (orders, atMs) =>
        new Promise((resolve) => {
          if (orders.some(({ kind }) => kind === 'erase')) dropSetAside(folder);
          const id = nextId++;
          keeping.set(id, resolve);
          post({ op: 'orders', id, atMs, orders: [...orders] });
        }),
      ...(start.offlineSinceMs === null ? {} : { offlineSinceMs: start.offlineSinceMs }),
      ...(notice === null ? {} : { storeNotice: notice }),
    },
    {
      onChange: (change) => post({ op: 'change', change }),
      onDecision: (line) => post({ op: 'decided', line }),
      onMeasured: ({ eventToCardMs, acceptToSavedMs }) =>
        post({ op: 'measured', eventToCardMs: [...eventToCardMs], acceptToSavedMs: [...acceptToSavedMs] }),
      onLog: (level, text) => post({ op: 'log', level, text }),
      onTokenWanted: () => post({ op: 'token-wanted' }),
      onBroken,
    },
  );
  const stopRetaining = keepNoLonger({
    store,
    clock,
    onRun: (nowMs) => {
      dropCrashes(start.folder, nowMs - RETENTION_DAYS.crash * DAY_MS);
      dropSetAside(folder, nowMs - RETENTION_DAYS.record * DAY_MS);
    },
    onNotWritten: ({ words }) => post({ op: 'log', level: 'error', text: words }),
  });
  return {
    engine,
    ordersKept(id, seq) {
      keeping.get(id)?.(seq);
      keeping.delete(id);
    },
    async close() {
      stopRetaining();
      await engine.close();
      await scorer.close();
      await challengerScorer.close();
      await textScorer.close();
      store.close();
    },
  };
}
