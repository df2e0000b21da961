/** [C1] Consent withdrawn, or an action excluded, while a card is being decided, shown or answered. */
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Saved } from '#contract/ipc.ts';
import type { Outcome } from '#contract/outcome.ts';
import { embeddedFolder } from '../central/engines.ts';
import { deskTokens } from '../central/device.ts';
import { CUSTOMER, openCentral, type Opened, Producer } from '../central/fixture.ts';
import type { DeskBench } from '../engine/desk-bench.ts';
import { LiveDesk } from '../engine/live-desk.ts';
import { MemoryLink } from '../engine/memory-link.ts';
import { SharedBench, SMALL_REVISION } from '../engine/shared-bench.ts';
import { CONSENTED, smallRevision } from '../engine/small-revision.ts';
import { counts } from './counts.ts';
import { randomFrom } from './random-from.ts';
import { type FaultReport, report } from './report.ts';

const RACES = counts(200, 10_000);
const CANARY_RACES = 30;
/** Of real sockets, a real central and real time. */
const REAL_RACES = counts(25, 500);

const ACTS = ['speak', 'withdraw', 'accept', 'accept', 'speak', 'quiet', 'exclude'] as const;

interface Races extends FaultReport {
  /** Races in which the acceptance came first, and was taken. */
  readonly acceptedBefore: number;
}

/** Outcomes of the action that came after it was taken away; an acceptance there was taken without consent. */
function afterStop(outcomes: readonly Outcome[]): readonly Outcome[] {
  const own = outcomes.filter(({ actionId }) => actionId === CONSENTED).toSorted((a, b) => a.clock - b.clock);
  const gone = own.findIndex(({ kind }) => kind === 'withdrawn');
  return gone < 0 ? [] : own.slice(gone + 1);
}

/** `isDeaf`: what takes the card away never reaches the desk, though everybody else believes it did. */
async function race(races: number, isDeaf: boolean): Promise<Races> {
  const seen = { operations: 0, faults: 0, lost: 0, doubled: 0, phantom: 0, acceptedBefore: 0 };
  let link = new MemoryLink();
  await using benches = new SharedBench(() => ({ link: (link = new MemoryLink()) }));
  const acts = fc.shuffledSubarray([...ACTS], { minLength: 4 });
  const pauses = fc.array(fc.nat(3), { minLength: 8, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(acts, pauses, async (order, waits) => {
      const { desk, sequence } = await benches.next();
      link.connect();
      const callId = `call-${sequence}`;
      const customerId = `customer-${sequence}`;
      await desk.begin(callId, customerId);
      const before = (await desk.view()).cards.find(({ actionId }) => actionId === CONSENTED);
      expect(before).toBeDefined();
      if (before === undefined) return;
      const answer = { decisionId: before.decisionId, actionId: before.actionId, answer: { kind: 'accepted' } };
      const results: Promise<unknown>[] = [];
      let isStopped = false;
      let isTaken = false;
      const accept = async (wasStopped: boolean): Promise<void> => {
        const saved = (await desk.engine.request('card:answer', answer)) as Saved;
        // Said yes to before, it is said yes to again.
        if (saved.saved && wasStopped && !isTaken) seen.phantom += 1;
        if (saved.saved && !wasStopped) seen.acceptedBefore += 1;
        isTaken ||= saved.saved;
        const accepted = acceptances(desk, callId);
        if (saved.saved && accepted === 0) seen.lost += 1;
        if (accepted > 1) seen.doubled += 1;
      };
      for (const [index, act] of order.entries()) {
        for (let turn = 0; turn < (waits[index] ?? 0); turn++) await nextTurn();
        seen.operations += 1;
        switch (act) {
          case 'speak':
            results.push(desk.utter(callId, 'customer', 'I am moving house'));
            break;
          case 'quiet':
            results.push(desk.engine.request('call:quiet', { callId, quiet: false }));
            break;
          case 'withdraw':
            isStopped = true;
            if (!isDeaf) results.push(desk.say(callId, 'sotto.consent.changed', { customerId, purpose: 'marketing', granted: false }));
            break;
          case 'exclude':
            isStopped = true;
            if (!isDeaf) results.push(link.say('versions', { revision: SMALL_REVISION.hash, models: [], excluded: [CONSENTED] }));
            break;
          case 'accept':
            results.push(accept(isStopped));
        }
      }
      await Promise.all(results);
      await desk.engine.settled();
      if (isStopped) {
        seen.faults += 1;
        const isOpen = async (): Promise<boolean> =>
          (await desk.view()).cards.some(({ actionId, state }) => actionId === CONSENTED && state === 'open');
        if (await isOpen()) seen.phantom += 1;
        await desk.advance(120_000);
        await desk.utter(callId, 'customer', 'hello');
        await desk.advance(10_000);
        if (await isOpen()) seen.phantom += 1;
        seen.phantom += afterStop(desk.store.loadCall(callId)?.outcomes ?? []).length;
      }
      await desk.say(callId, 'sotto.call.ended', { reason: 'customer-hung-up' });
      await link.say('versions', { revision: SMALL_REVISION.hash, models: [], excluded: [] });
    }),
    { numRuns: races, seed: 13 },
  );
  return seen;
}

const acceptances = (desk: DeskBench, callId: string): number =>
  desk.kinds(callId).filter((kind) => kind === `accepted ${CONSENTED}`).length;

test(`[C1] in ${RACES} interleavings no card needing consent was shown, or acceptance of it taken, after the withdrawal`, {
  timeout: 3_600_000,
}, async () => {
  const seen = await race(RACES, false);
  report('[C1] withdrawals at any moment', seen, { faults: RACES / 2 });
  expect(seen.acceptedBefore).toBeGreaterThan(RACES / 10);
});

test('[C1] canary: a desk that does not hear of the withdrawal shows what it may not, and this suite sees it', async () => {
  expect((await race(CANARY_RACES, true)).phantom).toBeGreaterThan(CANARY_RACES / 4);
});

let home: Awaited<ReturnType<typeof embeddedFolder>>;
let opened: Opened;
beforeAll(async () => {
  home = await embeddedFolder();
  opened = await openCentral(null, { folder: home.folder });
  await opened.central.loadOrganisation({
    agents: [{ id: 'ann', name: 'Ann', level: 'guided', language: 'en' }],
    customers: Array.from({ length: REAL_RACES }, (_, index) => ({ ...CUSTOMER, customerId: `racing-${index}`, history: [] })),
    policyFiles: smallRevision(2).files,
    models: [],
  });
});
afterAll(async () => {
  await opened.close();
  home.remove();
});

test(`[C1] in ${REAL_RACES} races over real sockets an acceptance is taken before the withdrawal is heard, or not at all`, {
  timeout: 600_000,
}, async () => {
  const { central } = opened;
  const random = randomFrom(17);
  const tokens = await deskTokens(central, 'ann', 'dev-racing');
  await using desk = await LiveDesk.open({ url: central.url, tokens, agentId: 'ann', deviceId: 'dev-racing' });
  await desk.ready();
  const seen = { operations: 0, faults: 0, lost: 0, doubled: 0, phantom: 0 };
  const won = { acceptance: 0, withdrawal: 0 };
  for (let number = 0; number < REAL_RACES; number++) {
    const customerId = `racing-${number}`;
    const call = new Producer();
    const tell = async (...[type, data]: Parameters<Producer['event']>) => {
      const receipt = await central.intake(call.event(type, data));
      if (receipt.result !== 'accepted') throw new Error(JSON.stringify(receipt));
      return receipt;
    };
    await central.intake(call.offered('ann', customerId));
    await tell('sotto.call.connected', { agentId: 'ann' });
    const card = (await desk.cards(call.callId)).find(({ actionId }) => actionId === CONSENTED);
    if (card === undefined) throw new Error('the action that needs consent was not shown with it');
    // Which of the two is first is the network's choice.
    const [answerMs, withdrawalMs] = [random(30), random(20)];
    const [saved] = await Promise.all([
      pause(answerMs).then(() => desk.answer(card, { kind: 'accepted' })),
      pause(withdrawalMs).then(() => tell('sotto.consent.changed', { customerId, purpose: 'marketing', granted: false })),
    ]);
    await central.whenProcessed(call.callId, 3);
    seen.operations += 2;
    seen.faults += 1;
    won[saved.saved ? 'acceptance' : 'withdrawal'] += 1;
    const open = (await desk.view()).cards.filter(({ actionId, state }) => actionId === CONSENTED && state === 'open');
    const own = desk.store.loadCall(call.callId)?.outcomes ?? [];
    const accepted = own.filter(({ kind }) => kind === 'accepted').length;
    if (accepted > 1) seen.doubled += 1;
    if (saved.saved && accepted === 0) seen.lost += 1;
    seen.phantom += open.length + afterStop(own).length;
    if (!saved.saved) expect(await desk.answer(card, { kind: 'accepted' })).toMatchObject({ saved: false });
    await tell('sotto.call.ended', { reason: 'customer-hung-up' });
  }
  console.log(`[C1] first over the network: ${JSON.stringify(won)}`);
  report('[C1] withdrawals over real sockets', seen, { faults: REAL_RACES });
  expect(Math.min(won.acceptance, won.withdrawal)).toBeGreaterThan(0);
});
