/**
 * What is told outside the window: a request that came or a broken glass that waits to be looked at, again when most of the time for it is
 * gone, and again when its deadline passed; and urgent alerts on calls of one's teams. Never during a call: what falls due meanwhile is told
 * afterwards, all of a kind in one. A notice names the action or the alert and nothing of a customer.
 */
import type { News } from '#contract/news.ts';

/** Who is told of requests; others look into the room when they want to. Who is to look at a broken glass is central's to say. */
const TOLD_ROLES: readonly string[] = ['approver', 'supervisor'];
/** Of the time to the deadline: then it is told of again. */
const MOST_OF_THE_TIME = 0.8;

export interface Notice {
  readonly title: string;
  readonly body: string;
}

export interface NoticesOptions {
  /** This computer's own time. */
  readonly nowMs: () => number;
  /** Who sits here; null = nobody. */
  readonly person: () => { readonly agentId: string; readonly roles: readonly string[] } | null;
  readonly show: (notice: Notice) => void;
}

/** How urgent it was when it was last told of. */
const STEPS = ['new', 'late', 'over'] as const;
type Step = (typeof STEPS)[number];

/** What it is, and what several are. */
const KINDS = {
  request: {
    many: 'requests wait for you',
    open: 'Open Approvals.',
    titles: { new: 'A request waits for you', late: 'Little time is left', over: 'A deadline has passed' },
  },
  break: {
    many: 'broken glasses wait for review',
    open: 'Open Oversight.',
    titles: { new: 'A broken glass waits for review', late: 'A review is due soon', over: 'A review is overdue' },
  },
  alert: {
    many: 'urgent alerts',
    open: 'Open the wall.',
    titles: { new: 'Urgent alert', late: 'Urgent alert', over: 'Urgent alert' },
  },
} as const satisfies Readonly<Record<string, { many: string; open: string; titles: Readonly<Record<Step, string>> }>>;
type Kind = keyof typeof KINDS;

/** Something that waits for whoever sits here. By central's clock; an alert has no deadline. */
interface Waiting {
  readonly kind: Kind;
  readonly body: string;
  readonly fromMs: number;
  readonly deadlineAtMs: number | null;
  /** Whose it is: nobody is told of what they did themselves. */
  readonly agentId: string | null;
}

export class Notices {
  readonly #o: NoticesOptions;
  readonly #waiting = new Map<string, Waiting>();
  readonly #told = new Map<string, Step>();
  /** Central's clock beside this one. */
  #aheadMs = 0;
  #isOnCall = false;

  constructor(options: NoticesOptions) {
    this.#o = options;
  }

  take(news: News): void {
    switch (news.kind) {
      case 'queue':
        this.#isNow(news.body.nowMs);
        this.#forget('request');
        for (const item of news.body.items) this.#request(item);
        break;
      case 'item':
        this.#request(news.body);
        break;
      case 'breaks':
        this.#isNow(news.body.nowMs);
        this.#forget('break');
        for (const { approvalId, actionName, byName, atMs, reviewDueMs } of news.body.items)
          this.#keep(`break ${approvalId}`, {
            kind: 'break',
            body: `${actionName}, let through by ${byName}`,
            fromMs: atMs,
            deadlineAtMs: reviewDueMs,
            agentId: null,
          });
        break;
      case 'alert': {
        const { raisedId, name, agentName, agentId, severity, raisedAtMs, endedAtMs } = news.body;
        const id = `alert ${raisedId}`;
        if (endedAtMs !== null) this.#drop(id);
        else if (severity === 'urgent')
          this.#keep(id, { kind: 'alert', body: `${name}, on a call of ${agentName}`, fromMs: raisedAtMs, deadlineAtMs: null, agentId });
        break;
      }
      default:
        return;
    }
    this.pass();
  }

  /** Whether the person is on a call now. */
  call(isOnCall: boolean): void {
    this.#isOnCall = isOnCall;
    this.pass();
  }

  /** Somebody else sits here, or nobody. */
  clear(): void {
    this.#waiting.clear();
    this.#told.clear();
    this.#isOnCall = false;
  }

  /** Tells what is due by now; to be called every few seconds. */
  pass(): void {
    const person = this.#o.person();
    if (this.#isOnCall || person === null) return;
    const isToldOfRequests = person.roles.some((role) => TOLD_ROLES.includes(role));
    const due = [...this.#waiting].flatMap(([id, one]) => {
      const step = this.#stepOf(one);
      const before = this.#told.get(id);
      const isNew = before === undefined || STEPS.indexOf(step) > STEPS.indexOf(before);
      const isTheirs = one.agentId !== person.agentId && (one.kind !== 'request' || isToldOfRequests);
      return isTheirs && isNew ? [{ id, one, step }] : [];
    });
    for (const { id, step } of due) this.#told.set(id, step);
    for (const kind of Object.keys(KINDS) as Kind[]) {
      const notice = noticeOf(
        kind,
        due.filter(({ one }) => one.kind === kind),
      );
      if (notice !== null) this.#o.show(notice);
    }
  }

  #request(item: Extract<News, { kind: 'item' }>['body']): void {
    const { approvalId, actionName, agentName, agentId, requestedAtMs, deadlineAtMs, endedAtMs } = item;
    const id = `request ${approvalId}`;
    if (endedAtMs !== null) this.#drop(id);
    else this.#keep(id, { kind: 'request', body: `${actionName}, asked by ${agentName}`, fromMs: requestedAtMs, deadlineAtMs, agentId });
  }

  #keep(id: string, one: Waiting): void {
    this.#waiting.set(id, one);
  }

  /** It is over: not to be told of any more. */
  #drop(id: string): void {
    this.#waiting.delete(id);
    this.#told.delete(id);
  }

  /** All of a kind are told anew; what was told of them is not told twice. */
  #forget(kind: Kind): void {
    for (const [id, one] of this.#waiting) if (one.kind === kind) this.#waiting.delete(id);
  }

  #isNow(centralMs: number): void {
    this.#aheadMs = centralMs - this.#o.nowMs();
  }

  #stepOf({ fromMs, deadlineAtMs }: Waiting): Step {
    if (deadlineAtMs === null) return 'new';
    const nowMs = this.#o.nowMs() + this.#aheadMs;
    if (nowMs >= deadlineAtMs) return 'over';
    return nowMs >= fromMs + MOST_OF_THE_TIME * (deadlineAtMs - fromMs) ? 'late' : 'new';
  }
}

/** One by its name, several in one; null: there is nothing to tell. */
function noticeOf(kind: Kind, due: readonly { readonly one: Waiting; readonly step: Step }[]): Notice | null {
  const { many, open, titles } = KINDS[kind];
  const [first] = due;
  const worst = STEPS.findLast((step) => due.some((one) => one.step === step));
  if (first === undefined || worst === undefined) return null;
  if (due.length === 1) return { title: titles[worst], body: first.one.body };
  return { title: `${due.length} ${many}`, body: worst === 'new' ? open : `${titles[worst]}.` };
}
