/** What central says to whoever decides, for the window: parsed, so that what it may not say fails here. */
import { ApprovalItem, ApprovalView } from '#contract/approval.ts';
import type { Room } from '#contract/rooms.ts';
import { NOW_MS } from './scenes.ts';

export const MINUTE_MS = 60_000;

/** Replies of the twin: April Novak sits here. */
export const seated = (rooms: readonly Room[]) => ({
  'session:people': { here: { agentId: 'april', name: 'April Novak', language: 'en', rooms }, people: [] },
});

export const approvalItem = (approvalId: string, deadlineInMs: number, more: Partial<ApprovalItem> = {}): ApprovalItem =>
  ApprovalItem.parse({
    approvalId,
    state: 'assigned',
    actionId: 'big-credit',
    actionName: 'Credit the disputed amount',
    kind: 'give-credit',
    amount: 1_250.5,
    currency: 'EUR',
    agentId: 'ann',
    agentName: 'Ann Doyle',
    assigneeId: 'april',
    assigneeName: 'April Novak',
    level: 0,
    requestedAtMs: NOW_MS - MINUTE_MS,
    goalAtMs: NOW_MS,
    deadlineAtMs: NOW_MS + deadlineInMs,
    expiresAtMs: NOW_MS + 3_600_000,
    endedAtMs: null,
    ...more,
  });

export const approvalQueue = (...items: readonly ApprovalItem[]) => ({
  'approvals:queue': { told: true as const, answer: { nowMs: NOW_MS, items } },
});

/** As it is before the first judgement. */
export const approvalView = (
  item: ApprovalItem,
  more: Partial<ApprovalView> = {},
): { readonly told: true; readonly answer: ApprovalView } => ({
  told: true,
  answer: ApprovalView.parse({
    ...item,
    askedHash: 'a'.repeat(64),
    asked: null,
    needed: 2,
    evidence: {
      facts: [
        { label: 'Months as a customer', value: '41' },
        { label: 'Disputed amount', value: '1250.5' },
        { label: 'Vulnerability', value: 'unknown' },
      ],
      call: [
        {
          atMs: NOW_MS - 30_000,
          kind: 'sotto.utterance.final',
          words: 'customer: I was charged twice for the same month, and nobody called me back.',
        },
        { atMs: NOW_MS - 90_000, kind: 'sotto.call.offered', words: null },
      ],
      history: [{ atMs: NOW_MS - 86_400_000, kind: 'accepted', actionName: 'Send the corrected bill' }],
      policy: { revision: 'demo 12', action: 'Credit the disputed amount' },
    },
    messages: [],
    judgement: null,
    recommendation: null,
    verdicts: [],
    breakGlass: null,
    endReason: null,
    replaces: null,
    ...more,
  }),
});

export const RECOMMENDED: ApprovalView['recommendation'] = {
  recommends: true,
  reasons: ['The bill of May was charged twice', 'A customer for 41 months'],
  whyNot: [
    {
      actionId: 'change-plan',
      name: 'Change to the larger plan',
      stage: 'eligibility',
      code: 'condition',
      rule: 'profile.tenureMonths >= 48',
    },
    { actionId: 'loyalty', name: 'Offer the loyalty discount', stage: 'arbitrated', code: 'lower-priority', rule: null },
  ],
};
