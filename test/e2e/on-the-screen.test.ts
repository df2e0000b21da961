import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { axeViolations } from './axe-check.ts';
import type { LiveCall } from './live-call.ts';
import { Scene } from './scene.ts';
import type { SeenDesk } from './seen-desk.ts';

const AGENT = 'agent-marcus';
const MISSED_VISIT = 'Hi. I took a day off on Tuesday for your engineer, and nobody came.';
/** Longer than the pause in speech a card waits for. */
const PAUSE_MS = 700;

let scene: Scene;
let desk: SeenDesk;
beforeAll(async () => {
  scene = await Scene.open('virtual');
  desk = await scene.desk(AGENT);
});
beforeEach(() => scene.clear());
afterAll(() => scene[Symbol.asyncDispose]());

const advance = (ms: number): Promise<void> => scene.demonstration.advance(scene.demonstration.nowMs() + ms);

async function callSaying(customerId: string, words: string): Promise<LiveCall> {
  const call = await scene.call({ agentId: AGENT, customerId });
  await call.customer(words);
  await call.processed();
  await advance(PAUSE_MS);
  return call;
}

test('[C1] an action taken out of the policy leaves the screen', async () => {
  const { policyFiles } = scene.demonstration.organisation;
  const call = await callSaying('cust-0023', MISSED_VISIT);
  expect(await desk.cardShown()).toBe('rebook-missed-visit');
  const published = await scene.central.publishRevision(policyFiles.filter(({ path }) => !path.endsWith('/rebook-missed-visit.yaml')));
  expect(published).toMatchObject({ ok: true });
  await desk.cardOf('rebook-missed-visit').waitFor({ state: 'detached' });
  await scene.central.publishRevision(policyFiles);
  await call.end();
});

test('no rule of axe is broken in the states of a call, light and dark, narrow and wide', async () => {
  const { page } = desk;
  const wrong: string[] = [];
  let looks = 0;
  const look = async (state: string): Promise<void> => {
    for (const width of [360, 1440]) {
      await page.setViewportSize({ width, height: width === 360 ? 640 : 900 });
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await desk.shown();
        const found = await axeViolations(page, colorScheme === 'light' ? 'all' : 'colour');
        wrong.push(...found.map((one) => `${state}, ${width}, ${colorScheme}: ${one}`));
        looks += 1;
      }
    }
  };
  await look('no call');
  const call = await callSaying('cust-0023', MISSED_VISIT);
  expect(await desk.cardShown()).toBe('rebook-missed-visit');
  await look('a card and a chip');
  await page.keyboard.press('Alt+Digit3');
  await page.getByRole('dialog').getByText('Why this').waitFor();
  await look('why');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Alt+Digit4');
  await page.getByRole('option').first().click();
  await page.locator('.verdict').waitFor();
  await look('why not');
  await page.locator('.verdict').getByRole('button', { name: 'What would change it' }).click();
  await page.locator('.what-if-answer').waitFor();
  await look('what would change it');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('Alt+Digit6');
  await page.getByRole('dialog').getByText('If the customer asks').waitFor();
  await look('if the customer asks');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('Alt+Digit2');
  await page.locator('.reasons').waitFor();
  await look('asked for the reason');
  await call.tell('telephony', 'sotto.call.ended', { reason: 'customer-hung-up' });
  await call.tell('telephony', 'sotto.wrapup.started', { agentId: AGENT });
  await call.processed();
  await page.getByText('After the call').waitFor();
  await look('wrap-up');
  await page.setViewportSize({ width: 1440, height: 900 });
  expect(looks).toBe(32);
  expect(wrong).toEqual([]);
  expect(await desk.wrongs()).toEqual([]);
});
