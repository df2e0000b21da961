import { describe, expect, test } from 'vitest';
import { card, must, NOW_MS, SCENES } from './scenes.ts';
import type { DeskPage } from './window-driver.ts';
import { windowSuite } from './window-suite.ts';

const suite = windowSuite();
const press = (desk: DeskPage, ...keys: string[]): Promise<void> =>
  keys.reduce((before, key) => before.then(() => desk.page.keyboard.press(key)), Promise.resolve());
const answers = async (desk: DeskPage): Promise<readonly unknown[]> =>
  (await desk.calls('card:answer')).map((call) => call.request['answer']);
const place = (desk: DeskPage) => desk.page.locator('#place');
const note = (desk: DeskPage) => desk.page.getByRole('region', { name: 'Your last answer' });
const focused = (desk: DeskPage): Promise<string> =>
  desk.page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '');

describe('answers, by keyboard only', () => {
  test('accept: saved is said after the answer is saved, with what came of it, and undone within its time', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await press(desk, 'Alt+Digit1');
    await note(desk).getByText('Saved · accepted').waitFor();
    expect(await answers(desk)).toEqual([{ kind: 'accepted' }]);
    await place(desk).getByText('Saved · sent').waitFor();
    // The line stays: it is read out after it is accepted.
    expect(await place(desk).innerText()).toContain('I can take €15.00');
    await press(desk, 'Tab', 'Enter');
    await note(desk).getByText('Saved · taken back').waitFor();
    expect((await desk.calls('card:undo')).map((call) => call.request)).toEqual([{ outcomeId: 'outcome-1' }]);
    await place(desk).getByRole('button', { name: 'Accept' }).waitFor();
    await desk.push({ cards: [card({ state: 'accepted', request: 'acted' })] });
    await place(desk).getByText('Saved · done').waitFor();
    expect(await desk.wrongs()).toEqual([]);
  });

  test('undo is over when its time is over, by the clock of the engine', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await desk.page.getByRole('button', { name: 'Accept' }).click();
    await note(desk).getByRole('button', { name: 'Undo' }).waitFor();
    await desk.page.mouse.move(1_000, 700);
    await desk.page.locator('#place').focus();
    await desk.push({ nowMs: NOW_MS + 4_900 });
    expect(await note(desk).getByRole('button', { name: 'Undo' }).count()).toBe(1);
    await desk.push({ nowMs: NOW_MS + 5_100 });
    await expect.poll(() => note(desk).count()).toBe(0);
  });

  test('nothing is called saved before the engine says so', async () => {
    await using desk = await suite.open({ view: SCENES.should, replies: { 'card:answer': 'never' } });
    await press(desk, 'Alt+Digit1');
    await place(desk).getByText('Saving…').waitFor();
    await press(desk, 'Alt+Digit2');
    expect(await desk.page.locator('.desk').innerText()).not.toContain('Saved');
    expect(await answers(desk)).toEqual([{ kind: 'accepted' }]);
  });

  test.each([
    [
      { saved: false, reason: 'no-longer-permitted', detail: 'The customer withdrew consent a moment ago.' },
      'The customer withdrew consent a moment ago.',
    ],
    ['reject', 'The engine is away. Answer again when it is back.'],
  ])('a refusal is shown with its words, and the card stays open', async (reply, words) => {
    await using desk = await suite.open({ view: SCENES.should, replies: { 'card:answer': reply } });
    await press(desk, 'Alt+Digit1');
    const refusal = desk.page.getByRole('region', { name: 'Not saved' });
    expect(await refusal.innerText()).toContain(words);
    expect(await place(desk).getByRole('button', { name: 'Accept' }).count()).toBe(1);
    await refusal.getByRole('button', { name: 'Close' }).click();
    expect(await refusal.count()).toBe(0);
  });

  test('not now: dismissed first, the reason asked afterwards, given by its number', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await press(desk, 'Alt+Digit2');
    await note(desk).getByText('Saved · not now').waitFor();
    expect(await answers(desk)).toEqual([{ kind: 'rejected' }]);
    expect(await focused(desk)).toBe('Reason, optional');
    await press(desk, 'Digit3');
    await note(desk).getByText('Reason saved: Customer said no').waitFor();
    expect((await desk.calls('card:reason')).map((call) => call.request)).toEqual([{ outcomeId: 'outcome-1', reason: 'customer-said-no' }]);
    expect(await note(desk).getByRole('button', { name: 'Undo' }).count()).toBe(1);
  });

  test('the reason is optional: Escape skips it, and its numbers do nothing elsewhere', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await press(desk, 'Digit1', 'Alt+Digit2');
    await note(desk).getByRole('group', { name: 'Reason, optional' }).waitFor();
    await press(desk, 'Escape', 'Digit1');
    expect(await note(desk).getByRole('group', { name: 'Reason, optional' }).count()).toBe(0);
    expect(await desk.calls('card:reason')).toEqual([]);
    expect(await answers(desk)).toEqual([{ kind: 'rejected' }]);
  });

  test('the reasons of a dismissed prompt stay while the next prompt comes', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await desk.page.getByRole('button', { name: 'Not now' }).click();
    await note(desk).getByRole('group', { name: 'Reason, optional' }).waitFor();
    await desk.push({ cards: [must] });
    await place(desk).getByText('Say that the call is recorded').waitFor();
    await note(desk).getByRole('button', { name: 'Wrong facts' }).click();
    expect((await desk.calls('card:reason')).map((call) => call.request['reason'])).toEqual(['wrong-facts']);
  });

  test.each([
    ['After this topic', 60_000],
    ['In 2 minutes', 120_000],
  ])('later: %s', async (name, forMs) => {
    await using desk = await suite.open({ view: SCENES.should });
    await desk.page.getByRole('button', { name: 'More answers' }).focus();
    await press(desk, 'Enter');
    await desk.page.getByRole('menuitem', { name }).focus();
    await press(desk, 'Enter');
    await note(desk).getByText('Saved · later').waitFor();
    expect(await answers(desk)).toEqual([{ kind: 'snoozed', forMs }]);
    expect(await desk.wrongs()).toEqual([]);
  });

  test('something else: searched, chosen, with a reason', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await desk.page.getByRole('button', { name: 'More answers' }).focus();
    await press(desk, 'Enter', 'ArrowUp', 'Enter');
    const panel = desk.page.getByRole('dialog', { name: 'Something else' });
    await panel.getByRole('searchbox').waitFor();
    await desk.page.keyboard.type('payment');
    expect(await panel.getByRole('option').count()).toBe(1);
    await press(desk, 'ArrowDown', 'Enter');
    await panel.getByText('Chosen: Payment plan').waitFor();
    expect(await desk.axe()).toEqual([]);
    await panel.getByRole('radio', { name: 'I know better' }).focus();
    await press(desk, 'Space');
    await panel.getByRole('button', { name: 'Save' }).focus();
    await press(desk, 'Enter');
    await note(desk).getByText('Saved · something else').waitFor();
    expect(await answers(desk)).toEqual([{ kind: 'overridden', chosenActionId: 'payment-plan', reason: 'know-better' }]);
    expect(await panel.count()).toBe(0);
  });

  test('a significant prompt needs a second gesture that is not the first one again', async () => {
    await using desk = await suite.open({ view: SCENES.significant });
    await press(desk, 'Alt+Digit1');
    const question = desk.page.getByRole('group', { name: 'This needs a second person' });
    await question.waitFor();
    await desk.page.waitForTimeout(350);
    await press(desk, 'Alt+Digit1', 'Enter');
    expect(await answers(desk)).toEqual([]);
    await press(desk, 'Escape');
    expect(await question.count()).toBe(0);
    await desk.page.waitForTimeout(350);
    await press(desk, 'Alt+Digit1', 'Tab', 'Tab');
    expect(await focused(desk)).toBe('Ask for approval');
    await press(desk, 'Enter');
    await note(desk).getByText('Saved · accepted').waitFor();
    expect(await answers(desk)).toEqual([{ kind: 'accepted' }]);
    expect(await desk.axe()).toEqual([]);
  });

  test('a double click answers once, and asks nobody for approval', async () => {
    await using desk = await suite.open({ view: SCENES.significant });
    await desk.page.getByRole('button', { name: 'Accept' }).dblclick();
    expect(await answers(desk)).toEqual([]);
    await desk.push({ cards: [must] });
    await place(desk).getByText('Say that the call is recorded').waitFor();
    await desk.page.getByRole('button', { name: 'Accept' }).dblclick();
    await note(desk).waitFor();
    expect(await answers(desk)).toHaveLength(1);
  });

  test('a small suggestion is opened and answered without touching the card', async () => {
    await using desk = await suite.open({ view: SCENES['should-and-chips'] });
    await press(desk, 'Alt+KeyJ');
    expect(await focused(desk)).toContain('Explain the bill line by line');
    await desk.page.waitForTimeout(320);
    await press(desk, 'Alt+KeyJ');
    expect(await focused(desk)).toContain('Mention the due date');
    await press(desk, 'Enter');
    const panel = desk.page.getByRole('dialog', { name: 'Also possible' });
    await panel.getByRole('button', { name: 'Accept' }).click();
    await note(desk).waitFor();
    expect((await desk.calls('card:answer')).map((call) => call.request['actionId'])).toEqual(['autopay']);
    expect(await place(desk).getByRole('button', { name: 'Accept' }).count()).toBe(1);
  });
});
