import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { LiveCall } from './live-call.ts';
import { Scene, until } from './scene.ts';
import type { SeenDesk } from './seen-desk.ts';

const AGENT = 'agent-marcus';
const MISSED_VISIT = { customerId: 'cust-0023', words: 'Hi. I took a day off on Tuesday for your engineer, and nobody came.' };
const CHEAPER_ELSEWHERE = { customerId: 'cust-0010', words: 'Another provider has the same for twenty-nine, my brother just switched.' };
const NO_MORE_OFFERS = { customerId: 'cust-0013', words: 'Please stop sending me those emails, I do not want any more.' };
const BIGGER_BILL = { customerId: 'cust-0010', words: 'Why is my bill eight pounds higher than usual?' };

let scene: Scene;
/** Of the profile a test changes; a test that is tried again goes on from there. */
let version = 1;
let desk: SeenDesk;
beforeAll(async () => {
  scene = await Scene.open();
  desk = await scene.desk(AGENT);
});
beforeEach(() => scene.clear());
afterAll(() => scene[Symbol.asyncDispose]());

/** A call on which something was said, with its card on the screen. */
async function callWithCard({ customerId, words }: { readonly customerId: string; readonly words: string }): Promise<LiveCall> {
  const call = await scene.call({ agentId: AGENT, customerId });
  await call.customer(words);
  await desk.card.waitFor();
  return call;
}

const kindsOf = async ({ callId }: LiveCall): Promise<readonly string[]> => {
  await desk.drained();
  return (await scene.outcomes()).filter((outcome) => outcome.callId === callId).map(({ kind, actionId }) => `${kind} ${actionId}`);
};
const pageOfDecisions = async (): Promise<string> => (await fetch(new URL('/decisions', scene.central.url))).text();

test('a question becomes a card with its reason; accepting it is saved, reaches central once, is done by the system of record, and the window says so', async () => {
  const requestedBefore = scene.demonstration.requested();
  const call = await callWithCard(MISSED_VISIT);
  await desk.callOf('Oluwaseun Balogun').waitFor();
  expect(await desk.transcript()).toEqual([MISSED_VISIT.words]);
  const card = desk.cardOf('rebook-missed-visit');
  expect(await card.locator('.card-do').textContent()).toBe('Rebook first slot and add missed-visit credit');
  expect(await card.locator('.card-because').textContent()).toContain('our engineer missed the visit');

  // Nobody answers what nobody has seen: 300 ms on the screen count as seen.
  await desk.page.waitForTimeout(400);
  await desk.accept('rebook-missed-visit');
  // The next prompt has taken its place by then; the timeline keeps it.
  await desk.page.locator('.event').filter({ hasText: 'Request done' }).getByText('Visit booked (25)').waitFor({ timeout: 15_000 });
  expect(scene.demonstration.requested()).toBe(requestedBefore + 1);
  const kinds = await kindsOf(call);
  expect(kinds.filter((kind) => kind === 'accepted rebook-missed-visit')).toHaveLength(1);
  expect(kinds.filter((kind) => kind === 'acted rebook-missed-visit')).toHaveLength(1);
  for (const kind of ['offered', 'delivered', 'seen']) expect(kinds).toContain(`${kind} rebook-missed-visit`);
  const row = (await pageOfDecisions()).split('<tr>').find((one) => one.includes(call.callId) && one.includes('rebook-missed-visit'));
  expect(row).toContain('accepted rebook-missed-visit');
  expect(row).toContain('rebook-missed-visit acted: Visit booked (25)');
  await call.end();
});

test('what the system of record has done stands on the card', async () => {
  const call = await callWithCard(NO_MORE_OFFERS);
  await desk.accept('confirm-opt-out');
  await desk.cardOf('confirm-opt-out').getByText('Saved · done').waitFor({ timeout: 15_000 });
  expect((await kindsOf(call)).filter((kind) => kind === 'acted confirm-opt-out')).toHaveLength(1);
  await call.end();
});

test('what the system of record cannot do fails in its own words, on the card and in the record', async () => {
  const call = await callWithCard(CHEAPER_ELSEWHERE);
  await desk.accept('match-competitor-price');
  const card = desk.cardOf('match-competitor-price');
  await card.getByText('Saved · failed').waitFor({ timeout: 15_000 });
  expect(await card.textContent()).toContain('The other quote is not on file: ask for it in writing first');
  expect((await kindsOf(call)).filter((kind) => kind.endsWith('acted match-competitor-price'))).toEqual([
    'not-acted match-competitor-price',
  ]);
  expect(await pageOfDecisions()).toContain('match-competitor-price failed: The other quote is not on file');
  await call.end();
});

test('by keyboard alone: why, why not, not now with its reason, and the rejected action stays away for the rest of the call', async () => {
  const { page } = desk;
  const call = await callWithCard(BIGGER_BILL);
  const visit = (engineerVisit: string | null): Promise<unknown> =>
    call.tell('crm', 'sotto.profile.updated', { customerId: BIGGER_BILL.customerId, version: (version += 1), fields: { engineerVisit } });
  await visit('none');
  await call.processed();
  await page.keyboard.press('Alt+Digit3');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Why this').waitFor();
  const reasons = await dialog.locator('.why-reasons li').allTextContents();
  expect(reasons.length).toBeGreaterThanOrEqual(1);
  expect(reasons.length).toBeLessThanOrEqual(3);
  expect(reasons.join(' ')).toContain('Discount ended');
  expect(await dialog.textContent()).not.toMatch(/\d\s*%|propensity/);
  await page.keyboard.press('Escape');

  await page.keyboard.press('Alt+Digit4');
  await dialog.getByRole('option').first().waitFor();
  await page.keyboard.type('Rebook a missed visit');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const verdict = dialog.locator('.verdict');
  // The rule and the values follow the row that was chosen.
  await verdict.locator('tbody tr').first().waitFor();
  expect(await verdict.locator('tbody tr').allTextContents()).toEqual([expect.stringMatching(/none.*missed/)]);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });

  // What central does not know is not guessed.
  await visit(null);
  await call.processed();
  // The same key is heard again only after 300 ms.
  await page.waitForTimeout(320);
  await page.keyboard.press('Alt+Digit4');
  await dialog.getByRole('option').first().waitFor();
  await page.keyboard.type('Rebook a missed visit');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await verdict.locator('[data-unknown="true"]').waitFor();
  expect(await verdict.locator('[data-unknown="true"]').allTextContents()).toEqual(['unknown']);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });

  await page.keyboard.press('Alt+Digit2');
  await page.locator('.reasons').waitFor();
  await page.keyboard.press('1');
  await page.getByText('Reason saved: Already done').waitFor();
  await call.customer('My bill is higher than usual and my discount has ended, why is my bill so high?');
  await call.processed();
  const isShown = async () => (await desk.shown()).some(({ actionId }) => actionId === 'explain-discount-end');
  await expect.poll(isShown).toBe(false);
  // And does not come back.
  await page.waitForTimeout(1_200);
  expect(await isShown()).toBe(false);
  await desk.drained();
  const outcomes = (await scene.outcomes()).filter(
    (outcome) => outcome.callId === call.callId && outcome.actionId === 'explain-discount-end',
  );
  expect(outcomes.filter(({ kind }) => kind === 'offered')).toHaveLength(1);
  expect(outcomes.findLast(({ kind }) => kind === 'rejected')).toMatchObject({ reason: 'already-done' });
  await call.end();
});

test('by keyboard alone: accepting is taken back, then put off, and quiet keeps everything but must-say lines away', async () => {
  const { page } = desk;
  const requestedBefore = scene.demonstration.requested();
  const call = await callWithCard(MISSED_VISIT);
  await page.keyboard.press('Alt+Digit1');
  await page.locator('.note-receipt').getByText('Saved · accepted').waitFor();
  await page.keyboard.press('Alt+Backspace');
  await page.locator('.note-receipt').getByText('Saved · taken back').waitFor();
  await desk.cardOf('rebook-missed-visit').and(desk.card).waitFor();

  await page.keyboard.press('Control+KeyK');
  await page.getByRole('dialog').getByRole('searchbox').waitFor();
  await page.keyboard.type('Later: in 2 minutes');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('.note-receipt').getByText('Saved · later').first().waitFor();
  expect(await kindsOf(call)).toEqual(
    expect.arrayContaining(['accepted rebook-missed-visit', 'retracted rebook-missed-visit', 'snoozed rebook-missed-visit']),
  );

  await page.keyboard.press('Alt+Digit0');
  await page.locator('.button-quiet[aria-pressed="true"]').waitFor();
  await call.customer('And my bill is higher than usual. Another provider is cheaper elsewhere.');
  await call.processed();
  await page.waitForTimeout(1_200);
  expect(await desk.shown()).toEqual([]);
  await call.customer('Please stop sending me those emails, I do not want any.');
  expect(await desk.cardShown()).toBe('confirm-opt-out');
  await page.keyboard.press('Alt+Digit0');
  await page.locator('.button-quiet[aria-pressed="false"]').waitFor();
  await call.end();
  // Taken back in time, it was never asked for.
  expect(scene.demonstration.requested()).toBe(requestedBefore);
});

test('by keyboard alone: another action instead, with a reason', async () => {
  const { page } = desk;
  const call = await callWithCard(MISSED_VISIT);
  await page.keyboard.press('Control+KeyK');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('searchbox').waitFor();
  await page.keyboard.type('Do something else');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await dialog.getByText('Instead of').waitFor();
  await page.keyboard.type('Chase');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await dialog.getByText('Chosen: Chase').waitFor();
  await tabTo(desk, 'input[type=radio]');
  await page.keyboard.press('Space');
  await tabTo(desk, '.panel-foot button');
  await page.keyboard.press('Enter');
  await page.locator('.note-receipt').getByText('Saved · something else').first().waitFor();
  await desk.drained();
  const overridden = (await scene.outcomes()).filter(({ callId, kind }) => callId === call.callId && kind === 'overridden');
  expect(overridden).toEqual([
    expect.objectContaining({ actionId: 'rebook-missed-visit', chosenActionId: 'chase-open-fault', reason: 'already-done' }),
  ]);
  await call.end();
});

test('bad events sent while a call runs are refused, counted and visible, and the call goes on', async () => {
  const call = await callWithCard(MISSED_VISIT);
  const counted = async (): Promise<Readonly<Record<string, number>>> =>
    ((await (await scene.get('/api/intake')).json()) as { counts: Record<string, number> }).counts;
  const before = await counted();
  const good = call.event('telephony', 'sotto.queue.updated', { queue: 'billing', waiting: 3, longestWaitS: 40 });
  const bad: readonly (readonly [reason: string, body: string])[] = [
    ['not-json', '{"specversion":'],
    ['not-json', '\u0000'],
    ['not-a-cloud-event', '[]'],
    ['not-a-cloud-event', JSON.stringify({ ...good, specversion: '0.3' })],
    ['unknown-type', JSON.stringify({ ...good, id: 'b-1', type: 'sotto.call.exploded' })],
    ['bad-data', JSON.stringify({ ...good, id: 'b-2', data: { queue: 7 } })],
    ['not-json', JSON.stringify({ ...good, id: 'b-3', type: 'sotto.utterance.final', data: { ...said, text: 'nul \u0000' } })],
    ['bad-data', JSON.stringify({ ...good, id: 'b-4', type: 'sotto.utterance.final', data: { ...said, text: 'A'.repeat(8_001) } })],
    ['bad-time', JSON.stringify({ ...good, id: 'b-5', time: '2100-01-01T00:00:00Z' })],
    ['too-large', JSON.stringify({ ...good, id: 'b-6', pad: 'x'.repeat(70_000) })],
    ['unknown-call', JSON.stringify({ ...good, id: 'b-7', subject: 'call-of-nobody' })],
    ['sequence-too-far', JSON.stringify({ ...good, id: 'b-8', sequence: 1_000_000 })],
    ['sequence-reused', JSON.stringify({ ...good, id: 'b-9', sequence: 1 })],
    ['foreign-call', JSON.stringify({ ...good, id: 'b-10', type: 'sotto.call.held', data: { agentId: 'agent-ines' } })],
  ];
  for (const [reason, body] of bad) {
    const response = await scene.post('/api/events', body);
    expect([reason, response.status]).toEqual([reason, 400]);
    expect(await response.json()).toMatchObject({ result: 'refused', reason });
  }
  await scene.central.intake(good);
  expect((await scene.post('/api/events', JSON.stringify(good))).status).toBe(200);
  const after = await counted();
  const grown = (word: string): number =>
    Object.entries(after)
      .filter(([name]) => name.includes(word))
      .reduce((sum, [name, n]) => sum + n - (before[name] ?? 0), 0);
  for (const reason of new Set(bad.map(([one]) => one)))
    expect([reason, grown(reason)]).toEqual([reason, bad.filter(([one]) => one === reason).length]);
  expect(grown('duplicate')).toBe(1);
  expect(await pageOfDecisions()).toContain('sequence-too-far');

  await call.processed();
  expect(await desk.card.getAttribute('data-action')).toBe('rebook-missed-visit');
  await call.customer('Are you still there?');
  await until('the next words are shown', async () => (await desk.transcript()).at(-1) === 'Are you still there?');
  await call.end();
});

test('an event only the desk cannot read is refused there, counted behind the link’s word, and named as missing; the call goes on', async () => {
  const { page } = desk;
  const call = await callWithCard(MISSED_VISIT);
  const { db } = scene.central.store;
  // As a central of a later version might have stored it.
  const { last_seq: seq } = await db.selectFrom('calls').select('last_seq').where('call_id', '=', call.callId).executeTakeFirstOrThrow();
  const later = { ...call.event('crm', 'sotto.queue.updated', {}), type: 'sotto.call.exploded' };
  await db
    .insertInto('call_events')
    .values({
      source: 'test/later',
      event_id: `later-${call.callId}`,
      call_id: call.callId,
      seq: seq + 1,
      type: 'sotto.call.exploded',
      at_ms: Date.now(),
      received_at_ms: Date.now(),
      body: JSON.stringify(later),
    })
    .execute();
  await db
    .updateTable('calls')
    .set({ last_seq: seq + 1 })
    .where('call_id', '=', call.callId)
    .execute();
  await call.customer('Are you still there?');
  await until('the next words are shown', async () => (await desk.transcript()).at(-1) === 'Are you still there?');
  await page.getByText('1 event missing').waitFor();
  await page.locator('.link').click();
  const refused = page.getByRole('dialog').locator('.operands').first().locator('tbody tr');
  await refused.first().waitFor();
  expect(await refused.allTextContents()).toEqual([expect.stringMatching(/^Unknown type\d+$/)]);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await desk.accept('rebook-missed-visit');
});

test('in all this nothing was refused by a policy, asked for from elsewhere, or went wrong in the window', async () => {
  expect(await desk.wrongs()).toEqual([]);
  expect(scene.printed.filter((line) => /^(error|engine):/.test(line))).toEqual([]);
});

const said = { utteranceId: 'u-bad', speaker: 'customer', startMs: 0, endMs: 10 };

/** Presses Tab until the focus is on something that matches. */
async function tabTo({ page }: SeenDesk, selector: string): Promise<void> {
  for (let presses = 0; presses < 30; presses++) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`no way by Tab to ${selector}`);
}
