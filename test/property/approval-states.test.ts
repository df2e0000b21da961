/** The state machine of approvals against the plain model, over random histories of people, time, roles that come and go, and requests that were made up. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type ApprovalCommand,
  type ApprovalTerms,
  type Circumstances,
  isOpen,
  type Standing,
  stepApproval,
} from '#central/approvals/approval-machine.ts';
import { type Deed, EVERYBODY, PlainApproval, type Role, type Terms } from './plain-approval.ts';
import { SEED, TIMEOUT_MS } from './runs.ts';

const SEQUENCES = process.env['SOTTO_FULL'] === '1' ? 50_000 : 1_500;

const role = fc.constantFrom<Role>('first', 'second', 'third', 'glass');
const who = fc.constantFrom(...EVERYBODY);
const mostly = fc.nat(9).map((n) => n > 0);

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constant('wait' as const), ms: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('grant' as const, 'revoke' as const), who, role }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('assign' as const), who, whom: who }) },
  { weight: 5, arbitrary: fc.record({ what: fc.constant('yes' as const), who, sawTheSame: mostly, judged: mostly }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('no' as const), who, sawTheSame: mostly, judged: mostly }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('glass' as const), who, sawTheSame: mostly }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('change' as const, 'take back' as const), who }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('execute' as const) }) },
);

const terms: fc.Arbitrary<Terms> = fc
  .record({
    needed: fc.constantFrom(1, 1, 2, 3),
    madeUp: fc.nat(9).map((n) => n === 0),
    chain: fc.array(
      fc.record({
        role: fc.constantFrom<Role>('first', 'second', 'third'),
        goal: fc.integer({ min: 1, max: 20 }),
        within: fc.integer({ min: 20, max: 60 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    grace: fc.nat(60),
  })
  .map(({ grace, ...rest }) => ({
    ...rest,
    asker: EVERYBODY[0],
    lasts: rest.chain.reduce((sum, { within }) => sum + within, 0) + grace,
  }));

const roles = fc.array(fc.tuple(who, role), { minLength: 4, maxLength: 14 });

/** The machine, with people and a clock around it. */
class Machine {
  standing: Standing;
  readonly #terms: ApprovalTerms;
  readonly #chain: Terms['chain'];
  readonly #roles: Map<string, Set<Role>>;
  nowMs = 0;

  constructor({ asker, needed, madeUp, chain, lasts }: Terms, given: readonly (readonly [string, Role])[]) {
    this.#terms = {
      requester: asker,
      needed,
      isSeeded: madeUp,
      levels: chain.map(({ goal, within }) => ({ goalMs: goal, withinMs: within })),
      expiresAtMs: lasts,
    };
    this.#chain = chain;
    this.#roles = new Map(EVERYBODY.map((one) => [one, new Set(given.flatMap(([name, held]) => (name === one ? [held] : [])))]));
    const [first] = chain;
    this.standing = {
      state: 'requested',
      level: 0,
      assignee: null,
      goalAtMs: first?.goal ?? 0,
      deadlineAtMs: first?.within ?? 0,
      verdicts: [],
      brokenBy: null,
      end: null,
    };
  }

  get #now(): Circumstances {
    const has = (person: string, wanted: Role | undefined): boolean =>
      wanted !== undefined && this.#roles.get(person)?.has(wanted) === true;
    return {
      nowMs: this.nowMs,
      mayDecide: (person, level) => this.#chain.slice(0, level + 1).some((step) => has(person, step.role)),
      mayBreakGlass: (person) => has(person, 'glass'),
      pick: (level, except) => EVERYBODY.find((one) => !except.includes(one) && has(one, this.#chain[level]?.role)) ?? null,
    };
  }

  do(one: Deed): string | null {
    switch (one.what) {
      case 'wait':
        this.nowMs += one.ms;
        return this.#step({ do: 'pass' });
      case 'grant':
        this.#roles.get(one.who)?.add(one.role);
        return null;
      case 'revoke':
        this.#roles.get(one.who)?.delete(one.role);
        return null;
      case 'assign':
        return this.#step({ do: 'assign', by: one.who, to: one.whom });
      case 'yes':
      case 'no':
        return this.#step({ do: one.what === 'yes' ? 'approve' : 'decline', by: one.who, isSame: one.sawTheSame, hasJudged: one.judged });
      case 'glass':
        return this.#step({ do: 'break-glass', by: one.who, isSame: one.sawTheSame });
      case 'change':
        return this.#step({ do: 'change', by: one.who });
      case 'take back':
        return this.#step({ do: 'withdraw', by: one.who });
      case 'execute':
        return this.#step({ do: 'execute' });
    }
  }

  #step(command: ApprovalCommand): string | null {
    const stepped = stepApproval(this.standing, this.#terms, command, this.#now);
    if (!stepped.ok) return stepped.reason;
    this.standing = stepped.next;
    return null;
  }
}

it('[C3 C4] every history ends as the plain model says, and nothing executes but what enough others who may approved in time', {
  timeout: TIMEOUT_MS,
}, () => {
  const ends = new Map<string, number>();
  let executed = 0;
  fc.assert(
    fc.property(terms, roles, fc.array(deed, { minLength: 1, maxLength: 25 }), (given, held, deeds) => {
      const plain = new PlainApproval(given, held);
      const machine = new Machine(given, held);
      for (const one of deeds) {
        const wasOpen = isOpen(machine.standing);
        expect(machine.do(one)).toBe(plain.do(one));
        const { state, level, assignee, goalAtMs, deadlineAtMs, end } = machine.standing;
        expect({ state, level, assignee, goal: goalAtMs, deadline: deadlineAtMs, end }).toEqual(plain.seen);
        if (!wasOpen || state !== 'executed') continue;
        executed++;
        const others = new Set(
          plain.yeses.filter(
            (person) => person !== given.asker && given.chain.slice(0, level + 1).some((step) => plain.holds(person, step.role)),
          ),
        );
        const { brokenBy } = machine.standing;
        expect(others.size >= given.needed || (brokenBy !== null && brokenBy !== given.asker && plain.holds(brokenBy, 'glass'))).toBe(true);
        expect(machine.standing.verdicts.every(({ verdict }) => verdict === 'approved')).toBe(true);
        expect(plain.clock).toBeLessThan(given.lasts);
        expect(given.madeUp).toBe(false);
      }
      ends.set(machine.standing.state, (ends.get(machine.standing.state) ?? 0) + 1);
    }),
    { numRuns: SEQUENCES, seed: SEED },
  );
  // Nothing is left untried.
  expect([...ends.keys()].toSorted()).toEqual(
    ['approved', 'assigned', 'changed', 'declined', 'escalated', 'executed', 'expired', 'requested', 'withdrawn'].toSorted(),
  );
  expect(executed).toBeGreaterThan(SEQUENCES / 100);
});

it('canary: a machine that forgets who may by now is found out', () => {
  const forgetful = fc.check(
    fc.property(terms, roles, fc.array(deed, { minLength: 1, maxLength: 25 }), (given, held, deeds) => {
      const plain = new PlainApproval(given, held);
      const machine = new Machine(given, held);
      return deeds.every((one) => {
        // It never hears of a role that is taken away.
        if (one.what === 'revoke') {
          plain.do(one);
          return true;
        }
        return machine.do(one) === plain.do(one) && machine.standing.state === plain.seen.state;
      });
    }),
    { numRuns: 5_000, seed: SEED },
  );
  expect(forgetful.failed).toBe(true);
});
