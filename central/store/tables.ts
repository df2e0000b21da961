/** The tables of migrations/central as Kysely sees them. The snapshot test holds the SQL; this file is its shadow. */
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { ApprovalEnd, ApprovalState, Evidence, JUDGEMENTS } from '#contract/approval.ts';
import type { CallEvent } from '#contract/call-events.ts';
import type { CheckedRoute } from '#contract/checked-policy.ts';
import type { PersonaResult, Tier } from '#contract/change-request.ts';
import type { LearntManifest, RewardKind } from '#contract/learning.ts';
import type { ServedBundle } from '#contract/served-bundle.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { ExperienceLevel, PolicyFile } from '#contract/policy.ts';
import type { PersonRole } from '#contract/roles.ts';
import type { Signed } from '#contract/signature.ts';
import type { BlastReport } from '#policy';
import type { AlertKind } from '#contract/supervision.ts';
import type { ModelEffect } from '../policy/model-effect.ts';
import type { ReviewTables } from './review-tables.ts';
import type { Channel, OutcomeKind, ProfileFields } from '#contract/profile.ts';

/** Read parsed, written as JSON text. */
type Json<T> = ColumnType<T, string, string>;

export type CallPhase = 'offered' | 'active' | 'held' | 'ended' | 'wrap-up' | 'closed';
export type RequestState = 'waiting' | 'pending' | 'requested' | 'acted' | 'failed' | 'expired' | 'cancelled' | 'declined' | 'withdrawn';

export interface CallRow {
  readonly call_id: string;
  readonly agent_id: string;
  readonly customer_id: string | null;
  readonly identity: string;
  readonly phase: CallPhase;
  readonly last_seq: number;
  readonly capture_paused: boolean;
  readonly offered_at_ms: number;
  readonly ended_at_ms: number | null;
  readonly closed_at_ms: number | null;
  readonly changed_at_ms: number;
}

export interface ActionRequestRow {
  readonly outcome_id: string;
  readonly decision_id: string;
  readonly call_id: string;
  readonly customer_id: string | null;
  readonly agent_id: string;
  readonly action_id: string;
  readonly kind: string;
  readonly amount: number | null;
  readonly significant: boolean;
  readonly approval_id: string | null;
  readonly state: RequestState;
  readonly attempts: number;
  readonly next_attempt_at_ms: number;
  readonly expires_at_ms: number;
  readonly answered_at_ms: number | null;
  readonly detail: string | null;
}

export interface DataOrderRow {
  readonly seq: Generated<number>;
  readonly kind: 'erase' | 'hold';
  readonly customer_id: string;
  readonly until_ms: number | null;
  readonly at_ms: number;
  readonly basis: Generated<string | null>;
  readonly ordered_by: Generated<string | null>;
}

export interface ApprovalRequestTable {
  approval_id: Generated<string>;
  outcome_id: string | null;
  is_seeded: Generated<boolean>;
  replaces: Generated<string | null>;
  call_id: string;
  customer_id: string | null;
  agent_id: string;
  requester: string;
  asked: string | null;
  asked_hash: string;
  consent_purpose: string | null;
  ends_with_call: boolean;
  levels: Json<CheckedRoute['levels'][number][]>;
  roles: string[];
  level: Generated<number>;
  needed: number;
  state: Generated<ApprovalState>;
  assignee: Generated<string | null>;
  requested_at_ms: number;
  goal_at_ms: number;
  deadline_at_ms: number;
  expires_at_ms: number;
  changed_at_ms: number;
  ended_at_ms: Generated<number | null>;
  end_reason: Generated<ApprovalEnd | null>;
  end_detail: Generated<string | null>;
}

export interface Tables extends ReviewTables {
  people: {
    person_id: Generated<string>;
    name: string;
    level: Generated<ExperienceLevel>;
    language: Generated<string>;
    active: Generated<boolean>;
  };
  accounts: { issuer: string; subject: string; person_id: string };
  person_roles: { person_id: string; role: PersonRole; granted_at_ms: number; granted_by: string | null };
  teams: { team_id: string; name: string };
  team_members: { team_id: string; person_id: string };
  agents: { agent_id: string; person_id: string };
  spent_challenges: { challenge: string; until_ms: number };
  access_version: { only_row: Generated<boolean>; version: number };
  devices: {
    device_id: string;
    public_key: string;
    enrolled_at_ms: number;
    revoked_at_ms: number | null;
    enrolled_by: Generated<string | null>;
  };
  desk_secrets: { person_id: string; device_id: string; secret: string; made_at_ms: number };
  data_orders: DataOrderRow;
  data_orders_kept: { device_id: string; seq: number; at_ms: number };
  integrations: {
    name: string;
    roles: string[];
    active: Generated<boolean>;
    issuer: Generated<string | null>;
    subject: Generated<string | null>;
  };
  loads: { name: string; hash: string };
  customers: {
    customer_id: string;
    version: number;
    source_version: number;
    display_name: string;
    language: string;
    fields: Json<ProfileFields>;
  };
  consents: { customer_id: string; purpose: string; granted: boolean; at_ms: number };
  interactions: {
    id: string;
    customer_id: string;
    call_id: string | null;
    kind: OutcomeKind;
    channel: Channel;
    at_ms: number;
    action_id: string | null;
    retracted: Generated<boolean>;
  };
  calls: { -readonly [K in keyof CallRow]: CallRow[K] };
  item_ids: { kind: string; id: string; hash: string };
  event_ids: { source: string; event_id: string };
  call_events: {
    source: string;
    event_id: string;
    call_id: string;
    seq: number | null;
    type: string;
    at_ms: number;
    received_at_ms: number;
    body: Json<CallEvent>;
  };
  producer_positions: { call_id: string; source: string; seen: string };
  device_positions: { device_id: string; epoch: string; seen: string };
  decisions: {
    id: string;
    hash: string;
    device_id: string;
    agent_id: string;
    call_id: string;
    customer_id: string | null;
    at_ms: number;
    policy: string;
    body: string;
    received_at_ms: number;
    tx: Generated<string>;
    pos: Generated<number>;
  };
  decision_repeats: {
    id: string;
    hash: string;
    device_id: string;
    decision_id: string;
    call_id: string;
    at_ms: number;
    body: string;
    received_at_ms: number;
  };
  outcomes: {
    id: string;
    hash: string;
    kind: OutcomeKind;
    decision_id: string;
    call_id: string;
    customer_id: string | null;
    agent_id: string;
    device_id: string;
    action_id: string;
    at_ms: number;
    clock: number;
    retracts: string | null;
    body: Json<Outcome>;
    received_at_ms: number;
    taken_action: GeneratedAlways<string | null>;
    tx: Generated<string>;
    pos: Generated<number>;
  };
  ledger_heads: {
    device_id: string;
    epoch: string;
    entries: number;
    hash: string;
    at_ms: number;
    key_id: string;
    signature: string;
  };
  central_heads: {
    seq: number;
    before: string;
    at_ms: number;
    n: number;
    chain: string;
    hash: string;
    key_id: string;
    signature: string;
  };
  cores: { hash: string; source: Uint8Array; kept_at_ms: number };
  ledger_standings: { n: number; device_id: string; epoch: string; entries: number; hash: string; chain: string };
  dead_letters: {
    pos: Generated<number>;
    device_id: string;
    epoch: string;
    seq: number;
    item_id: string;
    kind: string;
    hash: string;
    reason: string;
    detail: string;
    first_hash: string | null;
    at_ms: number;
  };
  action_requests: { -readonly [K in keyof ActionRequestRow]: ActionRequestRow[K] };
  revisions: { hash: string; name: string; version: number; files: Json<PolicyFile[]>; published_at_ms: number };
  models: { hash: string; model_id: string; manifest: Json<ServedBundle['manifest']>; onnx: Uint8Array; published_at_ms: number };
  learnt_models: {
    hash: string;
    reward: RewardKind;
    version: number;
    manifest: Json<LearntManifest>;
    state: string | null;
    signed: Json<Signed>;
    at_ms: number;
  };
  publications: {
    pos: Generated<number>;
    kind: 'revision' | 'model';
    name: string;
    hash: string;
    at_ms: number;
    signed: Json<Signed> | null;
    origin: Generated<'loaded' | 'reviewed' | 'rollback'>;
    request_id: Generated<string | null>;
    author: Generated<string | null>;
    reviewer: Generated<string | null>;
    verdict: Generated<'approved' | null>;
    publisher: Generated<string | null>;
    reason: Generated<string | null>;
  };
  change_requests: {
    request_id: Generated<string>;
    kind: 'revision' | 'model';
    name: string;
    hash: string;
    version: number;
    base_hash: string | null;
    tier: Tier;
    title: string;
    reason: string;
    author: string;
    blast: Json<BlastReport | ModelEffect> | null;
    personas: Json<PersonaResult[]>;
    signed: Json<Signed> | null;
    proposed_at_ms: number;
  };
  change_reviews: {
    request_id: string;
    author: string;
    reviewer: string;
    verdict: 'approved' | 'declined';
    reason: string;
    at_ms: number;
  };
  installation: { only_row: Generated<boolean>; production: Generated<boolean>; clock: Generated<'system' | 'virtual'> };
  emergency_exclusions: {
    exclusion_id: Generated<string>;
    action_id: string;
    reason: string;
    excluded_by: string;
    from_ms: number;
    until_ms: number;
    lifted_by: string | null;
    lifted_at_ms: number | null;
    review_due_ms: number;
    reviewed_by: string | null;
    verdict: 'right' | 'wrong' | 'unclear' | null;
    review_reason: string | null;
    reviewed_at_ms: number | null;
  };
  approval_requests: ApprovalRequestTable;
  approval_looks: {
    approval_id: string;
    person_id: string;
    opened_at_ms: number;
    evidence: Generated<Evidence[]>;
    judgement: Generated<(typeof JUDGEMENTS)[number] | null>;
    judged_at_ms: Generated<number | null>;
  };
  approval_verdicts: {
    approval_id: string;
    asked_hash: string;
    requester: string;
    approver: string;
    judgement: (typeof JUDGEMENTS)[number];
    verdict: 'approved' | 'declined';
    reason: string | null;
    at_ms: number;
  };
  approval_breaks: {
    approval_id: string;
    asked_hash: string;
    requester: string;
    broken_by: string;
    reason: string;
    at_ms: number;
    review_due_ms: number;
    reviewed_by: Generated<string | null>;
    verdict: Generated<'right' | 'wrong' | 'unclear' | null>;
    review_reason: Generated<string | null>;
    reviewed_at_ms: Generated<number | null>;
  };
  approval_executions: {
    approval_id: string;
    outcome_id: string;
    asked_hash: string;
    approved_by: Generated<string[]>;
    broken_by: Generated<string | null>;
    at_ms: number;
  };
  approval_messages: { message_id: Generated<string>; approval_id: string; author: string; text: string | null; at_ms: number };
  approval_events: {
    tx: Generated<string>;
    pos: Generated<number>;
    approval_id: string;
    kind: string;
    level: number | null;
    assignee: string | null;
    reason: string | null;
    at_ms: number;
  };
  alert_rules: {
    rule_id: Generated<string>;
    name: string;
    team_id: string | null;
    kind: AlertKind;
    severity: 'urgent' | 'attention';
    after_s: number | null;
    topic: string | null;
    made_by: string;
    made_at_ms: number;
    ended_by: Generated<string | null>;
    ended_at_ms: Generated<number | null>;
  };
  coaching_notes: {
    note_id: Generated<string>;
    call_id: string;
    agent_id: string;
    author: string;
    text: string | null;
    at_ms: number;
    shown_at_ms: Generated<number | null>;
  };
  transcript_reads: {
    read_id: Generated<string>;
    call_id: string;
    agent_id: string;
    reader: string;
    from_ms: number;
    until_ms: number;
    shown_at_ms: Generated<number | null>;
  };
  live_nodes: { node: string; seen_at_ms: number };
  desk_seats: { agent_id: string; device_id: string; node: string; left_at_ms: number | null };
  desk_states: { call_id: string; agent_id: string; state: Json<unknown>; at_ms: number };
  published_version: { only_row: Generated<boolean>; version: number };
  counts: { name: string; count: number };
}
