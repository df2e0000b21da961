/**
 * A significant request as one would explain it at a table: a diary of what happened, read from the beginning each time. Slow, and
 * shares nothing with the state machine.
 */
export type Role = 'first' | 'second' | 'third' | 'glass';

export type Deed =
  | { readonly what: 'wait'; readonly ms: number }
  | { readonly what: 'grant'; readonly who: string; readonly role: Role }
  | { readonly what: 'revoke'; readonly who: string; readonly role: Role }
  | { readonly what: 'assign'; readonly who: string; readonly whom: string }
  | { readonly what: 'yes'; readonly who: string; readonly sawTheSame: boolean; readonly judged: boolean }
  | { readonly what: 'no'; readonly who: string; readonly sawTheSame: boolean; readonly judged: boolean }
  | { readonly what: 'glass'; readonly who: string; readonly sawTheSame: boolean }
  | { readonly what: 'change'; readonly who: string }
  | { readonly what: 'take back'; readonly who: string }
  | { readonly what: 'execute' };

export interface Terms {
  readonly asker: string;
  readonly needed: number;
  readonly madeUp: boolean;
  /** Role and times of each level. */
  readonly chain: readonly { readonly role: Role; readonly goal: number; readonly within: number }[];
  readonly lasts: number;
}

export interface Seen {
  readonly state: string;
  readonly level: number;
  readonly assignee: string | null;
  readonly goal: number;
  readonly deadline: number;
  readonly end: string | null;
}

/** Everybody, in the order in which they are picked. */
export const EVERYBODY = ['ann', 'bo', 'cy', 'di', 'eve'] as const;

const CLOSED = ['declined', 'changed', 'expired', 'withdrawn', 'executed'];

export class PlainApproval {
  readonly #terms: Terms;
  readonly #holds: Set<string>;
  #clock = 0;
  #sheet: Seen;
  #said: { who: string; yes: boolean }[] = [];
  #broke: string | null = null;
  /** What was done with it, by the clock at that moment. */
  readonly diary: { readonly at: number; readonly entry: string }[] = [];

  constructor(terms: Terms, roles: readonly (readonly [string, Role])[]) {
    this.#terms = terms;
    this.#holds = new Set(roles.map(([who, role]) => `${who}/${role}`));
    const [start] = terms.chain;
    this.#sheet = { state: 'requested', level: 0, assignee: null, goal: start?.goal ?? 0, deadline: start?.within ?? 0, end: null };
  }

  get seen(): Seen {
    return this.#sheet;
  }

  get clock(): number {
    return this.#clock;
  }

  get yeses(): readonly string[] {
    return this.#said.filter(({ yes }) => yes).map(({ who }) => who);
  }

  holds(who: string, role: Role): boolean {
    return this.#holds.has(`${who}/${role}`);
  }

  /** Why it was not done, or null. */
  do(deed: Deed): string | null {
    if (deed.what === 'wait') {
      this.#clock += deed.ms;
      this.#letTimePass();
      return null;
    }
    if (deed.what === 'grant') {
      this.#holds.add(`${deed.who}/${deed.role}`);
      return null;
    }
    if (deed.what === 'revoke') {
      this.#holds.delete(`${deed.who}/${deed.role}`);
      return null;
    }
    if (CLOSED.includes(this.#sheet.state)) return 'over';
    const { asker, needed, madeUp } = this.#terms;
    const isApproved = this.#sheet.state === 'approved';
    if (deed.what === 'execute') {
      if (!isApproved) return 'not-approved';
      const enough = this.yeses.filter((who) => this.#mayAt(who, this.#sheet.level)).length >= needed;
      if (enough || (this.#broke !== null && this.holds(this.#broke, 'glass'))) this.#close('executed', 'executed');
      else this.#turn({ state: 'requested', assignee: this.#nextOne(this.#sheet.level) });
      return null;
    }
    const isAsker = deed.who === asker;
    if (deed.what === 'change' || deed.what === 'take back') {
      if (!isAsker) return 'not-your-request';
      if (deed.what === 'change') this.#close('changed', 'changed');
      else this.#close('withdrawn', 'agent');
      return null;
    }
    if (deed.what === 'assign') {
      if (isApproved) return 'given-already';
      if (deed.whom === asker) return 'own-request';
      if (isAsker || !this.#mayAt(deed.who, this.#sheet.level)) return 'not-your-role';
      if (!this.#mayAt(deed.whom, this.#sheet.level)) return 'nobody-to-assign';
      if (this.#hasSpoken(deed.whom)) return 'given-already';
      this.#turn({ state: 'assigned', assignee: deed.whom });
      return null;
    }
    if (isAsker) return 'own-request';
    if (deed.what === 'glass') {
      if (!this.holds(deed.who, 'glass')) return 'not-your-role';
      if (isApproved || this.#broke !== null) return 'given-already';
      if (!deed.sawTheSame) return 'asked-changed';
      this.#broke = deed.who;
      if (madeUp) this.#close('withdrawn', 'known-wrong');
      else this.#turn({ state: 'approved', assignee: null });
      return null;
    }
    if (!this.#mayAt(deed.who, this.#sheet.level)) return 'not-your-role';
    if (isApproved || this.#hasSpoken(deed.who)) return 'given-already';
    if (!deed.sawTheSame) return 'asked-changed';
    if (!deed.judged) return 'not-judged-yet';
    this.#said.push({ who: deed.who, yes: deed.what === 'yes' });
    if (deed.what === 'no') {
      this.#close('declined', 'declined');
      return null;
    }
    const standing = this.yeses.filter((who) => this.#mayAt(who, this.#sheet.level));
    if (standing.length >= needed) {
      if (madeUp) this.#close('withdrawn', 'known-wrong');
      else this.#turn({ state: 'approved', assignee: null });
      return null;
    }
    if (this.#sheet.assignee === deed.who) {
      const next = this.#nextOne(this.#sheet.level);
      this.#turn({ state: next === null ? 'requested' : 'assigned', assignee: next });
    }
    return null;
  }

  /** Minute by minute, so to speak: deadline after deadline, until its end. */
  #letTimePass(): void {
    if (CLOSED.includes(this.#sheet.state)) return;
    if (this.#clock >= this.#terms.lasts) {
      this.#close('expired', 'time');
      return;
    }
    if (this.#sheet.state === 'approved') return;
    while (this.#clock >= this.#sheet.deadline && this.#sheet.level + 1 < this.#terms.chain.length) {
      const above = this.#terms.chain[this.#sheet.level + 1];
      if (above === undefined) return;
      const level = this.#sheet.level + 1;
      this.#turn({
        state: 'escalated',
        level,
        goal: this.#sheet.deadline + above.goal,
        deadline: this.#sheet.deadline + above.within,
        assignee: this.#nextOne(level),
      });
    }
  }

  #mayAt(who: string, level: number): boolean {
    for (let at = 0; at <= level; at++) {
      const step = this.#terms.chain[at];
      if (step !== undefined && this.holds(who, step.role)) return true;
    }
    return false;
  }

  #hasSpoken = (who: string): boolean => this.#said.some((one) => one.who === who);

  #nextOne(level: number): string | null {
    const role = this.#terms.chain[level]?.role;
    if (role === undefined) return null;
    for (const who of EVERYBODY) if (who !== this.#terms.asker && !this.#hasSpoken(who) && this.holds(who, role)) return who;
    return null;
  }

  #turn(more: Partial<Seen>): void {
    this.#sheet = { ...this.#sheet, ...more };
    this.diary.push({ at: this.#clock, entry: this.#sheet.state });
  }

  #close(state: string, end: string): void {
    this.#turn({ state, end, assignee: null });
  }
}
