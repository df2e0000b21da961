/**
 * Supervision: the wall of running calls, alerts, words to an agent in a call, and reading along. Nothing here is about how anybody feels,
 * and nothing counts a person: rows are of calls.
 *
 *   desk ─ desk-state ─► central ─ wall, changed ─► supervisor
 *   supervisor ─ HTTP: coach, transcript ─► central ─ supervision ─► desk, which says what it shows
 *
 * Both messages on the desks' lane are events of their own: a desk or a central that does not know them leaves them unread.
 */
import { z } from 'zod';
import { ExclusionView } from './change-request.ts';
import { RUNGS } from './reason-codes.ts';
import { AtMs, FreeText, Id, Slug } from './text.ts';

/** GET SupervisionView. */
export const SUPERVISION_PATH = '/api/supervision';
/** GET RaisedAlerts; POST an AlertRule; POST `/:ruleId/end`. */
export const ALERTS_PATH = '/api/supervision/alerts';
/** Of one call. POST a CoachingText; GET a Reading, `?after=` a line's number; GET CallSupervision: who said what to the agent and who read along. */
export const COACH_PATH = '/api/calls/:callId/coach';
export const TRANSCRIPT_PATH = '/api/calls/:callId/transcript';
export const SUPERVISED_PATH = '/api/calls/:callId/supervision';
/** The socket.io namespace of supervisors; the handshake's `auth` is that of approvers (ApproverHandshake). */
export const SUPERVISOR_NAMESPACE = '/supervisors';

/** Desk → central: how its running calls stand, all of them, when that changed. Not acknowledged and not kept: what is lost is said with the next. */
export const DESK_STATE_EVENT = 'desk-state';
/** Central → desk: what supervisors say on a call and who reads along, the whole of it; acknowledged with Shown. */
export const SUPERVISION_EVENT = 'supervision';

export const MAX_DESK_CALLS = 20;
export const MAX_NOTES = 20;
export const MAX_READERS = 10;

/** What a desk shows on a call. The topic is the name of a class of the policy's, never a word that was said. */
export const DeskCallState = z.object({
  callId: Id,
  rung: z.enum(RUNGS).nullable(),
  topic: z.object({ intent: Slug, atMs: AtMs }).nullable(),
  /** The open card; null: none is on the screen. */
  prompt: z.object({ decisionId: Id, actionId: Slug, urgency: z.enum(['must', 'should', 'could']), sinceMs: AtMs }).nullable(),
  /** When both could talk; null: not yet. A desk that does not say it yet leaves it out. */
  connectedAtMs: AtMs.nullable().optional(),
});
export type DeskCallState = z.infer<typeof DeskCallState>;
export const DeskStates = z.object({ calls: z.array(DeskCallState).max(MAX_DESK_CALLS) });
export type DeskStates = z.infer<typeof DeskStates>;

export const CoachingNote = z.object({ noteId: Id, by: z.string().max(200), text: z.string().max(300), atMs: AtMs });
export type CoachingNote = z.infer<typeof CoachingNote>;
export const CallReader = z.object({ readId: Id, by: z.string().max(200), sinceMs: AtMs });
export type CallReader = z.infer<typeof CallReader>;

export const CallSupervised = z.object({
  callId: Id,
  /** The last first. */
  notes: z.array(CoachingNote).max(MAX_NOTES),
  /** Who reads along now. */
  readers: z.array(CallReader).max(MAX_READERS),
});
export type CallSupervised = z.infer<typeof CallSupervised>;
/** Ids of notes and readers that are on the agent's screen. */
export const Shown = z.strictObject({ callId: Id, notes: z.array(Id).max(MAX_NOTES), readers: z.array(Id).max(MAX_READERS) });
export type Shown = z.infer<typeof Shown>;

/** What an alert may be about. `topic`: the customer is about it; the others: something lasts longer than `afterS`. */
export const ALERT_KINDS = ['call-longer', 'must-unanswered', 'approval-waiting', 'desk-offline', 'topic'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];
export const ALERT_SEVERITIES = ['urgent', 'attention'] as const;

const Lasting = {
  name: FreeText.min(1).max(60),
  /** Null: the organisation's. */
  teamId: Id.nullable(),
  severity: z.enum(ALERT_SEVERITIES),
};
const AfterS = z.int().min(0).max(86_400);
/** Defined once, for a team or for all. */
export const AlertRule = z.discriminatedUnion('kind', [
  z.strictObject({ ...Lasting, kind: z.literal('call-longer'), afterS: AfterS }),
  z.strictObject({ ...Lasting, kind: z.literal('must-unanswered'), afterS: AfterS }),
  z.strictObject({ ...Lasting, kind: z.literal('approval-waiting'), afterS: AfterS }),
  z.strictObject({ ...Lasting, kind: z.literal('desk-offline'), afterS: AfterS }),
  z.strictObject({ ...Lasting, kind: z.literal('topic'), topic: Slug }),
]);
export type AlertRule = z.infer<typeof AlertRule>;

export const AlertRuleView = z.object({
  ruleId: Id,
  name: z.string(),
  teamId: Id.nullable(),
  severity: z.enum(ALERT_SEVERITIES),
  kind: z.enum(ALERT_KINDS),
  afterS: z.int().nullable(),
  topic: z.string().nullable(),
  madeBy: z.string(),
  madeAtMs: AtMs,
});
export type AlertRuleView = z.infer<typeof AlertRuleView>;

export const Alert = z.object({
  ruleId: Id,
  name: z.string(),
  kind: z.enum(ALERT_KINDS),
  severity: z.enum(ALERT_SEVERITIES),
  /** Since when it is so. */
  sinceMs: AtMs,
});
export type Alert = z.infer<typeof Alert>;

/** An alert that was raised on a call: kept, told to supervisors when it begins and when it is over. */
export const RaisedAlert = Alert.extend({
  raisedId: Id,
  callId: Id,
  agentId: Id,
  agentName: z.string(),
  /** When it was seen to be so; `sinceMs` may be before that. */
  raisedAtMs: AtMs,
  /** Null: it is so still. */
  endedAtMs: AtMs.nullable(),
});
export type RaisedAlert = z.infer<typeof RaisedAlert>;
/** Those of the last day, the last first. */
export const MAX_RAISED = 200;
export const RaisedAlerts = z.object({ nowMs: AtMs, items: z.array(RaisedAlert).max(MAX_RAISED) });
export type RaisedAlerts = z.infer<typeof RaisedAlerts>;

/** On one row of the wall. */
export const MAX_ROW_ALERTS = 20;
export const WALL_PHASES = ['offered', 'active', 'held'] as const;

/** A running call. Nothing of the customer is in it. */
export const WallRow = z.object({
  callId: Id,
  agentId: Id,
  agentName: z.string(),
  phase: z.enum(WALL_PHASES),
  offeredAtMs: AtMs,
  /** When the talk began; null: it has not, or the desk has not said so. */
  connectedAtMs: AtMs.nullable().optional(),
  rung: z.enum(RUNGS).nullable(),
  topic: z.string().nullable(),
  prompt: z.object({ actionId: z.string(), name: z.string(), urgency: z.enum(['must', 'should', 'could']), sinceMs: AtMs }).nullable(),
  /** Since when the agent's desk is not connected; null: it is. */
  awaySinceMs: AtMs.nullable(),
  approvals: z.object({ waiting: z.int(), sinceMs: AtMs, deadlineAtMs: AtMs }).nullable(),
  /** The most urgent first, then the oldest. */
  alerts: z.array(Alert).max(MAX_ROW_ALERTS),
});
export type WallRow = z.infer<typeof WallRow>;

const URGENT: Readonly<Record<string, number>> = { urgent: 100, attention: 10 };

/** Higher: looked at first. Alerts before anything else, then somebody who waits, then what has to be said. */
const needOf = ({ alerts, approvals, prompt }: WallRow): number =>
  alerts.reduce((sum, { severity }) => sum + (URGENT[severity] ?? 0), 0) +
  (approvals === null ? 0 : 3) +
  (prompt?.urgency === 'must' ? 2 : 0);

/** What the time of a call is counted from: the talk, where its beginning is known. */
export const startedAtMs = ({ connectedAtMs, offeredAtMs }: Pick<WallRow, 'connectedAtMs' | 'offeredAtMs'>): number =>
  connectedAtMs ?? offeredAtMs;

/** The order of the wall: by need, then the longest call. */
export const byNeed = (a: WallRow, b: WallRow): number =>
  needOf(b) - needOf(a) || startedAtMs(a) - startedAtMs(b) || (a.callId < b.callId ? -1 : a.callId > b.callId ? 1 : 0);

/** Rows in one message. */
export const MAX_WALL_PART = 100;
/** Calls on one wall; `left` says how many more there are. */
export const MAX_WALL_ROWS = 2_000;

/** What changed. The first on a connection begins a new wall: `isWhole`. */
export const WallChange = z.object({
  isWhole: z.boolean(),
  nowMs: AtMs,
  rows: z.array(WallRow).max(MAX_WALL_PART),
  gone: z.array(Id).max(MAX_WALL_ROWS),
  /** Calls within reach that are not on this wall, because they are too many. */
  left: z.int().min(0),
});
export type WallChange = z.infer<typeof WallChange>;

/** Central → supervisor, by socket.io event name. Acknowledged: the next is sent only then, and holds all that changed meanwhile. */
export const TO_SUPERVISOR = { wall: WallChange } as const;

/** What stands beside the wall. */
export const SupervisionView = z.object({
  nowMs: AtMs,
  /** One's own. */
  teams: z.array(z.object({ teamId: Id, name: z.string() })),
  rules: z.array(AlertRuleView),
  actions: z.array(z.object({ actionId: z.string(), name: z.string() })),
  exclusions: z.array(ExclusionView),
  /** Whether whoever asks defines alerts of the organisation, and ends anybody's. */
  mayDefineForAll: z.boolean().default(false),
});
export type SupervisionView = z.infer<typeof SupervisionView>;

export const CoachingText = z.strictObject({ text: FreeText.min(1).max(300) });

/** Nothing is read before the agent's desk says that it shows who reads. */
export const Reading = z.object({
  callId: Id,
  state: z.enum(['telling-the-agent', 'reading']),
  lines: z.array(z.object({ seq: z.int(), speaker: z.enum(['customer', 'agent']), text: z.string(), atMs: AtMs })).max(500),
});
export type Reading = z.infer<typeof Reading>;

/** Who may see the call sees this too, the agent among them. */
export const CallSupervision = z.object({
  callId: Id,
  notes: z.array(
    z.object({ noteId: Id, authorId: Id, by: z.string(), text: z.string().nullable(), atMs: AtMs, shownAtMs: AtMs.nullable() }),
  ),
  readings: z.array(z.object({ readId: Id, readerId: Id, by: z.string(), fromMs: AtMs, untilMs: AtMs, shownAtMs: AtMs.nullable() })),
});
export type CallSupervision = z.infer<typeof CallSupervision>;

/** Why something was not done. */
export const SUPERVISION_REFUSALS = ['not-found', 'call-over', 'desk-away', 'not-your-team', 'unknown-team', 'too-many'] as const;
export type SupervisionRefusal = (typeof SUPERVISION_REFUSALS)[number];
