/** A contest as somebody would keep it on paper: the plain model that the state machine is held against. It shares no code with it. */

export type Post = 'first' | 'second' | 'third';

export type Deed =
  | { readonly what: 'wait'; readonly ms: number }
  | { readonly what: 'hire' | 'fire'; readonly who: string; readonly post: Post }
  /** They approve what came of the decision: from now on they had a part in it. */
  | { readonly what: 'approve'; readonly who: string }
  | { readonly what: 'give'; readonly who: string; readonly whom: string }
  | { readonly what: 'answer' | 'withdraw'; readonly who: string };

export interface Terms {
  /** Who had a part in the decision before it was contested. */
  readonly deciders: readonly string[];
  readonly chain: readonly { readonly post: Post; readonly within: number }[];
  readonly lasts: number;
}

export interface Sheet {
  readonly state: string;
  readonly level: number;
  readonly assignee: string | null;
  readonly deadline: number;
}

/** Everybody, in the order in which they are picked. */
export const STAFF = ['ann', 'bo', 'cy', 'di', 'eve'] as const;

export class PlainContest {
  readonly #terms: Terms;
  readonly #posts: Set<string>;
  readonly #tainted: Set<string>;
  #time = 0;
  #sheet: Sheet;
  /** Who answered it, and when. */
  answered: { readonly by: string; readonly at: number; readonly hadPart: boolean } | null = null;

  constructor(terms: Terms, posts: readonly (readonly [string, Post])[]) {
    this.#terms = terms;
    this.#posts = new Set(posts.map(([who, post]) => `${who} is ${post}`));
    this.#tainted = new Set(terms.deciders);
    const next = this.#turn(0);
    this.#sheet = {
      state: next === null ? 'received' : 'assigned',
      level: 0,
      assignee: next,
      deadline: terms.chain[0]?.within ?? 0,
    };
  }

  get sheet(): Sheet {
    return this.#sheet;
  }

  get time(): number {
    return this.#time;
  }

  isTainted = (who: string): boolean => this.#tainted.has(who);

  /** Why it was not done, or null. */
  do(deed: Deed): string | null {
    if (deed.what === 'hire') this.#posts.add(`${deed.who} is ${deed.post}`);
    else if (deed.what === 'fire') this.#posts.delete(`${deed.who} is ${deed.post}`);
    else if (deed.what === 'approve') this.#tainted.add(deed.who);
    else if (deed.what === 'wait') {
      this.#time += deed.ms;
      this.#letTimePass();
    } else {
      if (this.#isOver()) return 'over';
      this.#letTimePass();
      if (this.#isOver()) return 'expired';
      if (this.#tainted.has(deed.who)) return 'took-part';
      if (!this.#reaches(deed.who, this.#sheet.level)) return 'not-your-role';
      if (deed.what === 'give') {
        if (this.#tainted.has(deed.whom)) return 'took-part';
        if (!this.#reaches(deed.whom, this.#sheet.level)) return 'nobody-to-assign';
        this.#sheet = { ...this.#sheet, state: 'assigned', assignee: deed.whom };
      } else if (deed.what === 'answer') {
        this.answered = { by: deed.who, at: this.#time, hadPart: this.#tainted.has(deed.who) };
        this.#sheet = { ...this.#sheet, state: 'answered', assignee: null };
      } else this.#sheet = { ...this.#sheet, state: 'withdrawn', assignee: null };
    }
    return null;
  }

  #letTimePass(): void {
    if (this.#isOver()) return;
    if (this.#time >= this.#terms.lasts) {
      this.#sheet = { ...this.#sheet, state: 'expired', assignee: null };
      return;
    }
    const from = this.#sheet.level;
    while (this.#time >= this.#sheet.deadline && this.#sheet.level < this.#terms.chain.length - 1) {
      const level = this.#sheet.level + 1;
      this.#sheet = { state: 'escalated', level, deadline: this.#sheet.deadline + (this.#terms.chain[level]?.within ?? 0), assignee: null };
    }
    const { assignee, level } = this.#sheet;
    if (level > from) this.#sheet = { ...this.#sheet, assignee: this.#turn(level) };
    else if (assignee !== null && (this.#tainted.has(assignee) || !this.#reaches(assignee, level))) {
      const next = this.#turn(level);
      this.#sheet = { ...this.#sheet, state: next === null ? 'received' : 'assigned', assignee: next };
    }
  }

  #isOver = (): boolean => ['answered', 'expired', 'withdrawn'].includes(this.#sheet.state);

  #reaches(who: string, level: number): boolean {
    for (let at = 0; at <= level; at++) if (this.#posts.has(`${who} is ${this.#terms.chain[at]?.post ?? ''}`)) return true;
    return false;
  }

  #turn(level: number): string | null {
    for (const who of STAFF)
      if (!this.#tainted.has(who) && this.#posts.has(`${who} is ${this.#terms.chain[level]?.post ?? ''}`)) return who;
    return null;
  }
}
