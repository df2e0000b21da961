/**
 * kill -9 of the engine process while answers are being saved. Saved is what the window was told is saved; every saved
 * answer must be at central once, and none twice, however the process ended.
 */
import { NO_PROXY } from '#contract/engine-port.ts';
import { NO_ORDERS } from '#contract/standing-orders.ts';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqliteStore } from '#adapters/sqlite/open-store.ts';
import type { Central } from '#central/central.ts';
import { embeddedFolder } from '../central/engines.ts';
import { deskTokens } from '../central/device.ts';
import { openCentral, type Opened, Producer, until } from '../central/fixture.ts';
import { KEY, MIGRATIONS } from '../conformance/sqlite-scratch.ts';
import { ensureFreshBuild } from '../e2e/fresh-build.ts';
import type { Arm } from './engine-child.ts';
import { counts } from './counts.ts';
import { EngineUnderTest } from './engine-under-test.ts';
import { randomFrom } from './random-from.ts';

/** With the kills of killed-store.test.ts two hundred, or two thousand. */
const KILLS = counts(12, 100);
/** Of them, killed at a statement of the transaction or between its commit and the answer. */
const ARMED = counts(9, 70);
const LEAST_BETWEEN = counts(6, 60);
/** Statements of saving one answer: begin, call, its key, outcome, its person, ledger, its body, outbox, device, commit. */
const STATEMENTS = 10;
const CANARY_KILLS = 3;

let home: Awaited<ReturnType<typeof embeddedFolder>>;
let opened: Opened;

beforeAll(async () => {
  await ensureFreshBuild();
  home = await embeddedFolder();
  opened = await openCentral(null, { folder: home.folder });
});

afterAll(async () => {
  await opened.close();
  home.remove();
});

interface Verdict {
  /** Said to be saved, and not at central. */
  readonly lost: number;
  /** At central more than once. */
  readonly doubled: number;
}

/** A pure check over what was acknowledged and what central has, by `decision action`. */
function judge(acknowledged: ReadonlySet<string>, atCentral: readonly string[]): Verdict {
  const counts = new Map<string, number>();
  for (const key of atCentral) counts.set(key, (counts.get(key) ?? 0) + 1);
  return {
    lost: [...acknowledged].filter((key) => !counts.has(key)).length,
    doubled: [...counts.values()].filter((count) => count > 1).length,
  };
}

class Shift {
  readonly acknowledged = new Set<string>();
  readonly folder = mkdtempSync(join(tmpdir(), 'sotto-kill-'));
  readonly deviceId: string;
  readonly #central: Central;
  readonly #env: NodeJS.ProcessEnv;
  #spare: EngineUnderTest;

  constructor(central: Central, deviceId: string, env: NodeJS.ProcessEnv = {}) {
    this.#central = central;
    this.deviceId = deviceId;
    this.#env = env;
    this.#spare = new EngineUnderTest(env);
  }

  /** The next process, started on the same store; another is loading meanwhile. */
  async next(): Promise<EngineUnderTest> {
    const engine = this.#spare;
    this.#spare = new EngineUnderTest(this.#env);
    await engine.start({
      folder: this.folder,
      databaseKey: KEY,
      deviceId: this.deviceId,
      agent: { id: 'ann', name: 'Ann', level: 'guided', language: 'en' },
      central: { url: this.#central.url, ...(await deskTokens(this.#central, 'ann', this.deviceId)) },
      network: NO_PROXY,
      coreHash: 'c'.repeat(64),
      trust: this.#central.trusted,
      demonstration: true,
      offlineSinceMs: null,
      orders: NO_ORDERS,
      ordersAreNew: false,
      clock: 'system',
    });
    return engine;
  }

  /** Answers, and notes the answer if it was said to be saved. False when the engine died first. */
  async accept(engine: EngineUnderTest, card: { readonly decisionId: string; readonly actionId: string }): Promise<boolean> {
    const { decisionId, actionId } = card;
    try {
      const saved = await engine.request('card:answer', { decisionId, actionId, answer: { kind: 'accepted' } });
      if ((saved as { saved: boolean }).saved) this.acknowledged.add(`${decisionId} ${actionId}`);
      return true;
    } catch {
      // It died before it answered: nothing was promised.
      return false;
    }
  }

  async acceptedAtCentral(): Promise<readonly string[]> {
    const rows = await this.#central.store.db
      .selectFrom('outcomes')
      .select(['decision_id', 'action_id'])
      .where('device_id', '=', this.deviceId)
      .where('kind', '=', 'accepted')
      .execute();
    return rows.map(({ decision_id, action_id }) => `${decision_id} ${action_id}`);
  }

  close(): void {
    this.#spare.kill();
    rmSync(this.folder, { recursive: true });
  }
}

async function begin(central: Central): Promise<Producer> {
  const call = new Producer();
  await central.intake(call.offered('ann', 'cust-1'));
  await central.intake(call.event('sotto.call.connected', { agentId: 'ann' }));
  return call;
}

const end = (central: Central, call: Producer) => central.intake(call.event('sotto.call.ended', { reason: 'customer-hung-up' }));

test(`[D1] kill -9 at ${KILLS} moments of saving an answer: no saved outcome lost, none doubled at central`, {
  timeout: 400_000,
}, async () => {
  const { central } = opened;
  const random = randomFrom(20_250_602);
  const shift = new Shift(central, 'dev-kill');
  const killed = { 'after statement': 0, 'after commit, before the answer': 0, 'at a random time': 0, 'after the answer': 0 };
  try {
    let engine = await shift.next();
    for (let kill = 0; kill < KILLS; kill++) {
      const call = await begin(central);
      const card = await engine.card(call.callId);
      const isArmed = kill < ARMED;
      const point = random(STATEMENTS + 1) + 1;
      const arm: Arm = point > STATEMENTS ? { arm: 'before-answer', after: 0 } : { arm: 'statement', after: point };
      if (isArmed) engine.arm(arm);
      const answered = shift.accept(engine, card);
      if (!isArmed) {
        await pause(random(12));
        engine.kill();
      }
      const wasAnswered = await answered;
      await engine.gone;
      if (isArmed && !wasAnswered) killed[point >= STATEMENTS ? 'after commit, before the answer' : 'after statement'] += 1;
      else killed[wasAnswered ? 'after the answer' : 'at a random time'] += 1;
      engine = await shift.next();
      // The agent, not having been told that it is saved, answers again.
      if (!wasAnswered) await shift.accept(engine, card);
      await end(central, call);
    }
    await until('everything at central', async () => (await engine.view()).outbox.unsent === 0, 30_000);
    expect((await engine.view()).outbox).toEqual({ unsent: 0, refused: 0 });
    await engine.stop();

    const between = killed['after statement'] + killed['after commit, before the answer'];
    const verdict = judge(shift.acknowledged, await shift.acceptedAtCentral());
    console.log(
      `kill -9 of the engine: ${JSON.stringify({ kills: KILLS, between, ...killed, acknowledged: shift.acknowledged.size, ...verdict })}`,
    );
    expect(between).toBeGreaterThanOrEqual(LEAST_BETWEEN);
    expect(shift.acknowledged.size).toBe(KILLS);
    expect(verdict).toEqual({ lost: 0, doubled: 0 });

    const [folder] = readdirSync(join(shift.folder, 'stores'));
    const store = openSqliteStore({
      folder: join(shift.folder, 'stores', folder ?? ''),
      keyHex: KEY,
      migrations: MIGRATIONS,
      nowMs: Date.now(),
    });
    if (!store.ok) throw new Error(store.words);
    const chain = store.store.verifyLedger();
    store.store.close();
    expect(chain.brokenAt).toBeNull();
    expect(chain.entries).toBeGreaterThan(2 * KILLS);
  } finally {
    shift.close();
  }
});

test('[D1] canary: an engine that says saved before the commit loses answers, and this suite sees it', async () => {
  const { central } = opened;
  const shift = new Shift(central, 'dev-canary', { SOTTO_TEST_ACKNOWLEDGE_EARLY: '1' });
  try {
    let engine = await shift.next();
    for (let kill = 0; kill < CANARY_KILLS; kill++) {
      const call = await begin(central);
      const card = await engine.card(call.callId);
      engine.arm({ arm: 'statement', after: 1 + (kill % (STATEMENTS - 1)) });
      await shift.accept(engine, card);
      await engine.gone;
      await end(central, call);
      engine = await shift.next();
    }
    await until('everything at central', async () => (await engine.view()).outbox.unsent === 0, 30_000);
    await engine.stop();
    expect(shift.acknowledged.size).toBe(CANARY_KILLS);
    expect(judge(shift.acknowledged, await shift.acceptedAtCentral()).lost).toBeGreaterThan(0);
  } finally {
    shift.close();
  }
});
