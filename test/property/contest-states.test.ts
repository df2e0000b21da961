/** The state machine of contests against the plain model, over random histories of people, time, posts that come and go, and approvals meanwhile. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type ContestCircumstances,
  type ContestCommand,
  type ContestStanding,
  isOpenContest,
  stepContest,
} from '#central/contests/contest-machine.ts';
import { type Deed, PlainContest, type Post, STAFF, type Terms } from './plain-contest.ts';
import { SEED, TIMEOUT_MS } from './runs.ts';

const SEQUENCES = process.env['SOTTO_FULL'] === '1' ? 50_000 : 1_500;

const post = fc.constantFrom<Post>('first', 'second', 'third');
const who = fc.constantFrom(...STAFF);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constant('wait' as const), ms: fc.nat(40) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('hire' as const, 'fire' as const), who, post }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('approve' as const), who }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('give' as const), who, whom: who }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('answer' as const), who }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('withdraw' as const), who }) },
);
const terms: fc.Arbitrary<Terms> = fc
  .record({
    deciders: fc.uniqueArray(who, { maxLength: 3 }),
    chain: fc.array(fc.record({ post, within: fc.integer({ min: 10, max: 60 }) }), { minLength: 1, maxLength: 3 }),
    grace: fc.nat(60),
  })
  .map(({ grace, ...rest }) => ({ ...rest, lasts: rest.chain.reduce((sum, { within }) => sum + within, 0) + grace }));
const posts = fc.array(fc.tuple(who, post), { minLength: 2, maxLength: 12 });

/** The machine, with people and a clock around it. `forgets`: it never hears who approved meanwhile. */
class Machine {
  standing: ContestStanding;
  nowMs = 0;
  readonly #terms: Terms;
  readonly #posts: Map<string, Set<Post>>;
  readonly #tookPart: Set<string>;
  readonly #forgets: boolean;

  constructor(given: Terms, held: readonly (readonly [string, Post])[], forgets = false) {
    this.#terms = given;
    this.#forgets = forgets;
    this.#posts = new Map(STAFF.map((one) => [one, new Set(held.flatMap(([name, has]) => (name === one ? [has] : [])))]));
    this.#tookPart = new Set(given.deciders);
    const assignee = this.#now.pick(0);
    const deadlineAtMs = given.chain[0]?.within ?? 0;
    this.standing = { state: assignee === null ? 'received' : 'assigned', level: 0, assignee, deadlineAtMs };
  }

  get #now(): ContestCircumstances {
    const has = (person: string, wanted: Post | undefined): boolean =>
      wanted !== undefined && this.#posts.get(person)?.has(wanted) === true;
    return {
      nowMs: this.nowMs,
      mayReview: (person, level) => this.#terms.chain.slice(0, level + 1).some((step) => has(person, step.post)),
      tookPart: (person) => this.#tookPart.has(person),
      pick: (level) => STAFF.find((one) => !this.#tookPart.has(one) && has(one, this.#terms.chain[level]?.post)) ?? null,
    };
  }

  do(one: Deed): string | null {
    switch (one.what) {
      case 'wait':
        this.nowMs += one.ms;
        return this.#step({ do: 'pass' });
      case 'hire':
        this.#posts.get(one.who)?.add(one.post);
        return null;
      case 'fire':
        this.#posts.get(one.who)?.delete(one.post);
        return null;
      case 'approve':
        if (!this.#forgets) this.#tookPart.add(one.who);
        return null;
      case 'give':
        return this.#step({ do: 'assign', by: one.who, to: one.whom });
      case 'answer':
      case 'withdraw':
        return this.#step({ do: one.what, by: one.who });
    }
  }

  #step(command: ContestCommand): string | null {
    const levels = this.#terms.chain.map(({ within }) => ({ withinMs: within }));
    const stepped = stepContest(this.standing, { levels, expiresAtMs: this.#terms.lasts }, command, this.#now);
    // What time did stands, whatever becomes of the word: the next look finds the same.
    if (!stepped.ok) {
      const passed = stepContest(this.standing, { levels, expiresAtMs: this.#terms.lasts }, { do: 'pass' }, this.#now);
      if (passed.ok) this.standing = passed.next;
      return stepped.reason;
    }
    this.standing = stepped.next;
    return null;
  }
}

const history = fc.array(deed, { minLength: 1, maxLength: 25 });

it('every history of a contest ends as the plain model says: nobody who had a part in the decision answers, and what ran out is never confirmed', {
  timeout: TIMEOUT_MS,
}, () => {
  const ends = new Map<string, number>();
  fc.assert(
    fc.property(terms, posts, history, (given, held, deeds) => {
      const plain = new PlainContest(given, held);
      const machine = new Machine(given, held);
      for (const one of deeds) {
        const wasOpen = isOpenContest(machine.standing);
        expect(machine.do(one)).toBe(plain.do(one));
        const { state, level, assignee, deadlineAtMs } = machine.standing;
        expect({ state, level, assignee, deadline: deadlineAtMs }).toEqual(plain.sheet);
        if (state === 'expired') expect(plain.answered).toBeNull();
        if (!wasOpen || state !== 'answered') continue;
        expect(plain.answered?.hadPart).toBe(false);
        expect(given.deciders).not.toContain(plain.answered?.by);
        expect(plain.time).toBeLessThan(given.lasts);
      }
      ends.set(machine.standing.state, (ends.get(machine.standing.state) ?? 0) + 1);
    }),
    { numRuns: SEQUENCES, seed: SEED },
  );
  // Nothing is left untried.
  expect([...ends.keys()].toSorted()).toEqual(['answered', 'assigned', 'escalated', 'expired', 'received', 'withdrawn']);
  expect(ends.get('answered')).toBeGreaterThan(SEQUENCES / 50);
});

it('canary: a machine that never hears who approved meanwhile is found out', () => {
  const found = fc.check(
    fc.property(terms, posts, history, (given, held, deeds) => {
      const plain = new PlainContest(given, held);
      const machine = new Machine(given, held, true);
      return deeds.every((one) => machine.do(one) === plain.do(one) && machine.standing.state === plain.sheet.state);
    }),
    { numRuns: 5_000, seed: SEED },
  );
  expect(found.failed).toBe(true);
});
