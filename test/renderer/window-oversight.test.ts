import { expect, test } from 'vitest';
import type { BrokenGlass } from '#contract/approval.ts';
import { approvalItem, approvalView, RECOMMENDED } from './approval-scenes.ts';
import { bodyOf, DAY_MS, estimate, FIGURE, HOSTILE, reviewing, told } from './review-scenes.ts';
import { NOW_MS, SCENES } from './scenes.ts';
import { windowSuite } from './window-suite.ts';

const suite = windowSuite();

const BROKEN: BrokenGlass = {
  approvalId: 'one',
  actionName: 'Credit the disputed amount',
  amount: 1_250.5,
  currency: 'EUR',
  agentName: 'Ann Doyle',
  byName: 'Gleb Orlov',
  reason: `No heating, and it is minus ten ${HOSTILE}`,
  atMs: NOW_MS - DAY_MS / 24,
  reviewDueMs: NOW_MS + DAY_MS - DAY_MS / 24,
  isMine: true,
  review: null,
};
const REVIEWED: BrokenGlass = {
  ...BROKEN,
  isMine: false,
  review: { byName: 'Sue Berg', verdict: 'right', reason: 'It was the only way', atMs: NOW_MS },
};
const oversight = {
  'oversight:breaks': told({
    nowMs: NOW_MS,
    items: [BROKEN, { ...BROKEN, approvalId: 'late', reviewDueMs: NOW_MS - DAY_MS, isMine: false }, { ...REVIEWED, approvalId: 'old' }],
  }),
  'oversight:meter': told({
    sinceMs: NOW_MS,
    readings: [
      {
        personId: 'april',
        name: HOSTILE,
        cases: 42,
        medianSeconds: estimate(61.2),
        evidenceOpened: estimate(0.8),
        agreement: estimate(0.7),
        firstAgreement: estimate(0.6),
        seededCaught: null,
        score: 0.214,
      },
      {
        personId: 'new',
        name: 'Nora New',
        cases: 2,
        medianSeconds: null,
        evidenceOpened: null,
        agreement: null,
        firstAgreement: null,
        seededCaught: null,
        score: null,
      },
    ],
  }),
  'oversight:looks': told({
    looks: [{ by: 'Sue Berg', agentId: 'ann', reason: `Monthly talk ${HOSTILE}`, sinceMs: NOW_MS, atMs: NOW_MS }],
    agents: [{ agentId: 'ann', name: 'Ann Doyle' }],
  }),
  'supervision:view': { told: false, reason: 'not-allowed' },
  'oversight:coach': told({ sinceMs: NOW_MS, by: 'agent', rows: [{ ...FIGURE, key: 'ann', name: 'Ann Doyle' }] }),
  'approvals:view': approvalView(approvalItem('one', 0, { state: 'executed', endedAtMs: NOW_MS }), {
    recommendation: RECOMMENDED,
    may: [],
  }),
};

test.each(['compact', 'wide'] as const)(
  'broken glass: whose review is due first, what was known, and whether it was right, with the keyboard alone, %s',
  async (size) => {
    await using desk = await suite.open({ view: SCENES.must, size, replies: { ...reviewing(['oversight']), ...oversight } });
    const { page } = desk;
    await page.locator('[data-break="one"]').waitFor();
    const list = await page.locator('.queue-list').first().innerText();
    for (const said of ['22 h left', '24 h over', 'Gleb Orlov broke the glass', 'Right']) expect(list).toContain(said);
    expect(await desk.wrongsAsDrawn('oversight')).toEqual([]);
    await page.locator('[data-break="one"] button').press('Enter');
    await page.getByText('minus ten').waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('break-title');
    await page.getByRole('button', { name: 'This call' }).press('Enter');
    await page.getByText('charged twice for the same month').waitFor();
    await page.getByText('It recommended this.').waitFor();
    expect(await desk.wrongsAsDrawn('oversight-break')).toEqual([]);
    const right = page.getByRole('button', { name: 'Right', exact: true });
    await right.press('Enter');
    // The reason comes first: the cursor is where it is written.
    expect(await desk.calls('approvals:break-review')).toEqual([]);
    await page.keyboard.type('It was the only way');
    await desk.reply('approvals:break-review', oversight['approvals:view']);
    await desk.reply('oversight:breaks', told({ nowMs: NOW_MS, items: [REVIEWED] }));
    await right.press('Enter');
    await page.getByText('Sue Berg: Right').waitFor();
    expect(await bodyOf(desk, 'approvals:break-review')).toEqual({ verdict: 'right', reason: 'It was the only way' });
    expect(await right.count()).toBe(0);
    expect(await desk.wrongs()).toEqual([]);
  },
);

test.each(['compact', 'wide'] as const)(
  'the rubber-stamp meter has intervals or says that there is too little; one agent’s figures are asked for with a reason, and never without, %s',
  async (size) => {
    await using desk = await suite.open({ view: SCENES.must, size, replies: { ...reviewing(['oversight']), ...oversight } });
    const { page } = desk;
    const meter = page.getByRole('table').first();
    await meter.waitFor();
    const words = await meter.innerText();
    for (const said of ['42', '61.2 s', '80% (70%–90%)', '0.21', 'not enough data']) expect(words).toContain(said);
    expect(await page.locator('[data-approver="new"]').innerText()).toMatch(/(not enough data\s*){6}/);
    await page.getByText('Sue Berg looked at Ann Doyle').waitFor();
    expect(await page.getByRole('heading', { name: 'New alert' }).count()).toBe(0);
    const look = page.getByRole('button', { name: 'Look at their figures' });
    await look.press('Enter');
    expect(await desk.calls('oversight:coach')).toEqual([]);
    await page.keyboard.type('Monthly talk');
    await page.keyboard.press('Enter');
    await page.getByRole('table').nth(1).waitFor();
    expect(await bodyOf(desk, 'oversight:coach')).toEqual({ agentId: 'ann', reason: 'Monthly talk', days: 30 });
    expect(await desk.wrongsAsDrawn('oversight-coaching')).toEqual([]);
  },
);

test('who defines alerts for everybody does it in oversight, with the keyboard alone; whoever may not is not offered it', async () => {
  const view = { nowMs: NOW_MS, teams: [], rules: [], actions: [], exclusions: [], mayDefineForAll: true };
  const replies = {
    ...reviewing(['oversight']),
    ...oversight,
    'supervision:view': told(view),
    'supervision:alert': told({ ruleId: 'r-1' }),
  };
  await using desk = await suite.open({ view: SCENES.must, replies });
  const { page } = desk;
  await page.getByRole('heading', { name: 'New alert' }).waitFor();
  await page.getByLabel('Name', { exact: true }).focus();
  await page.keyboard.type('A Must stands');
  await page.getByLabel('When').selectOption('must-unanswered');
  expect(await page.getByLabel('Team').innerText()).toBe('everybody');
  await page.getByRole('button', { name: 'Define' }).press('Enter');
  await expect.poll(() => bodyOf(desk, 'supervision:alert')).toMatchObject({ teamId: null, kind: 'must-unanswered', afterS: 600 });
  expect(await desk.wrongsAsDrawn('oversight-alerts')).toEqual([]);
});
