import { describe, expect, test } from 'vitest';
import type { ContestView } from '#contract/contest.ts';
import type { OverrideCase, OverrideItem, OverrideQueue, OverrideSample } from '#contract/override-review.ts';
import { bodyOf, DAY_MS, FIGURE, HOSTILE, reviewing, told } from './review-scenes.ts';
import { NOW_MS, SCENES } from './scenes.ts';
import { windowSuite } from './window-suite.ts';

const suite = windowSuite();

const one = {
  outcomeId: 'o-1',
  atMs: NOW_MS,
  actionId: 'explain-bill',
  actionName: 'Explain the higher bill',
  kind: 'overridden',
  reason: 'wrong-facts',
  mine: null,
} as const;
const queue: OverrideQueue = {
  nowMs: NOW_MS,
  sinceMs: NOW_MS - 30 * DAY_MS,
  groups: [
    { ...one, cases: 12, judged: 3, agentRight: 2, systemRight: 1, unclear: 0, itemId: 'item-1' },
    {
      ...one,
      actionId: 'offer',
      actionName: HOSTILE,
      kind: 'rejected',
      reason: null,
      cases: 1,
      judged: 0,
      agentRight: 0,
      systemRight: 0,
      unclear: 0,
      itemId: null,
    },
  ],
  agreement: { cases: 0, agreement: null, alpha: null },
};
const sample: OverrideSample = { nowMs: NOW_MS, seed: 1, of: 13, cases: [{ ...one, weight: 12, verdicts: 0 }] };
const seen: OverrideCase = {
  ...one,
  urgency: 'should',
  chosenActionId: 'change-plan',
  chosenActionName: 'Change the plan',
  note: `She had moved ${HOSTILE}`,
  seenAtMs: NOW_MS - 4_000,
  recordHash: 'f'.repeat(64),
  picture: {
    decidedAtMs: NOW_MS - 5_000,
    revision: 'Retention 14',
    reproduced: true,
    shown: [
      {
        actionId: 'explain-bill',
        name: 'Explain',
        do: 'Explain the higher bill',
        say: 'Your last bill has two parts.',
        because: ['Asked about the bill 0:42 ago'],
      },
    ],
    facts: [{ label: 'Plan', value: 'basic' }],
    chosenEnded: 'suitability: condition-false: profile.plan == "old"',
  },
  verdicts: [],
  itemId: 'item-1',
};
const itemOf = (more: Partial<OverrideItem> = {}): OverrideItem => ({
  itemId: 'item-1',
  actionId: 'explain-bill',
  actionName: 'Explain the higher bill',
  kind: 'overridden',
  reason: 'wrong-facts',
  fault: 'data',
  state: 'open',
  ownerId: 'sue',
  ownerName: 'Sue Berg',
  cases: 12,
  agents: 5,
  words: null,
  openedAtMs: NOW_MS,
  endedAtMs: null,
  ...more,
});
const overrides = {
  'overrides:queue': told(queue),
  'overrides:cases': told(sample),
  'overrides:items': told({ items: [itemOf()], owners: [{ personId: 'cora', name: HOSTILE }] }),
  'overrides:figures': told({ sinceMs: NOW_MS, by: 'action', rows: [FIGURE] }),
  'overrides:case': told(seen),
  'overrides:verdict': told({
    ...seen,
    mine: 'agent-right',
    verdicts: [{ verdict: 'agent-right', note: 'The address was old', atMs: NOW_MS, isMine: true }],
  }),
  'overrides:item': told(itemOf({ state: 'changed', words: 'Addresses are read anew', endedAtMs: NOW_MS })),
};

const contest: ContestView = {
  contestId: 'c-1',
  decisionId: 'd-1',
  state: 'assigned',
  level: 0,
  assigneeId: 'sue',
  assigneeName: 'Sue Berg',
  receivedAtMs: NOW_MS - 9 * DAY_MS,
  deadlineAtMs: NOW_MS + DAY_MS,
  expiresAtMs: NOW_MS + 19 * DAY_MS,
  endedAtMs: null,
  isMine: true,
  customerId: 'cust-1',
  words: `I was never asked ${HOSTILE}`,
  takenByName: 'Ann Doyle',
  recordHash: 'f'.repeat(64),
  heldUntilMs: NOW_MS + 200 * DAY_MS,
  decision: {
    atMs: NOW_MS - 10 * DAY_MS,
    revision: 'Retention 14',
    reproduced: true,
    shown: [{ name: 'Change the plan', do: 'Change to the small plan', because: ['Used less than half for three months'] }],
    facts: [{ label: 'Plan', value: 'basic' }],
    notShown: [{ name: 'Credit', ended: 'eligibility: condition-false' }],
  },
  requests: [{ actionId: 'change-plan', state: 'acted', amount: null }],
  tookPart: [{ name: 'Ann Doyle', how: 'agent' }],
  answer: null,
};
const answered: ContestView = {
  ...contest,
  state: 'answered',
  isMine: false,
  endedAtMs: NOW_MS,
  answer: {
    reviewerName: 'Sue Berg',
    finding: 'set-aside',
    reasons: 'The old address was read.',
    remedy: 'The plan is set back by billing.',
    atMs: NOW_MS,
  },
};
const DECISION = {
  decisionId: 'd-1',
  callId: 'call-9',
  atMs: NOW_MS - 10 * DAY_MS,
  shown: ['Change the plan'],
  contestId: null,
  state: null,
};
const about = told({
  decisions: [
    DECISION,
    { ...DECISION, decisionId: 'd-2', shown: [HOSTILE], contestId: 'c-1', state: 'assigned' },
    { ...DECISION, decisionId: 'd-3', shown: [] },
  ],
});
const RECEIPT = { contestId: 'c-9', state: 'assigned', deadlineAtMs: NOW_MS, expiresAtMs: NOW_MS, heldUntilMs: NOW_MS };
const contests = {
  'contests:about': about,
  'contests:withdraw': told({ ...contest, state: 'withdrawn', endedAtMs: NOW_MS }),
  'contests:queue': told({
    nowMs: NOW_MS,
    items: [contest, { ...contest, contestId: 'c-2', deadlineAtMs: NOW_MS - 3 * DAY_MS, isMine: false }],
  }),
  'contests:view': told(contest),
  'contests:answer': told(answered),
  'contests:letter': told({ contestId: 'c-1', text: `Dear Mina Park,\n\n${HOSTILE}` }),
};

describe.each(['compact', 'wide'] as const)('rooms of what is looked at afterwards, %s', (size) => {
  test('overrides: groups, a case with what the agent saw, and a verdict, with the keyboard alone, light and dark', async () => {
    await using desk = await suite.open({ view: SCENES.must, size, replies: { ...reviewing(['overrides']), ...overrides } });
    const { page } = desk;
    await page.getByRole('heading', { name: 'To judge' }).waitFor();
    expect(await page.locator('.queue').innerText()).toContain('12 cases');
    expect(await page.locator('.queue').innerText()).toContain('not enough data');
    expect(await desk.wrongsAsDrawn('overrides')).toEqual([]);
    await page.locator('[data-case="o-1"] button').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'On the agent’s screen' }).waitFor();
    // The reader is taken to what was opened.
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('case-title');
    expect(await page.locator('.queue-one').innerText()).toContain('answered 4 s after it was seen');
    expect(await desk.wrongsAsDrawn('overrides-case')).toEqual([]);
    await page.getByLabel('Why, in a sentence (optional)').focus();
    await page.keyboard.type('The address was old');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('You: The agent').waitFor();
    expect(await bodyOf(desk, 'overrides:verdict')).toEqual({ verdict: 'agent-right', note: 'The address was old' });
    expect(await desk.wrongsAsDrawn('overrides-judged')).toEqual([]);
  });

  test('overrides: an item is ended with words for whoever raised it, never without', async () => {
    await using desk = await suite.open({ view: SCENES.must, size, replies: { ...reviewing(['overrides']), ...overrides } });
    const { page } = desk;
    const end = page.getByRole('button', { name: 'It was changed' });
    await end.waitFor();
    // Whose it is, and where the fault lies: saved when both are chosen, and not in passing.
    await page.getByLabel('Whose it is').selectOption('cora');
    await page.getByLabel('Where the fault lies').selectOption('training');
    expect(await desk.calls('overrides:item')).toEqual([]);
    await page.getByRole('button', { name: 'Save', exact: true }).press('Enter');
    await expect.poll(() => bodyOf(desk, 'overrides:item')).toEqual({ ownerId: 'cora', fault: 'training' });
    // The figures, counted another way.
    const byIssue = told({ sinceMs: NOW_MS, by: 'issue', rows: [{ ...FIGURE, key: 'billing', name: 'billing' }] });
    await desk.reply('overrides:figures', byIssue);
    await page.getByLabel('Count by').selectOption('issue');
    await page.getByRole('columnheader', { name: 'Issue' }).waitFor();
    expect((await desk.calls('overrides:figures')).at(-1)?.request).toMatchObject({ by: 'issue' });
    expect(await page.getByRole('rowheader').allTextContents()).toContain('billing');
    expect(await desk.wrongsAsDrawn('overrides-items')).toEqual([]);
    await end.press('Enter');
    expect(await desk.calls('overrides:item')).toHaveLength(1);
    await page.getByLabel('What came of it: the agents who raised it read this').fill('Addresses are read anew');
    await end.press('Enter');
    await expect.poll(() => bodyOf(desk, 'overrides:item')).toEqual({ state: 'changed', words: 'Addresses are read anew' });
    expect(await desk.wrongs()).toEqual([]);
  });

  test('contests: the next deadline in words, the customer’s words first, an answer with reasons and a remedy, and the letter', async () => {
    await using desk = await suite.open({ view: SCENES.must, size, replies: { ...reviewing(['contests']), ...contests } });
    const { page } = desk;
    await page.locator('[data-contest="c-1"]').waitFor();
    const list = await page.locator('.queue-list').innerText();
    for (const said of ['1 day left', '3 days over', 'with Sue Berg']) expect(list).toContain(said);
    expect(await desk.wrongsAsDrawn('contests')).toEqual([]);
    await page.locator('[data-contest="c-1"] button').press('Enter');
    await page.getByRole('heading', { name: 'What the customer says' }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('contest-title');
    expect(await desk.wrongsAsDrawn('contests-one')).toEqual([]);
    const aside = page.getByRole('button', { name: 'Set it aside' });
    await page.getByLabel('Reasons').fill('The old address was read.');
    // What is set aside has a remedy.
    await aside.press('Enter');
    expect(await desk.calls('contests:answer')).toEqual([]);
    await page.getByLabel('What is done about it (where it is set aside)').fill('The plan is set back by billing.');
    await aside.press('Enter');
    await page.getByText('The decision is set aside').waitFor();
    expect(await bodyOf(desk, 'contests:answer')).toEqual({
      finding: 'set-aside',
      reasons: 'The old address was read.',
      remedy: 'The plan is set back by billing.',
    });
    await page.getByRole('button', { name: 'Letter to the customer' }).press('Enter');
    await page.getByText('Dear Mina Park').waitFor();
    expect(await desk.wrongsAsDrawn('contests-letter')).toEqual([]);
  });
});

test.each(['compact', 'wide'] as const)(
  'contests: taken down from a letter, of those a customer may contest, and taken back only when said twice, %s',
  async (size) => {
    await using desk = await suite.open({
      view: SCENES.must,
      size,
      replies: { ...reviewing(['contests']), ...contests, 'contests:open': told(RECEIPT) },
    });
    const { page } = desk;
    const find = page.getByRole('button', { name: 'Find their decisions' });
    await find.press('Enter');
    expect(await desk.calls('contests:about')).toEqual([]);
    await page.getByLabel('Customer number').fill('cust-1');
    await page.keyboard.press('Enter');
    const choices = page.getByRole('radio');
    await expect.poll(() => choices.count()).toBe(3);
    expect((await desk.calls('contests:about')).map(({ request }) => request)).toEqual([{ customerId: 'cust-1' }]);
    expect(await page.getByRole('radio', { disabled: true }).count()).toBe(1);
    await page.getByText('Nothing was suggested').waitFor();
    const take = page.getByRole('button', { name: 'Take it down' });
    await page.getByLabel('What the customer says').fill('I never agreed to it');
    // Words alone are not enough: which decision they are about is said, too.
    await take.press('Enter');
    expect(await desk.calls('contests:open')).toEqual([]);
    await choices.first().focus();
    await page.keyboard.press('Space');
    expect(await desk.wrongsAsDrawn('contests-new')).toEqual([]);
    await take.press('Enter');
    await page.getByText('Tell the customer').waitFor();
    expect(await bodyOf(desk, 'contests:open')).toEqual({ decisionId: 'd-1', words: 'I never agreed to it' });

    await page.locator('[data-contest="c-1"] button').press('Enter');
    await page.getByRole('button', { name: 'The customer takes it back' }).press('Enter');
    expect(await desk.calls('contests:withdraw')).toEqual([]);
    expect(await desk.wrongsAsDrawn('contests-withdraw')).toEqual([]);
    await page.getByRole('button', { name: 'They said so' }).press('Enter');
    await expect.poll(() => page.getByRole('button', { name: 'The customer takes it back' }).count()).toBe(0);
    expect(await desk.calls('contests:withdraw')).toHaveLength(1);
    expect(await desk.wrongs()).toEqual([]);
  },
);

test('what changes at review while one looks is there without being asked for, and what is being written stays', async () => {
  await using desk = await suite.open({
    view: SCENES.must,
    replies: { ...reviewing(['contests', 'overrides']), ...contests, ...overrides },
  });
  const { page } = desk;
  await page.locator('[data-contest="c-1"] button').press('Enter');
  await page.getByLabel('Reasons').fill('The old address');
  await desk.reply('contests:queue', told({ nowMs: NOW_MS, items: [answered] }));
  await desk.tell({ kind: 'reviews', body: { rooms: ['overrides'] } });
  await desk.tell({ kind: 'reviews', body: { rooms: ['contests'] } });
  await expect.poll(() => page.locator('[data-contest]').count()).toBe(1);
  expect(await page.getByLabel('Reasons').inputValue()).toBe('The old address');
  await desk.reply('contests:view', told(answered));
  await desk.tell({ kind: 'reviews', body: { rooms: ['contests'] } });
  await page.getByText('The decision is set aside').waitFor();
  await page.keyboard.press('Control+Digit4');
  await page.getByText('12 cases').first().waitFor();
  await desk.reply('overrides:queue', told({ ...queue, groups: queue.groups.map((group) => ({ ...group, cases: 77 })) }));
  await desk.tell({ kind: 'reviews', body: { rooms: ['overrides'] } });
  await page.getByText('77 cases').first().waitFor();
  expect(await desk.wrongs()).toEqual([]);
});

test.each(['compact', 'wide'] as const)(
  'the customer contests a decision: taken down at the desk in their words, and what to tell them, with the keyboard alone, %s',
  async (size) => {
    await using desk = await suite.open({
      view: SCENES['wrap-up'],
      size,
      replies: { 'overrides:notices': told({ notices: [] }), 'contests:about': about },
    });
    const { page } = desk;
    await page.getByRole('button', { name: 'The customer contests it' }).first().press('Enter');
    const panel = page.getByRole('dialog', { name: 'The customer contests it' });
    const take = panel.getByRole('button', { name: 'Take it down' });
    await take.press('Enter');
    expect(await desk.calls('contests:open')).toEqual([]);
    // Earlier decisions stand below those of this call; one that is looked at already is not taken down twice.
    await panel.getByText('Change the plan').waitFor();
    expect(await panel.getByRole('radio', { disabled: true }).count()).toBe(1);
    await panel.getByLabel('What the customer says').focus();
    await page.keyboard.type('I was never asked');
    expect(await desk.wrongsAsDrawn('contest')).toEqual([]);
    await desk.reply('contests:open', { told: false, reason: 'no-such-decision' });
    await take.press('Enter');
    await panel.getByRole('alert').getByText('Central does not have this decision yet').waitFor();
    await desk.reply('contests:open', told(RECEIPT));
    await take.press('Enter');
    await panel.getByText('Tell the customer').waitFor();
    expect(await bodyOf(desk, 'contests:open')).toMatchObject({ words: 'I was never asked', decisionId: expect.any(String) });
    expect(await desk.wrongsAsDrawn('contest-taken')).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await panel.count()).toBe(0);
    expect(await desk.wrongs()).toEqual([]);
  },
);

test('an agent sees who looked at their own figures in coaching, and why', async () => {
  const look = { by: 'Sue Berg', agentId: 'agent-7', reason: `Monthly talk ${HOSTILE}`, sinceMs: NOW_MS, atMs: NOW_MS };
  const looks = [{ ...look, by: 'Sam Else', agentId: 'another' }, look];
  await using desk = await suite.open({ view: SCENES['wrap-up'], replies: { 'oversight:looks': told({ looks, agents: [] }) } });
  await desk.page.getByText('Sue Berg looked at your figures').waitFor();
  await desk.page.getByText('Monthly talk').waitFor();
  expect(await desk.page.getByText('Sam Else').count()).toBe(0);
  expect(await desk.wrongsAsDrawn('looked-at')).toEqual([]);
});

test('after the call an agent is told what came of what they raised, until they have read it', async () => {
  const notice = {
    itemId: 'item-1',
    actionName: 'Explain the higher bill',
    reason: 'wrong-facts',
    state: 'changed',
    words: 'Addresses are read anew',
    raised: 3,
    atMs: NOW_MS,
    seenAtMs: null,
  };
  await using desk = await suite.open({
    view: SCENES['wrap-up'],
    replies: {
      'overrides:notices': told({ notices: [notice] }),
      'overrides:notice-seen': told({ notices: [{ ...notice, seenAtMs: NOW_MS }] }),
    },
  });
  await desk.page.getByText('Addresses are read anew').waitFor();
  expect(await desk.axe()).toEqual([]);
  await desk.page.getByRole('button', { name: 'Read' }).press('Enter');
  await expect.poll(() => desk.page.getByText('Addresses are read anew').count()).toBe(0);
  expect(await desk.wrongs()).toEqual([]);
});
