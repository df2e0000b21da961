import { describe, expect, test } from 'vitest';
import { call, card, could, desk as view, must, NOW_MS, SCENES, sentence } from './scenes.ts';
import type { DeskPage } from './window-driver.ts';
import { windowSuite } from './window-suite.ts';

const suite = windowSuite();
const place = (desk: DeskPage) => desk.page.locator('#place');
const shows = (desk: DeskPage): Promise<string> => place(desk).locator('h2').innerText();

/** Two frames: what was pushed is on screen, or never will be. */
const frames = (desk: DeskPage): Promise<void> =>
  desk.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))));

describe('the card under the pointer', () => {
  test('does not change while it is hovered, says that another is ready, and changes when the pointer leaves', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await place(desk).hover();
    await desk.push({ cards: [could] });
    await place(desk).getByText('Another suggestion is ready').waitFor();
    expect(await shows(desk)).toBe('Offer a loyalty credit on this bill');
    await desk.page.mouse.move(1_000, 700);
    await expect.poll(() => shows(desk)).toBe('Set up a usage alert');
  });

  test('is replaced on request', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await place(desk).hover();
    await desk.push({ cards: [could] });
    await desk.page.getByRole('button', { name: 'Show it' }).click();
    expect(await shows(desk)).toBe('Set up a usage alert');
  });

  test('does not change while it has the focus, nor for 400 ms after a key', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await desk.page.getByRole('button', { name: 'Why', exact: true }).focus();
    await desk.push({ cards: [could] });
    await frames(desk);
    expect(await shows(desk)).toBe('Offer a loyalty credit on this bill');
    await desk.page.getByRole('button', { name: 'Settings' }).focus();
    await expect.poll(() => shows(desk)).toBe('Set up a usage alert');
    await desk.page.keyboard.press('ArrowDown');
    await desk.push({ cards: [card({ decisionId: 'decision-8' })] });
    await frames(desk);
    expect(await shows(desk)).toBe('Set up a usage alert');
    await expect.poll(() => shows(desk)).toBe('Offer a loyalty credit on this bill');
  });

  test.each([
    ['withdrawn', { cards: [card({ state: 'withdrawn' as const })] }],
    ['gone from the view', { cards: [] }],
    ['on a call that has ended', { call: call({ phase: 'ended' }) }],
    ['on a call in wrap-up', { call: call({ phase: 'wrap-up' }) }],
  ])('is removed at once when it is %s, hovered and focused or not', async (_, change) => {
    await using desk = await suite.open({ view: SCENES.should });
    await desk.page.getByRole('button', { name: 'Why', exact: true }).focus();
    await place(desk).hover();
    await desk.page.keyboard.press('ArrowDown');
    await desk.push(change);
    await frames(desk);
    expect(await place(desk).locator('.card').count()).toBe(0);
    expect(await desk.page.locator('.desk').innerText()).not.toContain('I can take €15.00');
  });

  test('gives way to a must-say line at once', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await place(desk).hover();
    await desk.push({ cards: [must] });
    await frames(desk);
    expect(await shows(desk)).toBe('Say that the call is recorded');
  });

  test('takes its explanation with it when it is withdrawn', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await desk.page.keyboard.press('Alt+Digit3');
    await desk.page.getByRole('dialog').getByText('Because your bill rose').waitFor();
    await desk.push({ cards: [card({ state: 'withdrawn' })] });
    await frames(desk);
    expect(await desk.page.getByRole('dialog').innerText()).toContain('This suggestion is no longer on offer.');
  });

  test('never takes the focus, and nothing below pushes it', async () => {
    await using desk = await suite.open({ view: SCENES.calm, size: 'compact' });
    const search = desk.page.getByRole('button', { name: 'Search' });
    await search.focus();
    const before = await place(desk).boundingBox();
    await desk.push({ cards: [must] });
    await frames(desk);
    expect(await search.evaluate((button) => button === document.activeElement)).toBe(true);
    await desk.push({ cards: SCENES['should-and-chips'].cards, engine: SCENES['engine-trouble'].engine });
    await frames(desk);
    expect(await place(desk).boundingBox()).toEqual(before);
  });
});

describe('what the engine is told', () => {
  test('painted comes after the frame that shows the card, seen after 300 ms, each once', async () => {
    await using desk = await suite.open({ view: SCENES.calm });
    const before = await desk.page.evaluate(() => performance.timeOrigin + performance.now());
    await desk.push({ cards: [card()] });
    await expect.poll(() => desk.calls('card:seen')).toHaveLength(1);
    await desk.push({ cards: [card({ request: null, callTimeS: 181 })] });
    await frames(desk);
    const [painted, ...more] = await desk.calls('card:painted');
    const [seen] = await desk.calls('card:seen');
    expect(more).toEqual([]);
    expect(painted?.request).toMatchObject({ decisionId: 'decision-1', actionId: 'loyalty-credit', visible: true });
    expect(Number(painted?.request['atMs'])).toBeGreaterThan(before);
    expect((seen?.atMs ?? 0) - (painted?.atMs ?? 0)).toBeGreaterThan(200);
  });

  test('a prompt that is gone before 300 ms was never seen', async () => {
    await using desk = await suite.open({ view: SCENES.calm });
    await desk.push({ cards: [card()] });
    await frames(desk);
    await desk.push({ cards: [] });
    await desk.page.waitForTimeout(500);
    expect(await desk.calls('card:painted')).toHaveLength(1);
    expect(await desk.calls('card:seen')).toEqual([]);
  });

  test('small suggestions are painted and seen too', async () => {
    await using desk = await suite.open({ view: SCENES['should-and-chips'] });
    await expect
      .poll(async () => (await desk.calls('card:seen')).map((one) => String(one.request['actionId'])).toSorted((a, b) => (a < b ? -1 : 1)))
      .toEqual(['autopay', 'loyalty-credit', 'paper-bill']);
  });
});

describe('time', () => {
  test('a virtual clock stands still until the engine moves it', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    const elapsed = desk.page.locator('.elapsed [aria-hidden]');
    await desk.page.waitForTimeout(1_200);
    expect(await elapsed.innerText()).toBe('3:07');
    await desk.push({ nowMs: NOW_MS + 60_000 });
    await expect.poll(() => elapsed.innerText()).toBe('4:07');
  });

  test('a real clock runs on from the time of the view', async () => {
    await using desk = await suite.open({ view: view({ virtualClock: false }) });
    // A page that is stalled for a second shows some seconds never.
    await expect.poll(() => desk.page.locator('.elapsed [aria-hidden]').innerText()).toMatch(/3:(09|[1-5]\d)/);
  });

  test('expiry goes down in steps', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    const left = desk.page.locator('.expiry-step[data-left=true]');
    expect(await left.count()).toBe(9);
    await desk.push({ nowMs: NOW_MS + 30_000 });
    await expect.poll(() => left.count()).toBe(4);
  });
});

describe('the live region', () => {
  test('is there and empty from the start, polite, and says what comes at most once in 5 s', async () => {
    await using desk = await suite.open({ view: SCENES.calm });
    const live = desk.page.locator('#live');
    expect([await live.getAttribute('role'), await live.getAttribute('aria-live'), await live.textContent()]).toEqual([
      'status',
      'polite',
      '',
    ]);
    await live.evaluate((region) => {
      const said: { text: string; atMs: number }[] = [];
      Object.assign(globalThis, { said });
      new MutationObserver(() => said.push({ text: region.textContent, atMs: performance.now() })).observe(region, {
        childList: true,
        characterData: true,
        subtree: true,
      });
    });
    const said = () => desk.page.evaluate(() => (globalThis as unknown as { said: { text: string; atMs: number }[] }).said);
    await desk.push({ cards: [card()] });
    await expect.poll(async () => (await said()).map(({ text }) => text)).toEqual(['Should: Offer a loyalty credit on this bill.']);
    // Three more within the 5 s: one is gone again, one replaced, one answered.
    await desk.push({ cards: [could] });
    await desk.push({ cards: [must] });
    await desk.page.getByRole('button', { name: 'Accept' }).click();
    await expect.poll(async () => (await said()).length).toBe(2);
    const [first, second] = await said();
    expect(second?.text).toBe('Must: Say that the call is recorded. Saved · accepted.');
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(4_990);
    expect(await desk.page.locator('[role=alert], [aria-live=assertive]').count()).toBe(0);
  });

  test('a prompt withdrawn before it was said is not said', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await expect.poll(() => desk.page.locator('#live').textContent()).toContain('Should');
    await desk.push({ cards: [must] });
    await desk.push({ cards: [] });
    await desk.page.waitForTimeout(5_400);
    expect(await desk.page.locator('#live').textContent()).not.toContain('Must');
  });
});

describe('sentences', () => {
  test('values are formatted by the language of the agent and isolated', async () => {
    const say = sentence(
      '{money} {count} {data} {when} {day} {yes} {word} {constructor}',
      {
        money: 1234.5,
        count: 12_345,
        data: 12,
        when: Date.UTC(2026, 2, 3, 9, 30),
        day: Date.UTC(2026, 5, 1),
        yes: true,
        word: 'שלום {money}',
      },
      {
        money: { as: 'money', unit: 'EUR' },
        count: { as: 'number' },
        data: { as: 'number', unit: 'GB' },
        when: { as: 'time' },
        day: { as: 'time' },
        yes: { as: 'boolean' },
        word: { as: 'text' },
      },
    );
    await using desk = await suite.open({ view: view({ cards: [card({ say })] }) });
    const line = desk.page.locator('.card-say > bdi');
    expect((await line.innerText()).replaceAll('\u00a0', ' ')).toBe(
      '€1,234.50 12,345 12 GB 3 Mar 2026, 09:30 1 Jun 2026 yes שלום {money} …',
    );
    expect(await line.locator('bdi').count()).toBe(8);
  });

  test('the end of the transcript stays in view when a panel takes room away, until somebody scrolls back', async () => {
    await using desk = await suite.open({ view: SCENES.should, size: { width: 1_300, height: 600 } });
    const last = desk.page.locator('.line').last();
    const inView = () =>
      last.evaluate((line) => line.getBoundingClientRect().bottom <= (line.closest('.scroller')?.getBoundingClientRect().bottom ?? 0));
    expect(await inView()).toBe(true);
    await desk.page.keyboard.press('Alt+Digit3');
    await desk.page.getByRole('dialog').waitFor();
    await expect.poll(inView).toBe(true);
    await desk.page.locator('.line').first().scrollIntoViewIfNeeded();
    const latest = desk.page.getByRole('button', { name: 'Latest' });
    await latest.waitFor();
    await desk.push({
      lines: { callId: 'call-1', lines: [{ utteranceId: 'u-9', speaker: 'agent', text: 'One more.', startMs: 130_000, final: true }] },
    });
    await frames(desk);
    expect(await inView()).toBe(false);
    await latest.click();
    await expect.poll(inView).toBe(true);
  });

  test('new lines of the transcript are added and changed in place', async () => {
    await using desk = await suite.open({ view: SCENES.calm });
    await desk.push({
      lines: {
        callId: 'call-1',
        lines: [
          {
            utteranceId: 'utterance-7',
            speaker: 'customer',
            text: 'Six years I have been with you, you know.',
            startMs: 98_000,
            final: true,
          },
          { utteranceId: 'utterance-8', speaker: 'agent', text: 'Thank you for that.', startMs: 112_000, final: true },
        ],
      },
    });
    await desk.push({
      lines: { callId: 'another', lines: [{ utteranceId: 'x', speaker: 'agent', text: 'Not this call.', startMs: 1, final: true }] },
    });
    await frames(desk);
    expect((await desk.page.locator('.line-text').allInnerTexts()).slice(-2)).toEqual([
      'Six years I have been with you, you know.',
      'Thank you for that.',
    ]);
  });
});
