/**
 * What an approver or a supervisor is told of outside the window: a request that came, one most of whose time is gone, one whose deadline
 * passed. Never during a call: what falls due meanwhile is told afterwards, all in one. A notice names the action and nothing of a customer.
 */
import type { ApprovalItem } from '#contract/approval.ts';
import type { News } from '#contract/news.ts';

/** Who is told; others look into the room when they want to. */
const TOLD_ROLES: readonly string[] = ['approver', 'supervisor'];
/** Of the time to the deadline: then it is told of again. */
const MOST_OF_THE_TIME = 0.8;

export interface Notice {
  readonly title: string;
  readonly body: string;
}

export interface ApprovalNoticesOptions {
  /** This computer's own time. */
  readonly nowMs: () => number;
  /** Who sits here; null = nobody. */
  readonly person: () => { readonly agentId: string; readonly roles: readonly string[] } | null;
  readonly show: (notice: Notice) => void;
}

/** How urgent it was when it was last told of. */
const STEPS = ['new', 'late', 'over'] as const;
type Step = (typeof STEPS)[number];

const TITLES: Readonly<Record<Step, string>> = {
  new: 'A request waits for you',
  late: 'Little time is left',
  over: 'A deadline has passed',
};

export class ApprovalNotices {
  readonly #o: ApprovalNoticesOptions;
  readonly #items = new Map<string, ApprovalItem>();
  readonly #told = new Map<string, Step>();
  /** Central's clock beside this one. */
  #aheadMs = 0;
  #isOnCall = false;

  constructor(options: ApprovalNoticesOptions) {
    this.#o = options;
  }

  take(news: News): void {
    if (news.kind === 'queue') {
      this.#aheadMs = news.body.nowMs - this.#o.nowMs();
      this.#items.clear();
      for (const item of news.body.items) this.#keep(item);
    } else if (news.kind === 'item') this.#keep(news.body);
    this.pass();
  }

  /** Whether the person is on a call now. */
  call(isOnCall: boolean): void {
    this.#isOnCall = isOnCall;
    this.pass();
  }

  /** Somebody else sits here, or nobody. */
  clear(): void {
    this.#items.clear();
    this.#told.clear();
    this.#isOnCall = false;
  }

  /** Tells what is due by now; to be called every few seconds. */
  pass(): void {
    const person = this.#o.person();
    if (this.#isOnCall || person === null || !person.roles.some((role) => TOLD_ROLES.includes(role))) return;
    const due = [...this.#items.values()].flatMap((item) => {
      const step = this.#stepOf(item);
      const before = this.#told.get(item.approvalId);
      const isNew = before === undefined || STEPS.indexOf(step) > STEPS.indexOf(before);
      return item.agentId !== person.agentId && isNew ? [{ item, step }] : [];
    });
    for (const { item, step } of due) this.#told.set(item.approvalId, step);
    const worst = STEPS.findLast((step) => due.some((one) => one.step === step));
    const [first] = due;
    if (first === undefined || worst === undefined) return;
    if (due.length === 1) this.#o.show({ title: TITLES[worst], body: `${first.item.actionName}, asked by ${first.item.agentName}` });
    else this.#o.show({ title: `${due.length} requests wait for you`, body: worst === 'new' ? 'Open Approvals.' : `${TITLES[worst]}.` });
  }

  #keep(item: ApprovalItem): void {
    if (item.endedAtMs === null) this.#items.set(item.approvalId, item);
    else {
      this.#items.delete(item.approvalId);
      this.#told.delete(item.approvalId);
    }
  }

  #stepOf({ requestedAtMs, deadlineAtMs }: ApprovalItem): Step {
    const nowMs = this.#o.nowMs() + this.#aheadMs;
    if (nowMs >= deadlineAtMs) return 'over';
    return nowMs >= requestedAtMs + MOST_OF_THE_TIME * (deadlineAtMs - requestedAtMs) ? 'late' : 'new';
  }
}
