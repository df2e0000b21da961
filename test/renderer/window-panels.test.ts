import { describe, expect, test } from 'vitest';
import { ActionView } from '#contract/desk.ts';
import { card, desk as view, NOW_MS, SCENES, VERDICTS } from './scenes.ts';
import type { Twin } from './bridge-twin.ts';
import type { DeskPage } from './window-driver.ts';
import { windowSuite } from './window-suite.ts';

const suite = windowSuite();
const press = (desk: DeskPage, ...keys: string[]): Promise<void> =>
  keys.reduce((before, key) => before.then(() => desk.page.keyboard.press(key)), Promise.resolve());
const answers = async (desk: DeskPage): Promise<readonly unknown[]> =>
  (await desk.calls('card:answer')).map((call) => call.request['answer']);
const place = (desk: DeskPage) => desk.page.locator('#place');
const focused = (desk: DeskPage): Promise<string> =>
  desk.page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '');

describe('why, why not, and the rest of the keys', () => {
  test('why: three reasons in words, the policy, the sentence for the customer; Escape gives the focus back', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    const why = desk.page.getByRole('button', { name: 'Why', exact: true });
    await why.focus();
    await press(desk, 'Alt+Digit3');
    const panel = desk.page.getByRole('dialog', { name: 'Why this' });
    await panel.getByText('Strong match for this call').waitFor();
    expect(await panel.locator('.why-reasons').getByRole('listitem').allInnerTexts()).toEqual([
      'Said "bill is far too high" 5 minutes ago',
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

  test('why: what the model made of it, the three weightiest first, for or against, never a number of its own', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await press(desk, 'Alt+Digit3');
    const parts = desk.page.locator('.parts > div');
    await parts.first().waitFor();
    expect((await parts.allInnerTexts()).map((part) => part.replaceAll(/\s+/g, ' '))).toEqual([
      'Bill rise: €23.40 speaks for it',
      'Credits this year: 1 speaks against it',
      'Contract ends: 1 Jun 2026 speaks for it',
    ]);
    expect(await desk.page.getByRole('dialog').innerText()).not.toMatch(/1\.31|0\.42|odds|probab/i);
    expect(await desk.wrongs()).toEqual([]);
  });

  test.each([
    ['cannot be told exactly', { exact: false, reason: 'opaque', why: 'The model is a black box.' } as const],
    ['is not asked', null],
    ['made nothing of anything', { exact: true, parts: [{ label: 'Bill rise', type: 'number', value: 1, logOdds: 0 }] } as const],
  ])('why: nothing is said of a model that %s', async (_, contributions) => {
    const verdicts = VERDICTS.map((verdict) =>
      contributions?.exact === true
        ? { ...verdict, contributions: { exact: true as const, parts: [...contributions.parts] } }
        : { ...verdict, contributions },
    );
    await using desk = await suite.open({ view: SCENES.should, verdicts });
    await press(desk, 'Alt+Digit3');
    const panel = desk.page.getByRole('dialog', { name: 'Why this' });
    await panel.getByText('Strong match for this call').waitFor();
    expect(await panel.innerText()).not.toMatch(/model made|Bill rise:|speaks|black box/);
  });

  test('what comes later in why pushes nothing that can be pressed', async () => {
    await using desk = await suite.open({ view: SCENES.should, size: 'compact', replies: { 'explain:verdict': 'never' } });
    const places = async (): Promise<readonly unknown[]> =>
      Promise.all((await desk.page.getByRole('dialog').getByRole('button').all()).map((button) => button.boundingBox()));
    await press(desk, 'Alt+Digit3');
    const before = await places();
    expect(before).toHaveLength(4);
    await press(desk, 'Escape');
    await desk.reply('explain:verdict', { verdict: VERDICTS[0] });
    await desk.page.waitForTimeout(320);
    await press(desk, 'Alt+Digit3');
    await desk.page.getByText('Strong match for this call').waitFor();
    expect(await places()).toEqual(before);
  });

  test('the sentence for the customer is one key away, alone; Escape gives the focus back', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    const more = desk.page.getByRole('button', { name: 'More answers' });
    await more.focus();
    await press(desk, 'Alt+Digit6');
    const panel = desk.page.getByRole('dialog', { name: 'If the customer asks' });
    expect(await panel.innerText()).toContain('Because your bill rose by €23.40');
    expect(await desk.axe()).toEqual([]);
    await desk.push({ cards: [card({ speakable: null })] });
    await panel.getByText('There is no sentence for the customer.').waitFor();
    await press(desk, 'Escape');
    expect(await panel.count()).toBe(0);
    expect(await focused(desk)).toBe('More answers');
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
    await panel.getByRole('option').first().waitFor();
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
    expect((await desk.calls('explain:actions')).map((call) => call.request)).toEqual([{ callId: 'call-1' }]);
    // The rows are of one decision, and so is what is told of each.
    expect((await desk.calls('explain:verdict')).map((call) => call.request)).toEqual([
      { callId: 'call-1', decisionId: 'decision-1', actionId: 'contract-renewal' },
      { callId: 'call-1', decisionId: 'decision-1', actionId: 'payment-plan' },
    ]);
  });

  test('typing points at the first row, arrows move without leaving the list or the field, Enter takes what is pointed at', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await press(desk, 'Alt+Digit4');
    const field = desk.page.getByRole('searchbox');
    const pointed = (): Promise<string | null | undefined> =>
      field.evaluate(
        (input) => document.getElementById(input.getAttribute('aria-activedescendant') ?? '')?.querySelector('.row-name')?.textContent,
      );
    await desk.page.getByRole('option').first().waitFor();
    expect(await pointed()).toBeUndefined();
    await press(desk, 'ArrowUp');
    expect(await pointed()).toBe('Handset insurance');
    await press(desk, 'ArrowDown');
    expect(await pointed()).toBe('Handset insurance');
    await desk.page.keyboard.type('in');
    expect(await pointed()).toBe('Explain the bill');
    await press(desk, 'ArrowDown', 'ArrowUp', 'ArrowUp', 'ArrowDown');
    expect(await desk.axe()).toEqual([]);
    await press(desk, 'Enter');
    await desk.page.locator('.verdict-name').getByText('Payment plan').waitFor();
    expect(await field.evaluate((input) => input === document.activeElement)).toBe(true);
    await desk.page.keyboard.type('xyz');
    await desk.page.getByText('No action has this name.').waitFor();
    expect(await desk.axe()).toEqual([]);
    expect(await desk.wrongs()).toEqual([]);
  });

  test('what is typed before the actions are there counts', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await desk.page.evaluate(() => {
      const late = Promise.withResolvers();
      Object.assign(globalThis, { late });
      (globalThis as unknown as { twin: Twin }).twin.replies['explain:actions'] = late.promise;
    });
    await press(desk, 'Alt+Digit4');
    await desk.page.keyboard.type('fibre');
    await desk.page.getByText('Reading the last decision…').waitFor();
    await press(desk, 'Enter');
    expect(await desk.axe()).toEqual([]);
    await desk.page.evaluate(
      (actions) => (globalThis as unknown as { late: PromiseWithResolvers<unknown> }).late.resolve({ decisionId: null, actions }),
      VERDICTS.map((verdict) =>
        ActionView.parse(Object.fromEntries(Object.keys(ActionView.shape).map((key) => [key, verdict[key as keyof ActionView]]))),
      ),
    );
    await desk.page.getByRole('option', { name: 'Upgrade to fibre' }).waitFor();
    await press(desk, 'Enter');
    await desk.page.locator('.verdict').getByText('Care before sale').waitFor();
    expect(await desk.page.getByRole('searchbox').inputValue()).toBe('fibre');
  });

  test('what was looked into can be used instead', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await press(desk, 'Alt+Digit4');
    await desk.page.getByRole('option', { name: 'Move to a SIM-only plan' }).click();
    await desk.page.getByRole('button', { name: 'Use this instead' }).click();
    await desk.page.getByText('Chosen: Move to a SIM-only plan').waitFor();
  });

  test('what must not be done for this customer cannot be chosen instead, stands below the rest and still says why', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await press(desk, 'Control+KeyK');
    await desk.page.keyboard.type('do something else');
    await press(desk, 'ArrowDown', 'Enter');
    const panel = desk.page.getByRole('dialog', { name: 'Something else' });
    await panel.getByRole('searchbox').waitFor();
    const rows = await panel.getByRole('option').evaluateAll((options) =>
      options.map((option) => ({
        name: option.querySelector('.row-name')?.textContent,
        gate: option.querySelector('.row-gate')?.textContent,
        disabled: option.getAttribute('aria-disabled') === 'true',
      })),
    );
    expect(rows.filter(({ disabled }) => disabled).map(({ name, gate }) => [name, gate])).toEqual([
      ['Contract renewal with new handset', 'Not eligible'],
      ['Upgrade to fibre', 'Care before sale'],
      ['Invite to the newsletter', 'No consent'],
    ]);
    expect(rows.map(({ disabled }) => disabled)).toEqual([false, false, false, false, false, true, true, true]);
    const save = panel.getByRole('button', { name: 'Save' });
    await panel.getByRole('option', { name: 'Upgrade to fibre' }).click({ force: true });
    await desk.page.keyboard.type('fibre');
    await press(desk, 'ArrowDown', 'Enter');
    expect(await save.isDisabled()).toBe(true);
    await desk.page.keyboard.press('Control+KeyA');
    await desk.page.keyboard.type('sim-only');
    await press(desk, 'ArrowDown', 'Enter');
    await panel.getByText('Chosen: Move to a SIM-only plan').waitFor();
    expect(await desk.axe()).toEqual([]);
    await save.click();
    await expect.poll(() => answers(desk)).toEqual([{ kind: 'overridden', chosenActionId: 'sim-only' }]);
  });

  test('what must not be done is explained without the way to do it', async () => {
    await using desk = await suite.open({ view: SCENES.should });
    await press(desk, 'Alt+Digit4');
    await desk.page.getByRole('option', { name: 'Upgrade to fibre' }).click();
    await desk.page.locator('.verdict').getByText('Care before sale').waitFor();
    expect(await desk.page.getByRole('button', { name: 'Use this instead' }).count()).toBe(0);
  });

  test('when the engine does not explain, the panel says so', async () => {
    await using desk = await suite.open({ view: SCENES.should, replies: { 'explain:actions': 'reject' } });
    await press(desk, 'Alt+Digit4');
    await desk.page.getByText('The engine did not answer. Close and try again.').waitFor();
    await press(desk, 'Escape');
    await desk.page.evaluate(() => {
      const { replies } = (globalThis as unknown as { twin: Twin }).twin;
      delete replies['explain:actions'];
      replies['explain:verdict'] = 'reject';
    });
    await desk.page.waitForTimeout(320);
    await press(desk, 'Alt+Digit4');
    await desk.page.getByRole('option', { name: 'Upgrade to fibre' }).click();
    await desk.page.locator('.verdict').getByText('The engine did not answer. Close and try again.').waitFor();
  });

  test('the details say how long the steps of a decision took, the last time and as a rule, and what was decided with', async () => {
    await using desk = await suite.open({ view: SCENES.calm });
    await desk.page.locator('.link').click();
    const table = desk.page.locator('.times table');
    await table.waitFor();
    expect((await table.getByRole('row').allInnerTexts()).map((row) => row.replaceAll('\u00a0', ' '))).toEqual([
      'Step\tLast\tHalf within\t99 % within',
      'Rules\t0.18 ms\t0.21 ms\t0.64 ms',
      'Model\t1.42 ms\t1.3 ms\t4.9 ms',
      'Choice and record\t0.1 ms\t0.1 ms\t0.31 ms',
      'Saved\t0.92 ms\t0.88 ms\t6.4 ms',
      'On the screen\t–\t17 ms\t33 ms',
    ]);
    const decided = await desk.page.locator('.times dl > div').allInnerTexts();
    expect(decided.map((line) => line.split('\n'))).toEqual([
      ['The last one', 'Model and rules'],
      ['Model and rules', '209 of 212'],
      ['Starting estimates', '3 of 212'],
    ]);
    expect(await desk.axe()).toEqual([]);
    // It follows what is decided while somebody looks.
    await expect.poll(async () => (await desk.calls('desk:timing')).length).toBeGreaterThan(1);
    await press(desk, 'Escape');
    expect(await desk.wrongs()).toEqual([]);
  });

  test('before the first decision the details say that there is none', async () => {
    const timing = { decisions: 0, rungs: {}, last: null, steps: [] };
    await using desk = await suite.open({ view: SCENES.calm, timing });
    await desk.page.locator('.link').click();
    await desk.page.getByText('Nothing has been decided yet.').waitFor();
  });

  test('five thousand actions are searched without drawing them all', async () => {
    const verdicts = Array.from({ length: 5_000 }, (_, index) => ({
      actionId: `action-${index}`,
      name: `Action ${index}`,
      issue: 'issue',
      group: 'group',
      stage: 'eligibility' as const,
      code: 'condition-false',
      by: null,
      condition: null,
      strength: null,
      contributions: null,
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
    await desk.page.waitForTimeout(320);
    await press(desk, 'Control+KeyK');
    await desk.page.getByRole('option', { name: 'Upgrade to fibre' }).waitFor();
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
    for (const key of ['Alt 1', 'Alt 2', 'Alt 3', 'Alt 4', 'Alt 5', 'Alt 6', 'Alt 0', 'Alt J', 'Alt K', 'Ctrl K', 'Ctrl /', 'Esc'])
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
