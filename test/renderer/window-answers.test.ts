import { describe, expect, test } from 'vitest';
import { SCENES } from './scenes.ts';
import { card, desk as view, must, NOW_MS } from './scenes.ts';
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

describe('why, why not, and the rest of the keys', () => {
  test('why: three reasons in words, the policy, the sentence for the customer; Escape gives the focus back', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    const why = desk.page.getByRole('button', { name: 'Why', exact: true });
    await why.focus();
    await press(desk, 'Alt+Digit3');
    const panel = desk.page.getByRole('dialog', { name: 'Why this' });
    await panel.getByText('Strong match for this call').waitFor();
    expect(await panel.getByRole('listitem').allInnerTexts()).toEqual([
      'Said "bill is far too high" 42 seconds ago',
      'Bill rose by €23.40 since last month',
      'Customer for 6 years',
    ]);
    const words = await panel.innerText();
    expect(words).toContain('Because your bill rose by €23.40');
    expect(words).toContain('Retention v12');
    expect(words).not.toMatch(/%|probab|propens|0\.\d/i);
    expect(await desk.axe()).toEqual([]);
    await press(desk, 'Escape');
    expect(await panel.count()).toBe(0);
    expect(await focused(desk)).toContain('Why');
  });

  test('the sentence for the customer is copied, or marked where the clipboard is refused', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await press(desk, 'Alt+Digit3');
    await desk.page.getByRole('button', { name: 'Copy' }).click();
    await desk.page.getByText(/^(Copied|Marked: copy with Ctrl C)$/).waitFor();
  });

  test('why not: any action, its first gate, the value of the customer beside the one needed, or unknown', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await press(desk, 'Alt+Digit4');
    const panel = desk.page.getByRole('dialog', { name: 'Why not' });
    await panel.getByRole('searchbox').waitFor();
    const gates = await panel.getByRole('option').allInnerTexts();
    for (const gate of [
      'Not eligible',
      'Interest unknown',
      'Care before sale',
      'No consent',
      'Lower value',
      'Contact cap',
      'In test control group',
    ]) {
      expect(
        gates.some((option) => option.includes(gate)),
        gate,
      ).toBe(true);
    }
    await desk.page.keyboard.type('renewal');
    await press(desk, 'ArrowDown', 'Enter');
    expect(await panel.getByRole('row').allInnerTexts()).toEqual(['Fact\tCustomer\tNeeded', 'Months left on the contract\t11\tat most 3']);
    await desk.page.keyboard.press('Control+KeyA');
    await desk.page.keyboard.type('payment plan');
    await press(desk, 'ArrowDown', 'Enter');
    await panel.getByText('Income checked').waitFor();
    expect((await panel.getByRole('row').allInnerTexts())[1]).toBe('Income checked\tunknown\tyes');
    expect(await desk.axe()).toEqual([]);
    await press(desk, 'Escape');
    expect(await panel.count()).toBe(0);
    expect((await desk.calls('explain:verdicts')).map((call) => call.request)).toEqual([{ callId: 'call-1' }]);
  });

  test('what was looked into can be used instead', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await press(desk, 'Alt+Digit4');
    await desk.page.getByRole('option', { name: 'Move to a SIM-only plan' }).click();
    await desk.page.getByRole('button', { name: 'Use this instead' }).click();
    await desk.page.getByText('Chosen: Move to a SIM-only plan').waitFor();
  });

  test('when the engine does not explain, the panel says so', async () => {
    await using desk = await suite.open({ view: SCENES.should, replies: { 'explain:verdicts': 'reject' } });
    await press(desk, 'Alt+Digit4');
    await desk.page.getByText('The engine did not answer. Close and try again.').waitFor();
  });

  test('five thousand actions are searched without drawing them all', async () => {
    const verdicts = Array.from({ length: 5_000 }, (_, index) => ({
      actionId: `action-${index}`,
      name: `Action ${index}`,
      issue: 'issue',
      group: 'group',
      stage: 'eligibility',
      code: 'condition-false',
      by: null,
      condition: null,
      strength: null,
    }));
    await using desk = await suite.open({ view: SCENES.should, verdicts });
    await press(desk, 'Alt+Digit4');
    await desk.page.getByText('4940 more: type to narrow').or(desk.page.getByText('4,940 more: type to narrow')).waitFor();
    await desk.page.keyboard.type('action 4321');
    await desk.page.getByRole('option', { name: 'Action 4321' }).waitFor();
    expect(await desk.page.getByRole('option').count()).toBe(1);
  });

  test('quiet goes on and off by key and says so to the engine', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    const quiet = desk.page.getByRole('button', { name: 'Quiet' });
    await press(desk, 'Alt+Digit0');
    await expect.poll(() => quiet.getAttribute('aria-pressed')).toBe('true');
    await desk.page.waitForTimeout(320);
    await press(desk, 'Alt+Digit0');
    await expect.poll(() => quiet.getAttribute('aria-pressed')).toBe('false');
    expect((await desk.calls('call:quiet')).map((call) => call.request['quiet'])).toEqual([true, false]);
  });

  test('the palette finds a command and an action by name', async () => {
    await using desk = await suite.open({ view: SCENES.calm });
    await press(desk, 'Control+KeyK');
    await desk.page.getByRole('searchbox').waitFor();
    await desk.page.keyboard.type('ask for a suggestion');
    await press(desk, 'ArrowDown', 'Enter');
    await expect.poll(async () => (await desk.calls('call:ask')).map((call) => call.request)).toEqual([{ callId: 'call-1' }]);
    await press(desk, 'Control+KeyK');
    await desk.page.getByRole('searchbox').waitFor();
    await desk.page.keyboard.type('fibre');
    await press(desk, 'ArrowDown', 'Enter');
    await desk.page.getByRole('dialog', { name: 'Why not' }).getByText('Open complaint').waitFor();
  });

  test('keys do nothing while somebody types, and a held key counts once', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await press(desk, 'Alt+Digit4');
    await desk.page.getByRole('searchbox').waitFor();
    await press(desk, 'Alt+Digit1');
    expect(await answers(desk)).toEqual([]);
    await press(desk, 'Escape');
    await press(desk, 'Alt+Digit0', 'Alt+Digit0', 'Alt+Digit0');
    expect(await desk.calls('call:quiet')).toHaveLength(1);
  });

  test('the overlay lists every key; one is changed, one clash refused, all switched off', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await press(desk, 'Control+Slash');
    const panel = desk.page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    const words = await panel.innerText();
    for (const key of ['Alt 1', 'Alt 2', 'Alt 3', 'Alt 4', 'Alt 0', 'Alt J', 'Alt K', 'Ctrl K', 'Ctrl /', 'Esc'])
      expect(words).toContain(key);
    await panel.getByRole('button', { name: 'Change: Accept' }).click();
    await press(desk, 'KeyQ');
    await panel.getByText('Hold Alt or Ctrl with it.').waitFor();
    await press(desk, 'Alt+Digit2');
    await panel.getByText('Already used for Not now.').waitFor();
    await press(desk, 'Alt+KeyQ');
    await panel.getByText('Alt Q').waitFor();
    expect(await answers(desk)).toEqual([]);
    await press(desk, 'Escape');
    expect(await place(desk).getByRole('button', { name: 'Accept' }).getAttribute('aria-keyshortcuts')).toBe('Alt+Q');
    await press(desk, 'Alt+Digit1');
    expect(await answers(desk)).toEqual([]);
    await desk.page.waitForTimeout(320);
    await press(desk, 'Control+Slash');
    await panel.getByRole('switch', { name: 'Shortcuts on' }).focus();
    await press(desk, 'Space', 'Escape', 'Alt+KeyQ');
    expect(await answers(desk)).toEqual([]);
    expect(await place(desk).getByRole('button', { name: 'Accept' }).getAttribute('aria-keyshortcuts')).toBeNull();
  });

  test('guidance and theme are chosen and passed on', async () => {
    await using desk = await suite.open({ view: view({ refrain: { reason: 'nothing-relevant', atMs: NOW_MS } }) });
    await desk.page.getByRole('button', { name: 'Settings' }).click();
    await desk.page.getByRole('radio', { name: 'Dark' }).focus();
    await press(desk, 'Space');
    expect(await desk.page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('dark');
    await desk.page.getByRole('radio', { name: /^Minimal/ }).focus();
    await press(desk, 'Space');
    await expect.poll(() => desk.page.locator('.desk').getAttribute('data-level')).toBe('minimal');
    expect((await desk.calls('window:theme')).map((call) => call.request)).toEqual([{ theme: 'dark' }]);
    expect((await desk.calls('session:level')).map((call) => call.request)).toEqual([{ level: 'minimal' }]);
    expect(await desk.wrongs()).toEqual([]);
  });
});
