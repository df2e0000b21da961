import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Outcome } from '#contract/outcome.ts';
import { signIn } from '#main/shell/sign-in.ts';
import { embeddedFolder } from '../central/engines.ts';
import { type Opened, openCentral, until } from '../central/fixture.ts';
import { outcome } from '../conformance/samples.ts';
import { counts } from '../fault/counts.ts';
import { report } from '../fault/report.ts';
import { HotDesk } from './hot-desk.ts';
import { builtChild, type ShiftPlan, type ShiftRun, workShift } from './shift.ts';
import { checkShift, type HistoryLine, type ShiftVerdict } from './shift-history.ts';

const AGENTS = ['ann', 'bob', 'cy'];
const SHIFTS = counts(1, 3);
const HOURS = counts(2, 8);
/** By five minutes. */
const SEGMENTS = HOURS * 12;
const FULL_AT = Math.floor(SEGMENTS * 0.42);

let home: Awaited<ReturnType<typeof embeddedFolder>>;
let opened: Opened;
let child: string;
beforeAll(async () => {
  home = await embeddedFolder();
  [opened, child] = await Promise.all([openCentral(null, { folder: home.folder }), builtChild()]);
});
afterAll(async () => {
  await opened.close();
  home.remove();
});

interface Worked {
  readonly run: ShiftRun;
  readonly verdict: ShiftVerdict;
}

/** Everybody signs in once; then central is not asked for anything until the shift is over, and everything is sent as the desk itself sends it. */
async function worked(plan: ShiftPlan): Promise<Worked> {
  const userData = mkdtempSync(path.join(tmpdir(), 'sotto-shift-'));
  try {
    const run = await away(userData, plan);
    await using desk = await HotDesk.open(opened.central.url, userData);
    await desk.enter('ann');
    await until(
      'what the others left is sent',
      async () => (await desk.people.all()).every(({ agent, unsent }) => agent.id === 'ann' || !unsent),
      60_000,
    );
    await until('what she left is sent', async () => (await desk.view()).outbox.unsent === 0, 60_000);
    expect((await desk.view()).outbox.refused).toBe(0);
    const { db } = opened.central.store;
    const rows = await db
      .selectFrom('outcomes')
      .select('body')
      .where('device_id', '=', desk.device.deviceId ?? '')
      .execute();
    return {
      run,
      verdict: checkShift(
        run.history,
        rows.map(({ body }) => body),
      ),
    };
  } finally {
    rmSync(userData, { recursive: true, force: true });
  }
}

/** The desk's main is not there to send anything: central is away until it is opened again. */
async function away(userData: string, plan: ShiftPlan): Promise<ShiftRun> {
  await using desk = await HotDesk.open(opened.central.url, userData);
  for (const agent of AGENTS) {
    const granted = await signIn(opened.central.url, desk.device, { agentId: agent });
    await desk.people.remember(granted?.agent ?? expect.fail(`${agent} could not sign in`), Date.now());
  }
  await desk.sessions.close();
  return workShift(desk, child, plan);
}

const answered = (clock: number, more: Partial<Outcome> = {}) => outcome(clock, { decisionId: `d-${clock}`, ...more });
const of = (given: Outcome, op: number): readonly HistoryLine[] => [
  { t: 'invoke', op, callId: given.callId, decisionId: given.decisionId, actionId: given.actionId, kind: 'accepted' },
  { t: 'ok', op, outcomeId: given.id },
];

describe('the check itself', () => {
  const [a, b, c] = [answered(1), answered(2), answered(3)];
  const history = [...of(a, 1), ...of(b, 2)];

  test('finds nothing where all is well, also where nobody was told what became of an answer', () => {
    const good = { lost: 0, doubled: 0, phantom: 0, outOfOrder: 0 };
    const [asked] = of(c, 3);
    if (asked === undefined) throw new Error('unreachable');
    expect(checkShift(history, [a, b])).toMatchObject({ ...good, acknowledged: 2, unknown: 0 });
    expect(checkShift([...history, asked], [a, b])).toMatchObject({ ...good, unknown: 1 });
    expect(checkShift([...history, asked], [a, b, c])).toMatchObject({ ...good, unknown: 1 });
  });

  test('finds what is lost, doubled, never asked for, refused and there all the same, and out of order', () => {
    const [asked] = of(c, 3);
    if (asked === undefined) throw new Error('unreachable');
    expect(checkShift(history, [a])).toMatchObject({ lost: 1 });
    expect(checkShift(history, [a, b, { ...b, id: 'another' }])).toMatchObject({ doubled: 1 });
    expect(checkShift(history, [a, b, b])).toMatchObject({ doubled: 1 });
    expect(checkShift(history, [a, b, c])).toMatchObject({ phantom: 1 });
    expect(checkShift([...history, asked, { t: 'no', op: 3, reason: 'not-stored' }], [a, b, c])).toMatchObject({ phantom: 1, refused: 1 });
    expect(checkShift([...of(b, 2), ...of(a, 1)], [a, b])).toMatchObject({ outOfOrder: 1 });
  });
});

test(`[I4] ${HOURS} hours of a shift offline, ${SHIFTS} times: killed every 5 minutes, a full disk, a wrong clock, three people: nothing lost, nothing doubled, in order`, {
  timeout: SHIFTS * 300_000,
}, async () => {
  for (let seed = 1; seed <= SHIFTS; seed++) {
    const { run, verdict } = await worked({ seed, segments: SEGMENTS, agents: AGENTS, fullAt: FULL_AT, isCanary: false });
    expect(verdict.acknowledged).toBeGreaterThan(SEGMENTS / 2);
    expect(verdict.unknown).toBeGreaterThan(0);
    const full = run.history.filter((line) => line.t === 'full' || (line.t === 'no' && line.reason === 'not-stored')).length;
    expect(full, 'what the full disk refused').toBeGreaterThan(0);
    console.log(
      `[I4] shift ${seed}: ${run.calls} calls, ${run.kills} kills (${run.killedAtStatement} at a statement), ${run.clockFaults} clock faults, a disk that refused ${full}: ${JSON.stringify(verdict)}`,
    );
    expect(verdict.outOfOrder).toBe(0);
    const faults = run.kills + run.clockFaults + 1;
    report('[I4]', { operations: verdict.invoked, faults, ...verdict }, { faults: SEGMENTS + 1 });
  }
});

test('[I4] canary: an engine that says saved before it is loses answers, and the check finds them', async () => {
  const { verdict } = await worked({ seed: 7, segments: 4, agents: AGENTS, fullAt: null, isCanary: true });
  expect(verdict.lost).toBeGreaterThan(0);
});
