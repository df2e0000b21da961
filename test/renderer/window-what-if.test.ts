import { describe, expect, test } from 'vitest';
import { card, SCENES, WHAT_IFS } from './scenes.ts';
import type { DeskPage } from './window-driver.ts';
import { windowSuite } from './window-suite.ts';

const suite = windowSuite();
const press = (desk: DeskPage, ...keys: string[]): Promise<void> =>
  keys.reduce((before, key) => before.then(() => desk.page.keyboard.press(key)), Promise.resolve());
const focused = (desk: DeskPage): Promise<string> =>
  desk.page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '');

describe('what would change it', () => {
  test('what would change it: alternatives in words, who could change them, what was held fixed; Escape gives the focus back', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    const why = desk.page.getByRole('button', { name: 'Why', exact: true });
    await why.focus();
    await press(desk, 'Alt+Digit5');
    const panel = desk.page.getByRole('dialog', { name: 'What would change it' });
    await panel.getByRole('listitem').first().waitFor();
    expect((await panel.innerText()).split('\n').filter((line) => line !== '')).toEqual([
      'What would change it',
      'Offer a loyalty credit on this bill',
      'It would not be shown, with any one of these:',
      'If Complaint open were yes (is no)',
      'You could change this',
      'If Overdue were €50.00 (is €0.00)',
      'The customer could change this',
      'The model’s estimates were left as they are.',
    ]);
    expect((await desk.calls('explain:what-if')).map((call) => call.request)).toEqual([
      { callId: 'call-1', decisionId: 'decision-1', actionId: 'loyalty-credit' },
    ]);
    expect(await desk.axe()).toEqual([]);
    await press(desk, 'Escape');
    expect(await panel.count()).toBe(0);
    expect(await focused(desk)).toContain('Why');
    expect(await desk.wrongs()).toEqual([]);
  });

  test.each([
    [
      'Contract renewal',
      [
        'It would be shown:',
        'If Months left on the contract were 3 months (is 11 months)',
        'You could change this',
        'and Add-ons were sports and roaming (is none)',
        'The customer could change this',
      ],
    ],
    ['Payment plan', ['Nothing the customer or you could change would show this.']],
    ['Upgrade to fibre', ['As far as was looked, nothing the customer or you could change would show this.']],
    [
      'Move to a SIM-only',
      [
        'It would be shown, with any one of these:',
        'If the customer said “keep my phone” (new phone)',
        'If you said “one-time code”',
        'If Contract ends were 1 Jun 2026 (is unknown)',
        'You could change this',
        'and the customer said “keep my phone” (new phone)',
        'As far as was looked: there may be more.',
        'The model’s estimates were left as they are.',
      ],
    ],
    ['Handset insurance', ['This decision is no longer kept on this device.']],
    ['Loyalty credit', ['It would not be shown, with any one of these:']],
  ])('what would change any action, from its row, and back: %s', async (name, says) => {
    await using desk = await suite.open({ view: SCENES.should });
    await press(desk, 'Alt+Digit4');
    await desk.page.getByRole('option', { name }).click();
    await desk.page.locator('.verdict').getByRole('button', { name: 'What would change it' }).click();
    const panel = desk.page.getByRole('dialog', { name: 'What would change it' });
    await panel.getByText(says.at(-1) ?? '').waitFor();
    const lines = (await panel.innerText())
      .replaceAll('\u00a0', ' ')
      .split('\n')
      .filter((line) => line !== '');
    expect(lines[2]?.startsWith(name)).toBe(true);
    expect(lines.slice(3, 3 + says.length)).toEqual(says);
    expect(await desk.axe()).toEqual([]);
    await panel.getByRole('button', { name: 'Back to why not' }).click();
    await desk.page.locator('.verdict-name').getByText(name).waitFor();
    expect(await desk.wrongs()).toEqual([]);
  });

  test('what would change it is reached from why, from the card’s menu, and for a small suggestion', async () => {
    const whatIfs = [...WHAT_IFS, { ...WHAT_IFS[0]!, actionId: 'autopay' }];
    await using desk = await suite.open({ view: SCENES['should-and-chips'], whatIfs });
    const panel = desk.page.getByRole('dialog', { name: 'What would change it' });
    await press(desk, 'Alt+Digit3');
    await desk.page.getByRole('dialog').getByRole('button', { name: 'What would change it' }).click();
    await panel.getByText('If Complaint open').waitFor();
    await press(desk, 'Escape');
    await desk.page.getByRole('button', { name: 'More answers' }).click();
    await desk.page.getByRole('menuitem', { name: 'What would change it' }).click();
    await panel.getByText('If Complaint open').waitFor();
    await press(desk, 'Escape');
    await desk.page.getByRole('button', { name: 'Mention the due date' }).click();
    const small = desk.page.getByRole('dialog', { name: 'Also possible' });
    await small.getByRole('button', { name: 'More answers' }).click();
    await desk.page.getByRole('menuitem', { name: 'What would change it' }).click();
    await panel.getByText('Mention the due date').waitFor();
    expect((await desk.calls('explain:what-if')).map((call) => call.request['actionId'])).toEqual([
      'loyalty-credit',
      'loyalty-credit',
      'autopay',
    ]);
  });

  test('what would change an action is one key away where nothing is suggested: Enter on the row that is chosen', async () => {
    await using desk = await suite.open({ view: SCENES.calm });
    await press(desk, 'Alt+Digit4');
    await desk.page.getByRole('option').first().waitFor();
    await desk.page.keyboard.type('renewal');
    await press(desk, 'Enter');
    await desk.page.locator('.verdict').getByText('Not eligible').waitFor();
    expect(await desk.page.getByRole('button', { name: 'What would change it' }).getAttribute('aria-keyshortcuts')).toBe('Enter');
    expect(await desk.axe()).toEqual([]);
    await press(desk, 'Enter');
    const panel = desk.page.getByRole('dialog', { name: 'What would change it' });
    await panel.getByText('If Months left on the contract were').waitFor();
    expect((await desk.calls('explain:what-if')).map((call) => call.request)).toEqual([{ callId: 'call-1', actionId: 'contract-renewal' }]);
    await panel.getByRole('button', { name: 'Back to why not' }).click();
    await desk.page.locator('.verdict-name').getByText('Contract renewal').waitFor();
    // And again: the row is still the one pointed at.
    await press(desk, 'Enter');
    await panel.getByText('If Months left on the contract were').waitFor();
    await press(desk, 'Escape');
    expect(await desk.page.getByRole('dialog').count()).toBe(0);
    expect(await desk.wrongs()).toEqual([]);
  });

  test('what would change it goes with a suggestion that is taken back', async () => {
    await using desk = await suite.open({ view: SCENES.should, replies: { 'explain:what-if': 'never' } });
    await press(desk, 'Alt+Digit5');
    await desk.page.getByText('Trying changes…').waitFor();
    await desk.push({ cards: [card({ state: 'withdrawn' })] });
    await desk.page.getByRole('dialog').getByText('This suggestion is no longer on offer.').waitFor();
    await press(desk, 'Escape');
    expect(await desk.page.getByRole('dialog').count()).toBe(0);
    await press(desk, 'Alt+Digit5');
    expect(await desk.page.getByRole('dialog').count()).toBe(0);
  });

  test('when the engine does not try changes out, the panel says so', async () => {
    await using desk = await suite.open({ view: SCENES.should, replies: { 'explain:what-if': 'reject' } });
    await press(desk, 'Alt+Digit5');
    await desk.page.getByText('The engine did not answer. Close and try again.').waitFor();
  });
});
