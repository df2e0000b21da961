import { expect, test } from 'vitest';
import type { ApprovalItem } from '#contract/approval.ts';
import { ApprovalNotices, type Notice } from '#main/shell/approval-notices.ts';

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
  const made = new ApprovalNotices({ nowMs: () => nowMs, person: () => ({ agentId, roles }), show: (notice) => shown.push(notice) });
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
