/** One view of the desk per state a person can meet. Everything in them is invented. */
import type {
  CallView,
  CardView,
  DeskView,
  SentenceView,
  TimelineEntry,
  TimingView,
  TranscriptLine,
  VerdictView,
  WhatIfView,
} from '#contract/desk.ts';

export const NOW_MS = Date.UTC(2026, 2, 3, 10, 15, 0);
const CONNECTED_MS = NOW_MS - 187_000;

export const sentence = (template: string, args: SentenceView['args'] = {}, formats: SentenceView['formats'] = {}): SentenceView => ({
  template,
  args,
  formats,
});

const because = sentence(
  'Said "{said}" {ago} ago',
  { said: 'bill is far too high', ago: NOW_MS - 300_000 },
  { said: { as: 'text' }, ago: { as: 'ago' } },
);

export const card = (over: Partial<CardView> = {}): CardView => ({
  decisionId: 'decision-1',
  actionId: 'loyalty-credit',
  treatmentId: 'loyalty-credit-voice',
  role: 'primary',
  urgency: 'should',
  name: 'Loyalty credit',
  do: 'Offer a loyalty credit on this bill',
  say: sentence(
    'I can take {amount} off this bill today, as a thank-you for being with us for {years} years.',
    { amount: 15, years: 6 },
    {
      amount: { as: 'money', unit: 'EUR' },
      years: { as: 'number' },
    },
  ),
  reasons: [
    because,
    sentence('Bill rose by {rise} since last month', { rise: 23.4 }, { rise: { as: 'money', unit: 'EUR' } }),
    sentence('Customer for {years} years', { years: 6 }, { years: { as: 'number' } }),
  ],
  speakable: sentence(
    'Because your bill rose by {rise} and you have been with us for years, I can offer you a credit.',
    { rise: 23.4 },
    {
      rise: { as: 'money', unit: 'EUR' },
    },
  ),
  shownAtMs: NOW_MS - 8_000,
  callTimeS: 179,
  expiresAtMs: NOW_MS + 52_000,
  policy: 'Retention v12',
  rung: 'model',
  significant: false,
  rejectReasons: ['already-done', 'not-relevant', 'customer-said-no', 'wrong-facts', 'know-better'],
  state: 'open',
  outcomeId: null,
  undoUntilMs: null,
  request: null,
  requestDetail: null,
  ...over,
});

export const must = card({
  decisionId: 'decision-2',
  actionId: 'recording-notice',
  treatmentId: 'recording-notice-voice',
  urgency: 'must',
  name: 'Recording notice',
  do: 'Say that the call is recorded',
  say: sentence('Before we go on: this call is recorded, and you can ask us to stop at any time.'),
  reasons: [sentence('Required within the first minute')],
  speakable: null,
  policy: 'Compliance v4',
});

export const could = card({
  decisionId: 'decision-3',
  actionId: 'usage-alert',
  treatmentId: 'usage-alert-voice',
  urgency: 'could',
  name: 'Usage alert',
  do: 'Set up a usage alert',
  say: null,
  reasons: [sentence('Went over the allowance {times} times this year', { times: 3 }, { times: { as: 'number' } })],
});

const chip = (actionId: string, text: string, urgency: CardView['urgency'] = 'could'): CardView =>
  card({ actionId, name: text, do: text, role: 'chip', urgency, say: null, decisionId: 'decision-1' });
export const chips = [chip('paper-bill', 'Explain the bill line by line', 'should'), chip('autopay', 'Mention the due date')];

const line = (index: number, speaker: TranscriptLine['speaker'], text: string, final = true): TranscriptLine => ({
  utteranceId: `utterance-${index}`,
  speaker,
  text,
  startMs: index * 14_000,
  final,
});
export const transcript: readonly TranscriptLine[] = [
  line(0, 'agent', 'Good morning, you are speaking with Sam. How can I help?'),
  line(1, 'customer', 'Hello. I have just opened this month’s bill and it is nearly twice what I usually pay.'),
  line(2, 'agent', 'I am sorry about that. Let me have a look at it with you.'),
  line(3, 'customer', 'I did not change anything. I work from home, I only use it for video meetings.'),
  line(4, 'agent', 'I can see two charges for data outside your allowance, on the ninth and on the sixteenth.'),
  line(5, 'customer', 'Nobody told me about that. Honestly the bill is far too high, I am thinking about leaving.'),
  line(6, 'agent', 'I understand. Let me see what I can'),
  line(7, 'customer', 'Six years I have been with you', false),
];

const entry = (index: number, callTimeS: number, kind: string, detail: string | null = null): TimelineEntry => ({
  id: `entry-${index}`,
  atMs: CONNECTED_MS + callTimeS * 1_000,
  callTimeS,
  kind,
  detail,
});
export const timeline: readonly TimelineEntry[] = [
  entry(0, 0, 'call.offered', 'Billing'),
  entry(1, 0, 'call.connected'),
  entry(2, 6, 'prompt.offered', 'Recording notice'),
  entry(3, 11, 'prompt.accepted', 'Recording notice'),
  entry(4, 38, 'call.identified', 'Verified'),
  entry(5, 96, 'consent.changed', 'Marketing: granted'),
  entry(6, 179, 'prompt.offered', 'Loyalty credit'),
];

export const call = (over: Partial<CallView> = {}): CallView => ({
  callId: 'call-1',
  phase: 'active',
  direction: 'inbound',
  customerName: 'Ana Ferreira Lindqvist',
  identity: 'verified',
  queue: 'Billing',
  offeredAtMs: CONNECTED_MS - 6_000,
  connectedAtMs: CONNECTED_MS,
  endedAtMs: null,
  capturePaused: false,
  quiet: false,
  missing: 0,
  profileAsOfMs: NOW_MS - 240_000,
  prompts: { used: 1, cap: 3 },
  topic: null,
  transcript: [...transcript],
  timeline: [...timeline],
  ...over,
});

export const desk = (over: Partial<DeskView> = {}): DeskView => ({
  session: {
    agentId: 'agent-7',
    agentName: 'Sam Okafor',
    level: 'standard',
    language: 'en-IE',
    demonstration: false,
    offlineSinceMs: null,
    policy: 'Retention v12',
  },
  link: { state: 'live', delayS: 0, lastHeardAtMs: NOW_MS - 400 },
  engine: { state: 'ready', trouble: null, rung: 'model' },
  outbox: { unsent: 0, refused: 0 },
  refused: {},
  call: call(),
  otherCalls: [],
  cards: [],
  refrain: null,
  nowMs: NOW_MS,
  virtualClock: true,
  ...over,
});

const accepted = (request: CardView['request'], requestDetail: string | null = null): CardView =>
  card({ state: 'accepted', outcomeId: 'outcome-9', undoUntilMs: NOW_MS + 3_000, request, requestDetail });
const noCall = { call: null, refrain: null };
const ended = { endedAtMs: NOW_MS - 9_000 };

const waitingFor = (withName: string | null, leftS: number, question: string | null): CardView =>
  card({
    significant: true,
    name: 'Fee waiver',
    do: 'Propose to waive the early-exit fee',
    state: 'accepted',
    outcomeId: 'outcome-9',
    request: 'waiting',
    approval: {
      approvalId: 'approval-1',
      state: withName === null ? 'requested' : 'assigned',
      withName,
      deadlineAtMs: NOW_MS + leftS * 1_000,
      question,
      atMs: NOW_MS,
    },
  });

export const SCENES = {
  'no-call': desk(noCall),
  ringing: desk({
    call: call({ phase: 'ringing', connectedAtMs: null, transcript: [], timeline: [entry(0, 0, 'call.offered', 'Billing')] }),
  }),
  calm: desk({ refrain: { reason: 'not-worth-interrupting', atMs: NOW_MS } }),
  listening: desk({ refrain: { reason: 'someone-speaking', atMs: NOW_MS } }),
  should: desk({ cards: [card()] }),
  'should-and-chips': desk({ cards: [card(), ...chips] }),
  must: desk({ cards: [must] }),
  could: desk({ cards: [could] }),
  significant: desk({ cards: [card({ significant: true, name: 'Fee waiver', do: 'Waive the early-exit fee' })] }),
  'awaits-approval': desk({ cards: [waitingFor('April Novak', 100, null)] }),
  'awaits-approval-late': desk({ cards: [waitingFor(null, -62, 'What did the customer say about the outage in May?')] }),
  'accepted-sent': desk({ cards: [accepted('requested')] }),
  'accepted-done': desk({ cards: [accepted('acted', 'Credit of €15.00 booked on the next bill.')] }),
  'accepted-failed': desk({ cards: [accepted('failed', 'The billing system refused the credit: the bill is already closed.')] }),
  rejected: desk({ cards: [card({ state: 'rejected', outcomeId: 'outcome-9' })] }),
  withdrawn: desk({ cards: [card({ state: 'withdrawn' })] }),
  'rules-only': desk({ cards: [card({ rung: 'rules-only' })], engine: { state: 'ready', trouble: null, rung: 'rules-only' } }),
  delayed: desk({ link: { state: 'delayed', delayS: 4.2, lastHeardAtMs: NOW_MS - 4_200 }, cards: [card()] }),
  offline: desk({
    link: { state: 'offline', delayS: 0, lastHeardAtMs: NOW_MS - 95_000 },
    outbox: { unsent: 3, refused: 0 },
    cards: [card({ rung: 'last-good-model' })],
  }),
  restarting: desk({ engine: { state: 'restarting', trouble: null, rung: 'refrain' }, cards: [card()] }),
  'engine-trouble': desk({
    engine: {
      state: 'ready',
      trouble: 'The disk is nearly full: 40 MB left. Free some space, or answers may not be saved.',
      rung: 'model',
    },
    refrain: { reason: 'nothing-relevant', atMs: NOW_MS },
  }),
  'capture-paused': desk({ call: call({ capturePaused: true }), refrain: { reason: 'capture-paused', atMs: NOW_MS } }),
  held: desk({ call: call({ phase: 'held' }), refrain: { reason: 'call-not-active', atMs: NOW_MS } }),
  quiet: desk({ call: call({ quiet: true }), refrain: { reason: 'quiet', atMs: NOW_MS } }),
  'unknown-caller': desk({
    call: call({ customerName: null, identity: 'unknown', profileAsOfMs: null }),
    refrain: { reason: 'nothing-permitted', atMs: NOW_MS },
  }),
  understood: desk({ call: call({ topic: { intent: 'bill-high', utteranceId: 'u-1', text: 'It is twice what I usually pay.' } }) }),
  gaps: desk({
    call: call({ missing: 2 }),
    otherCalls: [{ callId: 'call-2', phase: 'held', customerName: 'Jo Murphy' }],
    refused: { 'bad-data': 2, 'sequence-reused': 1 },
    cards: [card()],
  }),
  demonstration: desk({
    session: {
      agentId: 'agent-7',
      agentName: 'Sam Okafor',
      level: 'guided',
      language: 'en',
      demonstration: true,
      offlineSinceMs: null,
      policy: 'Demo v1',
    },
    cards: [card(), ...chips],
  }),
  'wrap-up': desk({
    call: call({
      phase: 'wrap-up',
      ...ended,
      timeline: [
        ...timeline,
        entry(7, 184, 'prompt.accepted', 'Loyalty credit'),
        entry(8, 187, 'call.ended'),
        entry(9, 187, 'wrapup.started'),
      ],
    }),
    cards: [accepted('acted', 'Credit of €15.00 booked on the next bill.')],
    outbox: { unsent: 1, refused: 0 },
  }),
  ended: desk({ call: call({ phase: 'ended', ...ended }) }),
} satisfies Record<string, DeskView>;
export type SceneName = keyof typeof SCENES;

const verdict = (over: Partial<VerdictView>): VerdictView => ({
  actionId: 'action',
  name: 'Action',
  issue: 'retention',
  group: 'offers',
  stage: 'eligibility',
  code: 'condition-false',
  by: null,
  condition: null,
  strength: null,
  contributions: null,
  ...over,
});
export const VERDICTS: readonly VerdictView[] = [
  verdict({
    actionId: 'loyalty-credit',
    name: 'Loyalty credit',
    stage: 'shown',
    code: 'primary',
    strength: 'strong',
    contributions: {
      exact: true,
      parts: [
        { label: 'Bill rise', type: 'number', unit: 'EUR', value: 23.4, logOdds: 1.31 },
        { label: 'Credits this year', type: 'number', value: 1, logOdds: -0.42 },
        { label: 'Contract ends', type: 'time', value: Date.UTC(2026, 5, 1), logOdds: 0.2 },
        { label: 'Add-ons', type: 'set', value: ['sports', 'roaming'], logOdds: 0.07 },
        { label: 'Paperless bill', type: 'boolean', value: true, logOdds: 0 },
      ],
    },
  }),
  verdict({ actionId: 'paper-bill', name: 'Explain the bill', stage: 'shown', code: 'chip', issue: 'education' }),
  verdict({
    actionId: 'contract-renewal',
    name: 'Contract renewal with new handset',
    condition: {
      text: 'profile.monthsLeft <= 3',
      operands: [{ label: 'Months left on the contract', found: 11, required: 'at most 3' }],
    },
  }),
  verdict({
    actionId: 'payment-plan',
    name: 'Payment plan',
    issue: 'collections',
    code: 'condition-unknown',
    stage: 'suitability',
    condition: {
      text: 'profile.incomeChecked && profile.arrears > 50',
      operands: [
        { label: 'Income checked', found: null, required: 'yes' },
        { label: 'Arrears', found: 0, required: 'more than 50' },
      ],
    },
  }),
  verdict({ actionId: 'upgrade-fibre', name: 'Upgrade to fibre', stage: 'care', code: 'care-before-sale', by: 'Open complaint' }),
  verdict({ actionId: 'newsletter', name: 'Invite to the newsletter', stage: 'basis', code: 'no-basis', by: 'Marketing' }),
  verdict({ actionId: 'sim-only', name: 'Move to a SIM-only plan', stage: 'arbitrated', code: 'outranked', strength: 'some' }),
  verdict({ actionId: 'survey', name: 'Ask for a survey', stage: 'contact', code: 'contact-limit', by: 'One survey in 30 days' }),
  verdict({ actionId: 'insurance', name: 'Handset insurance', stage: 'threshold', code: 'control-group' }),
];

const whatIf = (actionId: string, over: Partial<WhatIfView> = {}): WhatIfView => ({
  actionId,
  isShown: false,
  found: [],
  none: (over.found ?? []).length === 0,
  isExhaustive: true,
  areScoresFixed: false,
  ...over,
});
export const WHAT_IFS: readonly WhatIfView[] = [
  whatIf('loyalty-credit', {
    isShown: true,
    found: [
      { changes: [{ label: 'Complaint open', type: 'boolean', from: false, to: true, changeableBy: 'agent' }] },
      { changes: [{ label: 'Overdue', type: 'number', unit: 'EUR', from: 0, to: 50, changeableBy: 'customer' }] },
    ],
    areScoresFixed: true,
  }),
  whatIf('contract-renewal', {
    found: [
      {
        changes: [
          { label: 'Months left on the contract', type: 'number', unit: 'months', from: 11, to: 3, changeableBy: 'agent' },
          { label: 'Add-ons', type: 'set', from: [], to: ['sports', 'roaming'], changeableBy: 'customer' },
        ],
      },
    ],
  }),
  whatIf('payment-plan'),
  whatIf('upgrade-fibre', { isExhaustive: false }),
  whatIf('sim-only', {
    found: [
      { changes: [{ label: 'new-phone', type: 'said', from: null, to: 'keep my phone', changeableBy: 'customer' }] },
      { changes: [{ label: 'one-time-code', type: 'said', from: null, to: 'one-time code', changeableBy: 'agent' }] },
      {
        changes: [
          { label: 'Contract ends', type: 'time', from: null, to: Date.UTC(2026, 5, 1), changeableBy: 'agent' },
          { label: 'new-phone', type: 'said', from: null, to: 'keep my phone', changeableBy: 'customer' },
        ],
      },
    ],
    isExhaustive: false,
    areScoresFixed: true,
  }),
];

export const TIMING: TimingView = {
  decisions: 212,
  rungs: { 'starting-propensity': 3, model: 209 },
  last: { atMs: NOW_MS, rung: 'model' },
  steps: [
    { step: 'filter', lastMs: 0.184, p50Ms: 0.21, p99Ms: 0.64 },
    { step: 'score', lastMs: 1.42, p50Ms: 1.3, p99Ms: 4.9 },
    { step: 'arbitrate', lastMs: 0.097, p50Ms: 0.1, p99Ms: 0.31 },
    { step: 'save', lastMs: 0.92, p50Ms: 0.88, p99Ms: 6.4 },
    { step: 'paint', lastMs: null, p50Ms: 17.2, p99Ms: 33 },
  ],
};
