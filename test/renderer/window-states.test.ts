import { describe, expect, test } from 'vitest';
import { SCENES } from './scenes.ts';
import type { SceneName } from './scenes.ts';
import { SIZES } from './window-driver.ts';
import type { Size } from './window-driver.ts';
import { windowSuite } from './window-suite.ts';

const suite = windowSuite();
const names = Object.keys(SCENES) as SceneName[];

/** Words that must be on screen in a state, so that a state drawn as another one fails. */
const SAYS: Readonly<Record<SceneName, readonly string[]>> = {
  'no-call': ['No call', 'Suggestions appear here during a call.'],
  ringing: ['Ringing', 'Ana Ferreira Lindqvist', 'Suggestions start when you are connected.'],
  calm: ['Nothing to suggest', 'Nothing worth an interruption.'],
  listening: ['Waiting for a pause in speech.'],
  should: [
    'Should',
    'Offer a loyalty credit on this bill',
    'I can take €15.00 off this bill today',
    '5 minutes',
    'Retention v12',
    '2:59',
    'Accept',
    'Not now',
    'Why',
  ],
  'should-and-chips': ['Explain the bill line by line', 'Mention the due date'],
  must: ['Must', 'Say that the call is recorded'],
  could: ['Could', 'Set up a usage alert'],
  significant: ['Waive the early-exit fee'],
  'awaits-approval': ['Saved · waiting for approval', 'With April Novak', '1:40 left', 'I have asked a colleague'],
  'awaits-approval-late': ['With whoever is free first', '1:02 over', 'What did the customer say'],
  'accepted-sent': ['Saved · sent'],
  'accepted-done': ['Saved · done', 'Credit of €15.00 booked on the next bill.'],
  'accepted-failed': ['Saved · failed', 'the bill is already closed'],
  rejected: ['Saved · not now'],
  withdrawn: ['Taken back', 'It is no longer permitted on this call.'],
  'rules-only': ['Rules only'],
  delayed: ['Delayed 4 s'],
  offline: ['Offline · rules still on', '3 unsent', 'Earlier model'],
  restarting: ['Engine restarting', 'Everything you saved is safe.'],
  'engine-trouble': ['Needs attention', 'The disk is nearly full'],
  'capture-paused': ['Not recorded', 'Nothing is recorded, and nothing is suggested.'],
  held: ['On hold', 'Suggestions go on when the call does.'],
  quiet: ['Quiet is on', 'Must-say lines still appear.'],
  'unknown-caller': ['Unknown caller', 'Not identified', 'No profile on this device'],
  understood: ['Topic: Bill high'],
  gaps: ['2 events missing', 'Jo Murphy'],
  demonstration: ['Demonstration', 'Virtual clock'],
  'wrap-up': ['After the call', 'Saved · done', '1 answer is saved here and will be sent.'],
  ended: ['The call is over'],
};

/** What must not be on screen where a card may not be. */
const WITHOUT_CARD: readonly SceneName[] = ['restarting', 'withdrawn', 'capture-paused', 'wrap-up', 'ended', 'no-call'];

describe.each(Object.keys(SIZES) as Size[])('every state, %s', (size) => {
  test('says what it is, breaks no rule of axe or of the policy in either theme, fits, and keeps the card where it is', async () => {
    await using desk = await suite.open({ view: SCENES['no-call'], size });
    const wrong: string[] = [];
    const places = new Set<string>();
    let looked = 0;
    for (const name of names) {
      await desk.push(SCENES[name]);
      const words = await desk.page.locator('.desk').innerText();
      for (const said of SAYS[name]) if (!words.includes(said)) wrong.push(`${name}: does not say "${said}"`);
      if (WITHOUT_CARD.includes(name) && (await desk.page.locator('#place .card').count()) > 0) wrong.push(`${name}: shows a card`);
      if (name !== 'wrap-up' && name !== 'demonstration') places.add(JSON.stringify(await desk.page.locator('#place').boundingBox()));
      for (const theme of ['light', 'dark'] as const) {
        await desk.page.emulateMedia({ colorScheme: theme });
        for (const violation of await desk.axe(theme === 'light' ? 'all' : 'colour')) wrong.push(`${name} ${theme}: ${violation}`);
        looked += 1;
      }
      const { px, elements } = await desk.overflow();
      if (px > 0 || elements.length > 0) wrong.push(`${name}: ${px} px too wide, ${elements.join(' | ')}`);
    }
    expect(looked).toBe(names.length * 2);
    expect([...wrong, ...(await desk.wrongs())]).toEqual([]);
    expect([...places]).toHaveLength(1);
  });
});

describe('starting and failing', () => {
  test('until the engine answers the window says that it is connecting', async () => {
    await using desk = await suite.open({ view: SCENES.calm, replies: { 'desk:open': 'never' } });
    expect(await desk.page.locator('.alone').innerText()).toContain('Connecting to the engine');
    expect(await desk.axe()).toEqual([]);
  });

  test('a change that cannot be read takes the card away until the whole view is there again', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await desk.page.locator('#place .card').waitFor();
    await desk.reply('desk:open', 'never');
    await desk.push({ cards: [{ actionId: 'half a card' }] } as never);
    await expect.poll(() => desk.page.locator('#place .card').count()).toBe(0);
    expect(await desk.page.locator('#place').innerText()).toContain('The engine is restarting');
    expect((await desk.calls('renderer:fault')).map((call) => call.request['where'])).toEqual(['desk:changed']);
  });

  test('details of the link show gaps and refusals by reason', async () => {
    await using desk = await suite.open({ view: SCENES.gaps });
    await desk.page.getByRole('button', { name: 'Link details' }).click();
    const words = await desk.page.getByRole('dialog').innerText();
    for (const said of ['Bad data', 'Number used twice', 'Events missing on this call']) expect(words).toContain(said);
  });

  test('another call is brought to the front by a click', async () => {
    await using desk = await suite.open({ view: SCENES.gaps });
    await desk.page.getByRole('button', { name: 'Jo Murphy' }).click();
    expect((await desk.calls('call:front')).map((call) => call.request)).toEqual([{ callId: 'call-2' }]);
  });
});
