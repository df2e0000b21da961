/** The tables of overrides at review and of contests, as Kysely sees them. */
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { ContestState } from '#contract/contest.ts';
import type { FAULTS, ITEM_STATES, OverrideFinding, OverrideKind } from '#contract/override-review.ts';
import type { RejectReason } from '#contract/policy.ts';

/** Written once, and gone with the customer. */
type Forgettable<T> = ColumnType<T | null, T | null, null>;

export interface ReviewTables {
  override_cases: {
    outcome_id: string;
    kind: OverrideKind;
    urgency: 'must' | 'should' | 'could' | null;
    decision_id: string;
    call_id: string;
    customer_id: Forgettable<string>;
    agent_id: string;
    person_id: string | null;
    action_id: string;
    chosen_action_id: string | null;
    reason: RejectReason | null;
    policy: string | null;
    record: Forgettable<string>;
    record_hash: string | null;
    seen_at_ms: number | null;
    at_ms: number;
    received_at_ms: number;
  };
  override_verdicts: { outcome_id: string; reviewer: string; verdict: OverrideFinding; note: Forgettable<string>; at_ms: number };
  override_items: {
    item_id: Generated<string>;
    action_id: string;
    outcome_kind: OverrideKind;
    reason: RejectReason | null;
    fault: (typeof FAULTS)[number];
    owner: string | null;
    state: Generated<(typeof ITEM_STATES)[number]>;
    words: string | null;
    opened_at_ms: number;
    changed_at_ms: number;
    changed_by: string | null;
    ended_at_ms: number | null;
  };
  override_item_cases: { outcome_id: string; item_id: string };
  override_notices: { item_id: string; person_id: string; at_ms: number; seen_at_ms: number | null };
  contests: {
    contest_id: Generated<string>;
    decision_id: string;
    call_id: string;
    customer_id: Forgettable<string>;
    agent_id: string;
    agent_person: string | null;
    policy: string;
    record: Forgettable<string>;
    record_hash: string;
    words: Forgettable<string>;
    taken_by: string;
    levels: ColumnType<readonly { readonly role: string; readonly withinMs: number }[], string, never>;
    roles: string[];
    level: Generated<number>;
    state: Generated<ContestState>;
    assignee: Generated<string | null>;
    received_at_ms: number;
    deadline_at_ms: number;
    expires_at_ms: number;
    changed_at_ms: number;
    ended_at_ms: Generated<number | null>;
    withdrawn_by: Generated<string | null>;
  };
  contest_answers: {
    contest_id: string;
    reviewer: string;
    finding: 'stands' | 'set-aside';
    reasons: Forgettable<string>;
    remedy: Forgettable<string>;
    at_ms: number;
  };
  coaching_looks: {
    pos: GeneratedAlways<number>;
    looked_by: string;
    agent_id: string;
    reason: string;
    since_ms: number;
    at_ms: number;
  };
}
