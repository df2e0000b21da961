import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { LiveCall } from './live-call.ts';
import { Scene, until } from './scene.ts';
import type { SeenDesk } from './seen-desk.ts';
import { Wire } from './wire.ts';

const AGENT = 'agent-marcus';
const MISSED_VISIT = 'Hi. I took a day off on Tuesday for your engineer, and nobody came.';

let scene: Scene;
let wire: Wire;
let desk: SeenDesk;
beforeAll(async () => {
  scene = await Scene.open();
  wire = await Wire.to(scene.central.url);
  desk = await scene.desk(AGENT, { url: wire.url });
});
beforeEach(async ({ task }) => {
  await scene.clear();
  // A try that failed may have left the app in any state.
  if ((task.result?.retryCount ?? 0) > 0) await desk.close();
  if (!desk.isOpen) desk = await scene.desk(AGENT, { url: wire.url });
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
  await wire[Symbol.asyncDispose]();
});

const begin = (customerId: string): Promise<LiveCall> => scene.call({ agentId: AGENT, customerId });

/** What the desk has saved is at central, each once, and nothing else is there of it. Closes the desk to look. */
async function expectAllAtCentralOnce(): Promise<number> {
  await desk.drained(30_000);
  await desk.close();
  const saved = await desk.saved();
  const there = (await scene.outcomes()).filter(({ agentId, kind }) => agentId === AGENT && kind !== 'acted' && kind !== 'not-acted');
  expect(there.map(({ id }) => id).toSorted()).toEqual([...saved].toSorted());
  expect(new Set(saved).size).toBe(saved.length);
  return saved.length;
}

test('the connection cut in the middle of a call: said so, resumed by offset, nothing missing and nothing twice', async () => {
  const call = await begin('cust-0010');
  await call.customer('Why is my bill eight pounds higher than usual?');
  expect(await desk.cardShown()).toBe('explain-discount-end');
  wire.cut();
  await desk.page.locator('.link-state[data-state="offline"]').waitFor();
  await call.agent('Let me bring that up.');
  await call.customer('Thank you.');
  await desk.accept('explain-discount-end');
  await wait(300);
  expect(await desk.transcript()).toHaveLength(1);
  wire.mend();
  await desk.page.locator('.link-state[data-state="live"]').waitFor();
  await call.processed();
  expect(await desk.transcript()).toEqual(['Why is my bill eight pounds higher than usual?', 'Let me bring that up.', 'Thank you.']);
  await desk.drained();
  const accepted = (await scene.outcomes()).filter(({ callId, kind }) => callId === call.callId && kind === 'accepted');
  expect(accepted).toHaveLength(1);
  await call.end();
});

test('the app closed and opened again in the middle of a call: the same words and the same open card, resumed by offset', async () => {
  const call = await begin('cust-0023');
  await call.agent('Harbour Telecom, Marcus speaking.');
  await call.customer(MISSED_VISIT);
  expect(await desk.cardShown()).toBe('rebook-missed-visit');
  await desk.accept('rebook-missed-visit');
  await desk.cardOf('chase-open-fault').and(desk.card).waitFor();
  const before = await expectAllAtCentralOnce();
  expect(before).toBeGreaterThan(10);
  await call.customer('I have just been to the door to look.');

  desk = await scene.desk(AGENT, { url: wire.url });
  await call.processed();
  await until('the words of before and since', async () => (await desk.transcript()).length === 3);
  expect(await desk.transcript()).toEqual(['Harbour Telecom, Marcus speaking.', MISSED_VISIT, 'I have just been to the door to look.']);
  expect(await desk.cardShown()).toBe('chase-open-fault');
  expect((await desk.shown()).map(({ actionId }) => actionId)).not.toContain('rebook-missed-visit');
  await desk.accept('chase-open-fault');
  await desk.drained();
  const outcomes = (await scene.outcomes()).filter(({ callId }) => callId === call.callId);
  for (const actionId of ['rebook-missed-visit', 'chase-open-fault'])
    expect(outcomes.filter((outcome) => outcome.actionId === actionId && outcome.kind === 'accepted')).toHaveLength(1);
  // What was shown again after the restart was not offered again.
  expect(
    outcomes.filter(({ actionId, kind, role }) => actionId === 'rebook-missed-visit' && kind === 'offered' && role === 'primary'),
  ).toHaveLength(1);
  await call.end();
});

test('central stopped for the rest of a call: the agent is still guided and answered, and every outcome arrives afterwards, once', async () => {
  const { page } = desk;
  const call = await begin('cust-0010');
  await call.customer('Another provider has the same for twenty-nine, my brother just switched.');
  // The agent begins to speak, so that the card waits; and while it waits, central goes.
  await call.tell('speech', 'sotto.utterance.partial', {
    utteranceId: 'p-1',
    speaker: 'agent',
    text: 'Let me',
    startMs: 900,
    endMs: 1_200,
  });
  await call.processed();
  await until('the agent is heard', async () => (await desk.transcript()).at(-1) === 'Let me');
  const stoppedMs = Date.now();
  await scene.stopCentral();
  await page.getByText('Offline · rules still on').waitFor();
  expect(await desk.cardShown()).toBe('match-competitor-price');
  const show = desk.lines.findLast((line) => line.sotto === 'decided' && line.kind === 'show');
  expect(show).toMatchObject({ callId: call.callId });
  expect(show?.sotto === 'decided' && show.atMs > stoppedMs).toBe(true);

  await page.keyboard.press('Alt+Digit3');
  await page.getByRole('dialog').getByText('Contract is over; nothing keeps them but us').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Alt+Digit4');
  await page.getByRole('dialog').getByRole('option').first().waitFor();
  await page.keyboard.press('Escape');
  await desk.accept('match-competitor-price');
  await page.keyboard.press('Alt+Backspace');
  await page.locator('.note-receipt').getByText('Saved · taken back').waitFor();
  await page.locator('.unsent').waitFor();
  await desk.cardOf('match-competitor-price').and(desk.card).getByRole('button', { name: 'Not now' }).click();
  await page.locator('[data-reason="know-better"]').click();
  await page.getByText('Reason saved: I know better').waitFor();
  await wait(1_000);
  expect(Number(await page.locator('.desk').getAttribute('data-unsent'))).toBeGreaterThanOrEqual(5);

  await scene.startCentral();
  await page.locator('.link-state[data-state="live"]').waitFor({ timeout: 20_000 });
  await call.agent('In billing I cannot match it.');
  await call.customer('Then I will think about it.');
  await call.end();
  await desk.drained(30_000);
  const kinds = (await scene.outcomes()).filter(({ callId }) => callId === call.callId).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(1);
  // Taken back twice: the acceptance, and the rejection for the same one with its reason.
  expect(kinds.filter((kind) => kind === 'retracted')).toHaveLength(2);
  expect(kinds.filter((kind) => kind === 'rejected')).toHaveLength(2);
  expect(await desk.wrongs()).toEqual([]);
  const all = await expectAllAtCentralOnce();
  console.log(`${all} outcomes saved on this desk over all calls, ${all} at central`);
});
