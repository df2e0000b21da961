import { expect, test } from 'vitest';
import type { ApprovalItem } from '#contract/approval.ts';
import type { RaisedAlert } from '#contract/supervision.ts';
import { Notices, type Notice } from '#main/shell/notices.ts';

const MINUTE_MS = 60_000;
const CENTRAL_AHEAD_MS = 5 * MINUTE_MS;
const START_MS = Date.UTC(2026, 2, 3);

const item = (approvalId: string, more: Partial<ApprovalItem> = {}): ApprovalItem => ({
  approvalId,
  state: 'assigned',
  actionId: 'big-credit',
  actionName: 'Big credit',
  kind: 'give-credit',
  amount: 500,
  currency: 'GBP',
  agentId: 'ann',
  agentName: 'Ann',
  assigneeId: null,
  assigneeName: null,
  level: 0,
  requestedAtMs: START_MS + CENTRAL_AHEAD_MS,
  goalAtMs: START_MS + CENTRAL_AHEAD_MS + 5 * MINUTE_MS,
  deadlineAtMs: START_MS + CENTRAL_AHEAD_MS + 10 * MINUTE_MS,
  expiresAtMs: START_MS + CENTRAL_AHEAD_MS + 60 * MINUTE_MS,
  endedAtMs: null,
  ...more,
});

function notices(roles: readonly string[] = ['approver'], agentId = 'april') {
  let nowMs = START_MS;
  const shown: Notice[] = [];
  const made = new Notices({ nowMs: () => nowMs, person: () => ({ agentId, roles }), show: (notice) => shown.push(notice) });
  const queue = (...items: ApprovalItem[]): void => made.take({ kind: 'queue', body: { nowMs: nowMs + CENTRAL_AHEAD_MS, items } });
  return { made, shown, queue, at: (minutes: number) => ((nowMs = START_MS + minutes * MINUTE_MS), made.pass()) };
}

test('told once when it comes, once when most of the time is gone, once when the deadline passed; by central’s clock, and by the action’s name alone', () => {
  const { made, shown, queue, at } = notices();
  queue();
  made.take({ kind: 'item', body: item('one') });
  made.take({ kind: 'item', body: item('one', { state: 'escalated' }) });
  expect(shown).toEqual([{ title: 'A request waits for you', body: 'Big credit, asked by Ann' }]);
  at(7.9);
  expect(shown).toHaveLength(1);
  at(8);
  at(9);
  expect(shown.slice(1)).toEqual([{ title: 'Little time is left', body: 'Big credit, asked by Ann' }]);
  at(10);
  at(30);
  expect(shown.slice(2)).toEqual([{ title: 'A deadline has passed', body: 'Big credit, asked by Ann' }]);
  made.take({ kind: 'item', body: item('one', { state: 'expired', endedAtMs: START_MS }) });
  at(40);
  expect(shown).toHaveLength(3);
});

test('never during a call: what fell due meanwhile is told afterwards, all in one', () => {
  const { made, shown, queue, at } = notices();
  made.call(true);
  queue(item('one'), item('two'));
  at(12);
  expect(shown).toEqual([]);
  made.call(false);
  expect(shown).toEqual([{ title: '2 requests wait for you', body: 'A deadline has passed.' }]);
  at(13);
  expect(shown).toHaveLength(1);
});

test('supervisors are told as well; nobody else is, nobody of what they asked themselves, and nothing of whoever sat here before', () => {
  for (const roles of [['agent'], ['council'], ['break-glass'], []]) {
    const { shown, queue, at } = notices(roles);
    queue(item('one'));
    at(20);
    expect(shown, roles.join()).toEqual([]);
  }
  const own = notices(['agent', 'approver'], 'ann');
  own.queue(item('one'));
  expect(own.shown).toEqual([]);
  const supervisor = notices(['supervisor']);
  supervisor.made.take({ kind: 'item', body: item('one') });
  expect(supervisor.shown).toHaveLength(1);
  supervisor.made.clear();
  supervisor.at(20);
  expect(supervisor.shown).toHaveLength(1);
});

const glass = (approvalId: string) => ({
  approvalId,
  actionName: 'Big credit',
  amount: 500,
  currency: 'GBP',
  agentName: 'Ann',
  byName: 'Bea',
  reason: 'nobody else was there',
  atMs: START_MS + CENTRAL_AHEAD_MS,
  reviewDueMs: START_MS + CENTRAL_AHEAD_MS + 1_440 * MINUTE_MS,
  isMine: true,
  review: null,
});

test('a broken glass is told of to whoever is to look at it, whatever their role, and falls due as a request does', () => {
  const { made, shown, at } = notices(['council']);
  const breaks = (...items: ReturnType<typeof glass>[]): void =>
    made.take({ kind: 'breaks', body: { nowMs: START_MS + CENTRAL_AHEAD_MS, items } });
  breaks(glass('one'));
  breaks(glass('one'));
  expect(shown).toEqual([{ title: 'A broken glass waits for review', body: 'Big credit, let through by Bea' }]);
  at(0.8 * 1_440);
  at(1_440);
  at(2_000);
  expect(shown.slice(1)).toEqual([
    { title: 'A review is due soon', body: 'Big credit, let through by Bea' },
    { title: 'A review is overdue', body: 'Big credit, let through by Bea' },
  ]);
  made.take({ kind: 'breaks', body: { nowMs: START_MS + CENTRAL_AHEAD_MS + 2_000 * MINUTE_MS, items: [] } });
  at(3_000);
  expect(shown).toHaveLength(3);
});

const alert = (raisedId: string, more: Partial<RaisedAlert> = {}): RaisedAlert => ({
  raisedId,
  ruleId: 'long',
  name: 'Long call',
  kind: 'call-longer',
  severity: 'urgent',
  callId: 'call-1',
  agentId: 'ann',
  agentName: 'Ann',
  sinceMs: START_MS,
  raisedAtMs: START_MS,
  endedAtMs: null,
  ...more,
});

test('urgent alerts are told of once; what is over before a call ends is not, nor what only asks for attention, nor one’s own', () => {
  const { made, shown, at } = notices(['supervisor'], 'sue');
  const raise = (one: RaisedAlert): void => made.take({ kind: 'alert', body: one });
  raise(alert('calm', { severity: 'attention' }));
  raise(alert('own', { agentId: 'sue' }));
  raise(alert('one'));
  at(30);
  expect(shown).toEqual([{ title: 'Urgent alert', body: 'Long call, on a call of Ann' }]);
  made.call(true);
  raise(alert('two'));
  raise(alert('three'));
  raise(alert('four'));
  raise(alert('two', { endedAtMs: START_MS }));
  expect(shown).toHaveLength(1);
  made.call(false);
  expect(shown.slice(1)).toEqual([{ title: '2 urgent alerts', body: 'Open the wall.' }]);
});
