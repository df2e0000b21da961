/**
 * Five minutes of somebody's shift: the real engine on the real store, on a clock that is moved. It ends by killing itself
 * with SIGKILL, at a statement of the store where it was told so; what it asked for and what it was told is in the history
 * file before anything else happens.
 */
import { writeSync, openSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import Database from 'better-sqlite3';
import { verifyEd25519 } from '#adapters/system/ed25519.ts';
import { openSqliteStore } from '#adapters/sqlite/open-store.ts';
import { readMigrations } from '#adapters/sqlite/migrations.ts';
import { SteppedClock } from '#adapters/system/stepped-clock.ts';
import { sha256, systemRandomness } from '#adapters/system/system-randomness.ts';
import type { DeskView } from '#contract/desk.ts';
import type { Saved } from '#contract/ipc.ts';
import type { Delivery } from '#contract/live.ts';
import type { ProfileSlice } from '#contract/profile.ts';
import type { TrustedKeys } from '#contract/signature.ts';
import type { RevisionBundle } from '#contract/policy.ts';
import { createEngine } from '#engine';
import type { Scorer } from '#ports/scorer.ts';
import type { HistoryLine } from './shift-history.ts';

export interface Segment {
  readonly storeFolder: string;
  readonly migrations: string;
  readonly keyHex: string;
  readonly deviceId: string;
  readonly agentId: string;
  readonly historyFile: string;
  readonly revision: RevisionBundle;
  readonly trusted: TrustedKeys;
  readonly profile: ProfileSlice;
  /** What the desk's clock shows at the start. */
  readonly clockMs: number;
  /** Everything of the calls under way, from their beginnings; `inMs` counts from the start of the segment, what is over comes at once. */
  readonly deliveries: readonly { readonly inMs: number; readonly delivery: Delivery }[];
  readonly firstOp: number;
  /** Dies after so many statements of its store; 0 = at the end. */
  readonly dieAfter: number;
  /** From a quarter of the deliveries on, nothing more fits into the file. */
  readonly full: boolean;
  /** Says that it is saved before it is. */
  readonly isCanary: boolean;
}

process.once(
  'message',
  (segment) =>
    void work(segment as Segment).then(die, (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    }),
);

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

const NO_MODEL: Scorer = {
  load: async () => ({ ok: false, reason: 'not-loadable', words: 'no model is used here' }),
  score: async () => ({ ok: false, reason: 'no-model', words: 'no model is used here' }),
  close: async () => undefined,
};

async function work(segment: Segment): Promise<void> {
  // Who is killed does not write it.
  flushCompileCache();
  const history = openSync(segment.historyFile, 'a');
  const note = (line: HistoryLine): void => void writeSync(history, `${JSON.stringify(line)}\n`);
  const dbs: Database[] = [];
  const { prototype } = Database as unknown as { prototype: { prepare(sql: string): unknown } };
  const { prepare } = prototype;
  prototype.prepare = function noted(this: Database, sql: string): unknown {
    if (!dbs.includes(this)) dbs.push(this);
    return prepare.call(this, sql);
  };
  const opened = openSqliteStore({
    folder: segment.storeFolder,
    keyHex: segment.keyHex,
    migrations: readMigrations(segment.migrations),
    nowMs: segment.clockMs,
  });
  if (!opened.ok) throw new Error(opened.words);
  const { store } = opened;
  const clock = new SteppedClock(segment.clockMs);
  const engine = await createEngine(
    {
      store,
      // The shift's policy names no model: loading what runs one would be a third of a process's start.
      scorer: NO_MODEL,
      link: null,
      clock,
      random: systemRandomness,
      sha256,
      coreHash: 'c'.repeat(64),
      trust: { keys: segment.trusted, verify: verifyEd25519 },
      deviceId: segment.deviceId,
      agent: { id: segment.agentId, name: segment.agentId, level: 'guided', language: 'en' },
      demonstration: true,
    },
    {
      onChange: null,
      onDecision: () => undefined,
      onMeasured: () => undefined,
      onLog: () => undefined,
      onTokenWanted: () => undefined,
      onBroken: (words) => {
        throw new Error(words);
      },
    },
  );
  const view = async (): Promise<DeskView> => (await engine.request('desk:open', {})) as DeskView;
  if ((await view()).session.policy === null) await engine.install({ revision: segment.revision });
  await engine.settled();
  if (!segment.isCanary) dieAfterStatements(segment.dieAfter);

  let op = segment.firstOp;
  const answerAll = async (): Promise<void> => {
    const { call, cards } = await view();
    for (const { decisionId, actionId, role, state, significant } of cards) {
      if (call === null || state !== 'open' || role !== 'primary') continue;
      op += 1;
      const kind = significant || op % 3 === 0 ? 'rejected' : op % 7 === 0 ? 'snoozed' : 'accepted';
      note({ t: 'invoke', op, callId: call.callId, decisionId, actionId, kind });
      if (segment.isCanary) {
        note({ t: 'ok', op, outcomeId: null });
        // In the middle of saving the second answer.
        if (op === segment.firstOp + 2) dieAfterStatements(2);
      }
      const answer = kind === 'snoozed' ? { kind, forMs: 60_000 } : { kind };
      const saved = (await engine.request('card:answer', { decisionId, actionId, answer })) as Saved;
      if (segment.isCanary) continue;
      note(saved.saved ? { t: 'ok', op, outcomeId: saved.outcomeId } : { t: 'no', op, reason: saved.reason });
    }
  };

  const known = new Set<string>();
  for (const [i, { inMs, delivery }] of segment.deliveries.entries()) {
    if (segment.full && i === Math.floor(segment.deliveries.length / 4)) {
      for (const db of dbs) {
        // Pages that were freed would take some more.
        db.exec('vacuum');
        db.pragma(`max_page_count = ${String(db.pragma('page_count', { simple: true }))}`);
      }
    }
    await clock.advance(Math.max(clock.nowMs(), segment.clockMs + inMs), () => engine.settled());
    try {
      if (!known.has(delivery.callId)) {
        known.add(delivery.callId);
        await engine.context({ callId: delivery.callId, profile: segment.profile, outcomes: [], complete: true });
      }
      const taken = await engine.deliver(delivery);
      // Known from before the last death.
      if (taken.result === 'duplicate') continue;
      await clock.advance(clock.nowMs() + 4_000, () => engine.settled());
      await answerAll();
    } catch (error) {
      // Nothing fits any more: it was not taken, and comes again.
      if (!segment.full) throw error;
      note({ t: 'full' });
    }
  }
}

/** Counted from outside the engine, over every statement that runs. */
function dieAfterStatements(limit: number): void {
  if (limit === 0) return;
  const statement = Object.getPrototypeOf(new Database(':memory:').prepare('select 1')) as { run(...args: unknown[]): unknown };
  const { run } = statement;
  let statements = 0;
  statement.run = function counted(this: unknown, ...args: unknown[]): unknown {
    const result = run.apply(this, args);
    statements += 1;
    if (statements === limit) die();
    return result;
  };
}
