import { describe, expect, test } from 'vitest';
import type { RaisedAlert, WallChange, WallRow } from '#contract/supervision.ts';
import { SUPERVISOR, wallOf, wallRow } from '../bench/wall/scrolled-wall.ts';
import { NOW_MS, SCENES } from './scenes.ts';
import type { DeskPage } from './window-driver.ts';
import { windowSuite } from './window-suite.ts';

const suite = windowSuite();

const change = (more: Partial<WallChange>): WallChange => ({ isWhole: false, nowMs: NOW_MS, rows: [], gone: [], left: 0, ...more });
const calm = (i: number, more: Partial<WallRow> = {}): WallRow => ({
  ...wallRow(i, 0),
  alerts: [],
  approvals: null,
  prompt: null,
  awaySinceMs: null,
  offeredAtMs: NOW_MS - 60_000,
  ...more,
});
const URGENT = { ruleId: 'r', name: 'A Must stands', kind: 'must-unanswered', severity: 'urgent', sinceMs: NOW_MS - 30_000 } as const;
const VIEW = {
  nowMs: NOW_MS,
  teams: [{ teamId: 'north', name: 'North' }],
  rules: [
    {
      ruleId: 'r',
      name: 'A Must stands',
      teamId: 'north',
      severity: 'urgent',
      kind: 'must-unanswered',
      afterS: 30,
      topic: null,
      madeBy: 'Sue',
      madeAtMs: NOW_MS,
    },
    {
      ruleId: 'o',
      name: 'Moving',
      teamId: null,
      severity: 'attention',
      kind: 'topic',
      afterS: null,
      topic: 'moving',
      madeBy: 'Council',
      madeAtMs: NOW_MS,
    },
  ],
  actions: [{ actionId: 'credit', name: 'Credit the disputed amount' }],
  exclusions: [],
};
/** One that is so still, of somebody who writes from right to left, and one that is over. */
const RAISED: readonly RaisedAlert[] = [
  { ...URGENT, raisedId: 'r-1', callId: 'call-1', agentId: 'a', agentName: 'ليلى', raisedAtMs: NOW_MS, endedAtMs: null },
  { ...URGENT, raisedId: 'r-2', callId: 'call-2', agentId: 'b', agentName: 'Bo', raisedAtMs: NOW_MS, endedAtMs: NOW_MS + 60_000 },
];
const replies = {
  ...SUPERVISOR,
  'supervision:raised': { told: true, answer: { nowMs: NOW_MS, items: RAISED } },
  'wall:watch': {},
  'supervision:view': { told: true, answer: VIEW },
  'supervision:call': { told: true, answer: { callId: 'call-1', notes: [], readings: [] } },
};

const rows = (desk: DeskPage): Promise<readonly (string | null)[]> =>
  desk.page.locator('.wall-item').evaluateAll((all) => all.map((one) => one.getAttribute('data-call')));

/** Every kind of row, twice and more; axe looks at each for itself. */
const AXE_CALLS = 30;

describe('the wall of running calls', () => {
  test.each(['compact', 'wide'] as const)('five hundred calls, %s: all are there and nothing is cut off', async (size) => {
    await using desk = await suite.open({ view: SCENES.must, size, replies });
    for (const body of wallOf(500)) await desk.tell({ kind: 'wall', body });
    await expect.poll(async () => (await rows(desk)).length, { timeout: 15_000 }).toBe(500);
    expect(await desk.page.locator('.wall-counts').innerText()).toContain('500 calls');
    expect((await desk.overflow()).elements).toEqual([]);
  });

  test.each(['compact', 'wide'] as const)('calls, %s, light and dark: nothing is cut off and axe finds nothing', async (size) => {
    await using desk = await suite.open({ view: SCENES.must, size, replies });
    const { page } = desk;
    for (const body of wallOf(AXE_CALLS)) await desk.tell({ kind: 'wall', body });
    await expect.poll(async () => (await rows(desk)).length).toBe(AXE_CALLS);
    const wrong = [...(await desk.wrongsAsDrawn('wall'))];
    await page.locator('.wall-row').nth(1).click();
    await page.getByRole('dialog').waitFor();
    wrong.push(...(await desk.axe()));
    await desk.picture(`wall-${size}-call`);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Alerts' }).click();
    await page.getByText('A Must stands unanswered after 0.5 min').waitFor();
    expect(await page.locator('[data-raised]').evaluateAll((all) => all.map((one) => one.getAttribute('data-over')))).toEqual([
      'false',
      'true',
    ]);
    wrong.push(...(await desk.axe()));
    await desk.picture(`wall-${size}-alerts`);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Take an action out' }).click();
    await page.getByRole('button', { name: 'Take it out for everybody' }).waitFor();
    wrong.push(...(await desk.axe()));
    await desk.picture(`wall-${size}-exclude`);
    const { px, elements } = await desk.overflow();
    expect([...wrong, ...elements, ...(await desk.wrongs())]).toEqual([]);
    expect(px).toBe(0);
  });

  test('rows come by need, stay where they are while somebody is at the list, and go when the call ends', async () => {
    await using desk = await suite.open({ view: SCENES.must, replies });
    await desk.tell({ kind: 'wall', body: change({ isWhole: true, rows: [calm(1), calm(2), calm(3, { alerts: [URGENT] })] }) });
    await expect.poll(() => rows(desk)).toEqual(['call-3', 'call-1', 'call-2']);
    await desk.page.locator('.wall-row').first().hover();
    await desk.page.mouse.move(300, 300);
    await desk.tell({ kind: 'wall', body: change({ rows: [calm(2, { alerts: [URGENT, { ...URGENT, ruleId: 's' }] })] }) });
    await desk.page.getByRole('button', { name: 'Sort by need now' }).waitFor();
    expect(await rows(desk)).toEqual(['call-3', 'call-1', 'call-2']);
    // And by itself, once nobody is there.
    await expect.poll(() => rows(desk), { timeout: 15_000 }).toEqual(['call-2', 'call-3', 'call-1']);
    await desk.tell({ kind: 'wall', body: change({ gone: ['call-3'] }) });
    await expect.poll(() => rows(desk)).toEqual(['call-2', 'call-1']);
    expect(await desk.wrongs()).toEqual([]);
  });

  test('with the keyboard alone: through the list, to a call, words to its agent, reading along, and back', async () => {
    await using desk = await suite.open({
      view: SCENES.must,
      replies: {
        ...replies,
        'supervision:coach': { told: false, reason: 'desk-away' },
        'supervision:read': { told: true, answer: { callId: 'call-2', state: 'telling-the-agent', lines: [] } },
      },
    });
    const { page } = desk;
    await desk.tell({ kind: 'wall', body: change({ isWhole: true, rows: [calm(1), calm(2), calm(3)] }) });
    await expect.poll(async () => (await rows(desk)).length).toBe(3);
    await page.locator('.wall-row').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: calm(2).agentName }).waitFor();
    await page.getByLabel('Write to the agent').focus();
    await page.keyboard.type('Offer to call back');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('desk is not connected').waitFor();
    expect((await desk.calls('supervision:coach')).map(({ request }) => request)).toEqual([
      { callId: 'call-2', body: { text: 'Offer to call back' } },
    ]);
    await page.getByRole('button', { name: 'Read along' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Telling the agent that you read').waitFor();
    await desk.reply('supervision:read', {
      told: true,
      answer: {
        callId: 'call-2',
        state: 'reading',
        lines: [{ seq: 4, speaker: 'customer', text: 'I am moving <b>house</b>', atMs: NOW_MS }],
      },
    });
    await page.getByText('I am moving <b>house</b>').first().waitFor();
    await page.getByRole('button', { name: 'Stop reading' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.wall-lines').count()).toBe(0);
    await page.keyboard.press('Escape');
    expect(await page.evaluate(() => document.activeElement?.closest('[data-call]')?.getAttribute('data-call'))).toBe('call-2');
    expect(await desk.wrongs()).toEqual([]);
  });

  test('the agent sees a quiet note and who reads along, and no dialog', async () => {
    const { call } = SCENES.must;
    if (call === null) throw new Error('the scene has a call');
    const supervision = {
      notes: [{ noteId: 'n', by: 'Sue Pervisor', text: 'Offer to call back', atMs: NOW_MS }],
      readers: [{ readId: 'r', by: 'Sue Pervisor', sinceMs: NOW_MS }],
    };
    await using desk = await suite.open({ view: { ...SCENES.must, call: { ...call, supervision } }, size: 'compact' });
    await desk.page.getByText('Sue Pervisor is reading along').waitFor();
    await desk.page.getByText('Offer to call back').waitFor();
    expect(await desk.page.getByRole('dialog').count()).toBe(0);
    await desk.picture('agent-note');
    expect([...(await desk.axe()), ...(await desk.wrongs())]).toEqual([]);
  });
});
