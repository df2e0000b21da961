import { expect, test } from 'vitest';
import { THROTTLE_MS } from '../../renderer/commands/use-shortcuts.ts';
import { approvalItem, approvalQueue, approvalView, MINUTE_MS, RECOMMENDED, seated } from './approval-scenes.ts';
import { NOW_MS, SCENES } from './scenes.ts';
import { windowSuite } from './window-suite.ts';

const suite = windowSuite();

const HOSTILE = '<img src=x onerror="twin.ran=true">';
const ITEM = approvalItem('one', 4 * MINUTE_MS, { agentName: HOSTILE });
const asking = {
  ...seated(['approvals']),
  'approvals:opened': approvalView(ITEM),
  ...approvalQueue(ITEM, approvalItem('two', 20 * MINUTE_MS, { state: 'escalated' })),
};

test.each(['compact', 'wide'] as const)(
  'evidence first, then one’s own judgement, then what the engine thinks, then the verdict, %s, light and dark: no rule of axe broken, nothing cut',
  async (size) => {
    await using desk = await suite.open({ view: SCENES.must, size, replies: { ...asking, 'approvals:view': approvalView(ITEM) } });
    const { page } = desk;
    await page.locator('[data-approval="one"]').click();
    const one = page.getByRole('region', { name: 'Request', exact: true });
    await one.getByRole('heading', { name: 'Credit the disputed amount' }).waitFor();
    expect(await one.getByText('Sotto recommends').count()).toBe(1);
    expect(await one.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    for (const part of ['Facts of the customer', 'This call', 'History of the customer', 'Policy in force'])
      await one.getByRole('button', { name: part }).click();
    const words = await one.innerText();
    for (const said of ['41', 'charged twice', 'Call offered', 'Send the corrected bill', 'Decided by demo 12', '2 people have to agree'])
      expect(words).toContain(said);
    expect((await desk.calls('approvals:opened')).map(({ request }) => request)).toEqual(
      ['facts', 'call', 'history', 'policy'].map((evidence) => ({ approvalId: 'one', body: { evidence } })),
    );

    await desk.reply('approvals:judge', approvalView(ITEM, { judgement: 'for', recommendation: RECOMMENDED }));
    await one.getByRole('button', { name: 'For it' }).click();
    await one.getByText('It recommended this.').waitFor();
    await one.getByRole('button', { name: 'Why not something else' }).click();
    expect(await one.innerText()).toMatch(/Change to the larger plan\s+Not eligible · profile.tenureMonths >= 48/);
    expect(await desk.wrongsAsDrawn('approval-judged')).toEqual([]);

    await desk.reply(
      'approvals:verdict',
      approvalView(ITEM, {
        judgement: 'for',
        recommendation: RECOMMENDED,
        verdicts: [{ approver: 'april', name: 'April Novak', verdict: 'approved', reason: null, atMs: NOW_MS }],
      }),
    );
    await one.getByRole('button', { name: 'Approve' }).click();
    await one.getByText('April Novak approved').waitFor();
    expect((await desk.calls('approvals:verdict')).map(({ request }) => request)).toEqual([
      { approvalId: 'one', body: { verdict: 'approved', askedHash: 'a'.repeat(64) } },
    ]);
    expect(await one.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    expect(await desk.wrongs()).toEqual([]);
  },
);

test('whoever oversees puts a wrong case among the others, with an amount; whoever does not is not offered it', async () => {
  const asked = {
    outcomeId: 'o-1',
    decisionId: 'd-1',
    recordHash: null,
    callId: 'call-1',
    customerId: 'cust-1',
    actionId: 'big-credit',
    treatmentId: 'usual',
    kind: 'give-credit',
    amount: 1_250.5,
  };
  const replies = { ...asking, 'approvals:view': approvalView(ITEM, { asked }) };
  await using desk = await suite.open({
    view: SCENES.must,
    size: 'compact',
    replies: { ...replies, ...seated(['approvals', 'oversight']), 'oversight:seed': { told: true, answer: { approvalId: 'wrong' } } },
  });
  const { page } = desk;
  await page.locator('[data-approval="one"]').click();
  await page.getByText('Put a wrong case among the others').click();
  const put = page.getByRole('button', { name: 'Put it in' });
  await put.press('Enter');
  expect(await desk.calls('oversight:seed')).toEqual([]);
  await page.getByLabel('Wrong amount').fill('90000');
  expect(await desk.wrongsAsDrawn('approval-seed')).toEqual([]);
  await put.press('Enter');
  await page.getByText('It is among the others.').waitFor();
  expect((await desk.calls('oversight:seed')).map(({ request }) => request)).toEqual([{ body: { outcomeId: 'o-1', amount: 90_000 } }]);
  expect(await desk.wrongs()).toEqual([]);

  await using other = await suite.open({ view: SCENES.must, replies });
  await other.page.locator('[data-approval="one"]').click();
  await other.page.getByRole('heading', { name: 'Credit the disputed amount' }).waitFor();
  expect(await other.page.getByText('Put a wrong case among the others').count()).toBe(0);
});

test('with the keyboard alone: judged, the agent asked, declined with a reason; letters alone do nothing, and nothing is decided for all at once', async () => {
  const judged = { judgement: 'against' as const, recommendation: RECOMMENDED };
  await using desk = await suite.open({
    view: SCENES.must,
    replies: {
      ...asking,
      'approvals:view': approvalView(ITEM),
      'approvals:judge': approvalView(ITEM, judged),
      'approvals:message': approvalView(ITEM, {
        ...judged,
        messages: [{ author: 'april', name: 'April Novak', text: 'Which month was it?', atMs: NOW_MS }],
      }),
      'approvals:verdict': { told: false, reason: 'asked-changed' },
    },
  });
  const { page } = desk;
  const row = page.locator('[data-approval="one"]');
  await row.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'What do you think?' }).waitFor();
  // Before the judgement there is no verdict to give.
  for (const key of ['Alt+KeyA', 'Alt+KeyD']) await page.keyboard.press(key);
  await page.getByRole('button', { name: 'Against it' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('It recommended this.').waitFor();
  for (const key of ['KeyA', 'KeyD']) await page.keyboard.press(key);
  expect(await desk.calls('approvals:verdict')).toEqual([]);
  await page.keyboard.press('Alt+KeyQ');
  await page.keyboard.type('Which month was it?');
  await page.keyboard.press('Enter');
  await page.getByRole('region', { name: 'With the agent' }).getByRole('list').getByText('Which month was it?').waitFor();
  await page.locator('.queue-one').focus();
  await page.keyboard.press('Alt+KeyD');
  // A no needs its reason: the key went to where it is written.
  expect(await desk.calls('approvals:verdict')).toEqual([]);
  await page.keyboard.type('It was paid back in June');
  await page.keyboard.press('Tab');
  // Nobody presses a command twice as fast on purpose.
  await page.waitForTimeout(THROTTLE_MS);
  await page.keyboard.press('Alt+KeyD');
  await page.getByRole('alert').getByText('Something else is asked by now').waitFor();
  expect((await desk.calls('approvals:verdict')).map(({ request }) => request)).toEqual([
    { approvalId: 'one', body: { verdict: 'declined', askedHash: 'a'.repeat(64), reason: 'It was paid back in June' } },
  ]);
  expect(await page.locator('input[type="checkbox"]').count()).toBe(0);
  expect(await desk.axe()).toEqual([]);
  expect(await desk.wrongs()).toEqual([]);
});

test('what changes while it is looked at is asked for anew; what is over says how it ended; one’s own request is another’s to decide', async () => {
  await using desk = await suite.open({ view: SCENES.must, replies: { ...asking, 'approvals:view': approvalView(ITEM) } });
  const { page } = desk;
  await page.locator('[data-approval="one"]').click();
  await page.getByRole('heading', { name: 'What do you think?' }).waitFor();
  const ended = { state: 'withdrawn' as const, endedAtMs: NOW_MS, endReason: 'call-ended' as const };
  await desk.reply('approvals:view', approvalView(ITEM, ended));
  await desk.tell({ kind: 'item', body: { ...ITEM, state: 'withdrawn', endedAtMs: NOW_MS } });
  await page.getByText('Withdrawn').waitFor();
  expect(await page.getByRole('heading', { name: 'What do you think?' }).count()).toBe(0);
  await desk.reply('approvals:view', approvalView(approvalItem('two', MINUTE_MS, { agentId: 'april' })));
  await page.locator('[data-approval="two"]').click();
  await page.getByText('You asked for this yourself').waitFor();
  expect(await page.getByRole('button', { name: 'For it' }).count()).toBe(0);
  expect(await desk.wrongs()).toEqual([]);
});

test.each(['compact', 'wide'] as const)(
  'it is taken, or given to another, with the keyboard alone; the glass is broken with a reason alone, and never by one key, %s',
  async (size) => {
    const may = ['decide', 'take', 'assign', 'break-glass'] as const;
    const candidates = [
      { personId: 'bob', name: HOSTILE },
      { personId: 'one', name: 'Olga Nemec' },
    ];
    const whole = approvalView(ITEM, { may: [...may], candidates });
    await using desk = await suite.open({
      view: SCENES.must,
      size,
      replies: {
        ...asking,
        'approvals:view': whole,
        'approvals:assign': whole,
        'approvals:break-glass': { told: false, reason: 'asked-changed' },
      },
    });
    const { page } = desk;
    const bodies = async (channel: string) =>
      (await desk.calls(channel)).map(({ request }) => (request as { readonly body: unknown }).body);
    await page.locator('[data-approval="one"]').press('Enter');
    await page.getByRole('button', { name: 'Take it' }).press('Enter');
    await expect.poll(() => bodies('approvals:assign')).toEqual([{}]);
    await page.getByLabel('Give it to', { exact: true }).selectOption('one');
    await page.getByRole('button', { name: 'Give it to them' }).press('Enter');
    await expect.poll(() => bodies('approvals:assign')).toEqual([{}, { personId: 'one' }]);

    await page.getByRole('button', { name: 'Break the glass', exact: true }).press('Enter');
    const now = page.getByRole('button', { name: 'Break the glass now' });
    await now.press('Enter');
    // The reason comes first: the cursor is where it is written.
    expect(await desk.calls('approvals:break-glass')).toEqual([]);
    await page.keyboard.type('No heating, and it is minus ten');
    expect(await desk.wrongsAsDrawn('approvals-glass')).toEqual([]);
    await now.press('Enter');
    await page.getByRole('alert').getByText('Something else is asked by now').waitFor();
    expect(await bodies('approvals:break-glass')).toEqual([{ askedHash: 'a'.repeat(64), reason: 'No heating, and it is minus ten' }]);
    const broken = { by: 'april', reason: 'No heating', atMs: NOW_MS, reviewDueMs: NOW_MS + MINUTE_MS, reviewedBy: null, verdict: null };
    await desk.reply('approvals:break-glass', approvalView({ ...ITEM, state: 'approved' }, { breakGlass: broken, may: [] }));
    await now.press('Enter');
    await page.getByText('The glass was broken').waitFor();
    expect(await page.getByRole('button', { name: 'For it' }).count()).toBe(0);
    expect(await desk.wrongs()).toEqual([]);
  },
);

test('whoever may only break the glass is not asked what they think, and cannot ask the agent', async () => {
  await using desk = await suite.open({
    view: SCENES.must,
    replies: { ...asking, 'approvals:view': approvalView(ITEM, { may: ['break-glass'] }) },
  });
  await desk.page.locator('[data-approval="one"]').click();
  await desk.page.getByText('Others decide this one.').waitFor();
  for (const name of ['For it', 'Approve', 'Ask', 'Take it'])
    expect(await desk.page.getByRole('button', { name, exact: true }).count()).toBe(0);
  expect(await desk.wrongs()).toEqual([]);
});

test('the agent asks for less, or takes it back, from their own request, with the keyboard alone', async () => {
  const mine = approvalView(approvalItem('approval-1', 4 * MINUTE_MS, { agentId: 'agent-7' }), { may: [] });
  await using desk = await suite.open({ view: SCENES['awaits-approval'], replies: { 'approvals:view': mine } });
  const { page } = desk;
  await page.getByRole('button', { name: 'Change it' }).first().press('Enter');
  const panel = page.getByRole('dialog', { name: 'Your request' });
  const field = panel.getByLabel('Ask for another amount (EUR)');
  const change = panel.getByRole('button', { name: 'Change it' });
  // What is asked already is no change.
  await field.waitFor();
  expect(await change.isDisabled()).toBe(true);
  await field.fill('800');
  await desk.reply('approvals:change', { told: false, reason: 'above-the-offer' });
  await change.press('Enter');
  await panel.getByRole('alert').getByText('The policy offers no more').waitFor();
  const less = approvalView(approvalItem('approval-2', 4 * MINUTE_MS, { agentId: 'agent-7', amount: 800 }), {
    may: [],
    replaces: 'approval-1',
  });
  await desk.reply('approvals:change', less);
  await change.press('Enter');
  await expect.poll(() => change.isDisabled()).toBe(true);
  expect((await desk.calls('approvals:change')).map(({ request }) => request)).toEqual(
    [1, 2].map(() => ({ approvalId: 'approval-1', body: { amount: 800 } })),
  );
  expect(await desk.wrongsAsDrawn('request')).toEqual([]);
  await desk.reply('approvals:withdraw', approvalView({ ...less.answer, state: 'withdrawn', endedAtMs: NOW_MS }, { may: [] }));
  await panel.getByRole('button', { name: 'Take the request back' }).press('Enter');
  await panel.getByText('Withdrawn').waitFor();
  // It is the new request that is taken back.
  expect((await desk.calls('approvals:withdraw')).map(({ request }) => request)).toEqual([{ approvalId: 'approval-2', body: {} }]);
  expect(await desk.wrongs()).toEqual([]);
});
