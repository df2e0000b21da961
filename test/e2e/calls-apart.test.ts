import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { BRIDGE } from '#contract/bridge.ts';
import type { Saved } from '#contract/ipc.ts';
import { Scene, until } from './scene.ts';
import type { SeenDesk } from './seen-desk.ts';

const MISSED_VISIT = 'Hi. I took a day off on Tuesday for your engineer, and nobody came.';
const CHEAPER = 'Another provider has the same for twenty-nine, my brother just switched.';
/** Longer than a card is held back at most. */
const HELD_AT_MOST_MS = 3_200;

let scene: Scene;
let marcus: SeenDesk;
let shirin: SeenDesk;
beforeAll(async () => {
  scene = await Scene.open();
  marcus = await scene.desk('agent-marcus');
  shirin = await scene.desk('agent-shirin');
});
beforeEach(() => scene.clear());
afterAll(() => scene[Symbol.asyncDispose]());

const actionsShown = async (desk: SeenDesk): Promise<readonly string[]> => (await desk.shown()).map(({ actionId }) => actionId);
const budget = async ({ page }: SeenDesk): Promise<string | null> =>
  page
    .getByText(/\d of \d suggestions used/)
    .first()
    .textContent();

test('a call transferred: the first desk lets go at once; the second knows what was rejected and how much was shown before its first card', async () => {
  const call = await scene.call({ agentId: 'agent-marcus', customerId: 'cust-0010' });
  await call.customer(CHEAPER);
  expect(await marcus.cardShown()).toBe('match-competitor-price');
  const used = await budget(marcus);
  expect(used).toBe('1 of 3 suggestions used');
  // Answered at the last moment: the second desk must know of it all the same.
  await marcus.cardOf('match-competitor-price').getByRole('button', { name: 'Not now' }).click();
  await marcus.page.locator('.note-receipt').waitFor();
  await call.tell('telephony', 'sotto.call.transferred', { fromAgentId: 'agent-marcus', toAgentId: 'agent-shirin' });
  const toldMs = performance.now();
  await marcus.callOf('Priya Nair').waitFor({ state: 'detached' });
  console.log(`transferred: gone from the first desk after ${Math.round(performance.now() - toldMs)} ms`);
  expect(await actionsShown(marcus)).toEqual([]);
  expect(await marcus.page.locator('.phase').textContent()).toBe('No call');

  call.agentId = 'agent-shirin';
  await call.tell('telephony', 'sotto.call.accepted', { agentId: 'agent-shirin' });
  await call.tell('telephony', 'sotto.call.connected', { agentId: 'agent-shirin' });
  await call.processed();
  await shirin.callOf('Priya Nair').waitFor();
  expect(await shirin.transcript()).toEqual([CHEAPER]);
  await until('the budget is carried over', async () => (await budget(shirin)) !== '0 of 3 suggestions used');
  await call.customer(`As I said. ${CHEAPER}`);
  await call.processed();
  const everShown = new Set<string>();
  for (const endMs = performance.now() + HELD_AT_MOST_MS; performance.now() < endMs; await wait(100))
    for (const actionId of await actionsShown(shirin)) everShown.add(actionId);
  expect([...everShown]).not.toContain('match-competitor-price');
  expect((await actionsShown(marcus)).length).toBe(0);

  await Promise.all([marcus.drained(), shirin.drained()]);
  const outcomes = (await scene.outcomes()).filter(({ callId }) => callId === call.callId);
  const offers = outcomes.filter(({ kind, actionId }) => kind === 'offered' && actionId === 'match-competitor-price');
  expect(offers.map(({ agentId }) => agentId)).toEqual(['agent-marcus']);
  const primaries = outcomes.filter(({ kind, role }) => kind === 'offered' && role === 'primary').length;
  expect(await budget(shirin)).toBe(`${primaries} of 3 suggestions used`);
  await call.end();
});

test('[O3] two calls in a row: nothing of the first is shown on the second, and no answer to it is taken any more', async () => {
  const first = await scene.call({ agentId: 'agent-marcus', customerId: 'cust-0023' });
  await first.customer(MISSED_VISIT);
  expect(await marcus.cardShown()).toBe('rebook-missed-visit');
  await marcus.drained();
  const offered = (await scene.outcomes()).find(
    ({ callId, kind, role }) => callId === first.callId && kind === 'offered' && role === 'primary',
  );
  await first.tell('telephony', 'sotto.call.ended', { reason: 'customer-hung-up' });
  await first.tell('telephony', 'sotto.wrapup.started', { agentId: 'agent-marcus' });
  await first.processed();
  await marcus.card.waitFor({ state: 'detached' });

  const second = await scene.call({ agentId: 'agent-marcus', customerId: 'cust-0013' });
  await marcus.callOf('Fatima El-Sayed').waitFor();
  expect(await marcus.transcript()).toEqual([]);
  await second.customer('Good morning, how are you?');
  await second.processed();
  for (const endMs = performance.now() + 1_500; performance.now() < endMs; await wait(100)) expect(await actionsShown(marcus)).toEqual([]);
  // A click on its way when the call ended, or a window gone wild.
  const saved = await marcus.page.evaluate(
    ([bridge, request]) =>
      (globalThis as unknown as Record<string, { call(channel: string, request: unknown): Promise<unknown> }>)[bridge]?.call(
        'card:answer',
        request,
      ),
    [BRIDGE, { decisionId: offered?.decisionId ?? '', actionId: 'rebook-missed-visit', answer: { kind: 'accepted' } }] as const,
  );
  expect(saved as Saved).toMatchObject({ saved: false, reason: 'call-ended' });
  await first.tell('telephony', 'sotto.wrapup.ended', { agentId: 'agent-marcus', disposition: 'done' });
  await second.end();
  await marcus.drained();
  const outcomes = (await scene.outcomes()).filter(({ actionId, callId }) => actionId === 'rebook-missed-visit' && callId === first.callId);
  expect(outcomes.map(({ kind }) => kind)).not.toContain('accepted');
  expect(outcomes.map(({ kind }) => kind)).toContain('withdrawn');
});

test('[O3] two calls at once: the window shows the cards of the call in front and of no other', async () => {
  const held = await scene.call({ agentId: 'agent-marcus', customerId: 'cust-0023' });
  await held.customer(MISSED_VISIT);
  expect(await marcus.cardShown()).toBe('rebook-missed-visit');
  await held.tell('telephony', 'sotto.call.held', { agentId: 'agent-marcus' });
  await held.processed();
  const other = await scene.call({ agentId: 'agent-marcus', customerId: 'cust-0013' });
  await marcus.callOf('Fatima El-Sayed').waitFor();
  expect(await actionsShown(marcus)).toEqual([]);
  await other.customer('I need another SIM. A phone for my daughter, she starts secondary school.');
  expect(await marcus.cardShown()).toBe('add-family-line');
  expect(await marcus.transcript()).toHaveLength(1);

  await marcus.page.getByRole('button', { name: 'Bring to front' }).click();
  await marcus.callOf('Oluwaseun Balogun').waitFor();
  expect(await marcus.transcript()).toEqual([MISSED_VISIT]);
  expect(await actionsShown(marcus)).not.toContain('add-family-line');
  await other.end();
  await held.end();
  for (const desk of [marcus, shirin]) expect(await desk.wrongs()).toEqual([]);
});
