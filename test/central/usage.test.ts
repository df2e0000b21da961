/** How central counts what is scarce, and when it tells the desks. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { UsageReport } from '#contract/live.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { PolicyFile } from '#contract/policy.ts';
import { onPostgres } from './engines.ts';
import { batch, item, type Opened, openCentral, outcome, Producer, TestDesk, until } from './fixture.ts';
import { smallPolicy } from './small-policy.ts';

/** A Wednesday. */
const NOW_MS = Date.UTC(2025, 5, 18, 15);
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const constraints = (...entries: readonly string[]): PolicyFile => ({ path: 'constraints.yaml', text: `${entries.join('\n')}\n` });
const constraint = (id: string, kind: string, covers: string, period: string): string =>
  `- { id: ${id}, name: ${id}, kind: ${kind}, ${covers}, limit: 1000, period: ${period}, maxAgeMinutes: 30 }`;

/** What a desk was told last. */
const at = (desk: TestDesk): UsageReport | undefined => desk.named('usage').at(-1);
const usedAt = (desk: TestDesk) => Object.fromEntries((at(desk)?.uses ?? []).map(({ constraintId, used }) => [constraintId, used]));

onPostgres((engine) => {
  const open = async (files: PolicyFile): Promise<Opened> => {
    const opened = await openCentral(await engine.open(), { clock: 'virtual', live: { pollMs: 100 } });
    await opened.central.tick(NOW_MS);
    expect(await opened.central.publishRevision([...smallPolicy(2), files])).toMatchObject({ ok: true });
    return opened;
  };
  const ofDay = constraints(constraint('plans', 'volume', 'actions: [change-plan]', 'day'));
  const { callId } = new Producer();
  const answered = (more: Partial<Outcome>): Outcome => outcome({ callId, kind: 'accepted', atMs: NOW_MS, ...more });
  let epochs = 0;
  const send = async (desk: TestDesk, outcomes: readonly Outcome[]): Promise<void> => {
    const items = outcomes.map((each, i) => item(i + 1, 'outcome', each));
    const receipt = await desk.send(batch(desk.deviceId, items, `epoch-${(epochs += 1)}`));
    expect(receipt.items.map(({ result }) => result)).toEqual(outcomes.map(() => 'stored'));
  };

  test('a day, a week from Monday, a month and all time are counted in UTC; a budget adds up what the revision says each takes', async () => {
    const opened = await open(
      constraints(
        constraint('of-day', 'volume', 'actions: [change-plan]', 'day'),
        constraint('of-week', 'volume', 'actions: [change-plan]', 'week'),
        constraint('of-month', 'volume', 'groups: [billing]', 'month'),
        constraint('of-all-time', 'volume', 'issues: [care]', 'total'),
        constraint('money', 'budget', 'actions: [change-plan, big-credit]', 'month'),
      ),
    );
    const desk = await TestDesk.connect(opened.central, 'ann');
    const midnightMs = Date.UTC(2025, 5, 18);
    await send(desk, [
      answered({ atMs: midnightMs }),
      answered({ atMs: midnightMs - 1 }),
      answered({ atMs: Date.UTC(2025, 5, 16) }),
      answered({ atMs: Date.UTC(2025, 5, 16) - 1 }),
      answered({ atMs: Date.UTC(2025, 5, 1), actionId: 'big-credit' }),
      answered({ atMs: Date.UTC(2025, 5, 1) - 1 }),
      answered({ actionId: 'explain-bill' }),
      // A clock that is ahead does not get anything for nothing.
      answered({ atMs: NOW_MS + DAY_MS }),
      answered({ kind: 'seen' }),
      answered({ kind: 'rejected' }),
    ]);
    // Periods are counted one after the other: what is told meanwhile may have the answers in some of them only.
    await until('counted', () => usedAt(desk)['of-all-time'] === 8 && usedAt(desk)['of-day'] === 2);
    expect(usedAt(desk)).toEqual({
      'of-day': 2,
      'of-week': 4,
      'of-month': 7,
      'of-all-time': 8,
      money: 5 * 12.5 + 500,
    });
    expect(
      desk
        .named('usage')
        .at(-1)
        ?.uses.every(({ asOfMs }) => asOfMs === NOW_MS),
    ).toBe(true);
    desk.close();
    await opened.close();
  });

  test('an override takes the action chosen instead; what was taken back is not used, in whatever order both arrive', async () => {
    const opened = await open(ofDay);
    const [ann, bob] = [await TestDesk.connect(opened.central, 'ann'), await TestDesk.connect(opened.central, 'bob')];
    const first = answered({ clock: 1 });
    const chosen = answered({ clock: 2, kind: 'overridden', actionId: 'explain-bill', chosenActionId: 'change-plan' });
    const other = answered({ clock: 3, kind: 'overridden', chosenActionId: 'explain-bill' });
    await send(ann, [first, chosen, other]);
    await until('both counted', () => at(bob)?.uses[0]?.used === 2 && at(ann)?.countedTo === other.id);
    expect(at(bob)?.countedTo).toBeNull();
    const back = answered({ clock: 4, kind: 'retracted', retracts: first.id });
    await send(ann, [back]);
    await until('one of them taken back', () => at(bob)?.uses[0]?.used === 1 && at(ann)?.countedTo === back.id);
    const late = answered({ clock: 5 });
    await send(ann, [answered({ clock: 6, kind: 'retracted', retracts: late.id })]);
    await send(ann, [late]);
    await until('the last one named', () => at(ann)?.countedTo === late.id);
    expect(at(ann)?.uses[0]?.used).toBe(1);
    // From another call nobody takes anything back.
    await send(ann, [answered({ clock: 7, callId: 'call-of-somebody', kind: 'retracted', retracts: chosen.id })]);
    await pause(1_200);
    expect(at(bob)?.uses[0]?.used).toBe(1);
    for (const desk of [ann, bob]) desk.close();
    await opened.close();
  });

  test('a desk is told when it connects, at most once a second however much is accepted, and nothing while nothing changes', async () => {
    const opened = await open(ofDay);
    const [ann, bob] = [await TestDesk.connect(opened.central, 'ann'), await TestDesk.connect(opened.central, 'bob')];
    await until('both told', () => ann.named('usage').length > 0 && bob.named('usage').length > 0);
    const told = bob.named('usage').length;
    const beganMs = performance.now();
    for (let clock = 1; clock <= 20; clock++) {
      await send(ann, [answered({ clock })]);
      await pause(50);
    }
    await until('all counted', () => at(bob)?.uses[0]?.used === 20);
    const seconds = (performance.now() - beganMs) / 1_000;
    expect(bob.named('usage').length - told).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
    const all = bob.named('usage').length;
    await pause(2_500);
    expect(bob.named('usage')).toHaveLength(all);
    for (const desk of [ann, bob]) desk.close();
    await opened.close();
  });

  test('a count is told again before a third of the time it is believed has passed twice, by the clock it carries', async () => {
    const opened = await open(ofDay);
    const desk = await TestDesk.connect(opened.central, 'ann');
    await until('told', () => desk.named('usage').length > 0);
    const count = () => desk.named('usage').length;
    const before = count();
    await opened.central.tick(NOW_MS + 9 * MINUTE_MS);
    await opened.central.tick(NOW_MS + 10 * MINUTE_MS);
    await until('told again', () => count() > before);
    expect(at(desk)?.uses[0]).toMatchObject({ used: 0, asOfMs: NOW_MS + 10 * MINUTE_MS });
    expect(count()).toBe(before + 1);
    desk.close();
    await opened.close();
  });

  test('a new revision’s constraints are counted as soon as it is published, from what was accepted before', async () => {
    const opened = await openCentral(await engine.open(), { clock: 'virtual', live: { pollMs: 60_000 } });
    await opened.central.tick(NOW_MS);
    const desk = await TestDesk.connect(opened.central, 'ann');
    await send(desk, [answered({}), answered({ clock: 2 })]);
    await pause(300);
    expect(desk.named('usage')).toEqual([]);
    await opened.central.publishRevision([...smallPolicy(2), ofDay]);
    await until('told', () => at(desk)?.uses[0]?.used === 2);
    desk.close();
    await opened.close();
  });
});
