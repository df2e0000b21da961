/** Adds up what two revisions make of the same situations. How each was decided is the caller's. */
import type { CheckedRevision } from '#contract/checked-policy.ts';
import { REASONS, type Stage } from '#contract/reason-codes.ts';
import type { ActionEffect, BlastReport, Effect, Finding, GroupEffect } from './blast-report.ts';
import { isEndless, KEPT_MS, policiesOver } from './contact-coverage.ts';
import { conditionChanges, type RuleChange, ruleChanges } from './rule-changes.ts';

const DAY_MS = 86_400_000;
/** Smaller groups are not shown: they would be about persons. */
const LEAST_CUSTOMERS = 10;

/** What one revision made of one situation. */
export interface Outcome {
  /** Per action of the revision, index into REASONS. Copied: the decider's own is overwritten. */
  readonly codes: Uint8Array;
  /** Ids of what is shown, the card first. */
  readonly shown: readonly string[];
  /** Contact policies, by number, that let something rest. */
  readonly resting: readonly number[];
}

export interface Situation {
  readonly atMs: number;
  /** Who it is about: the customer, or the call of a caller nobody knows. */
  readonly customer: string;
  readonly before: Outcome;
  readonly after: Outcome;
  /** What the new revision asks and the situation does not hold, where it matters; empty where all is known. */
  readonly missing: readonly string[];
  /** A field's value for grouping; null where it is not known. */
  readonly groupOf: (path: string) => string | null;
}

interface Tally {
  shownBefore: number;
  shownAfter: number;
  cardBefore: number;
  cardAfter: number;
  won: number;
  lost: number;
  readonly moves: Map<string, number>;
  readonly endsAfter: Map<Stage | 'absent', number>;
}

interface GroupTally {
  readonly customers: Set<string>;
  decisions: number;
  affected: number;
}

const add = <K>(counts: Map<K, number>, key: K): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

const descending = <K>(counts: ReadonlyMap<K, number>): readonly (readonly [K, number])[] =>
  [...counts].toSorted((a, b) => b[1] - a[1] || (String(a[0]) < String(b[0]) ? -1 : 1));

/** For the order: what is shown counts before where things end. */
const weight = ({ won, lost, moves }: ActionEffect): number =>
  (won + lost) * 1e6 + moves.reduce((sum, { decisions }) => sum + decisions, 0);

export class BlastRadius {
  readonly #before: CheckedRevision;
  readonly #after: CheckedRevision;
  readonly #by: readonly string[];
  /** Every action of either revision with its number in both, −1 where it is not. */
  readonly #numbers: ReadonlyMap<string, { readonly before: number; readonly after: number }>;
  readonly #tallies = new Map<string, Tally>();
  readonly #groups = new Map<string, Map<string, GroupTally>>();
  readonly #missing = new Map<string, number>();
  readonly #restingBefore = new Map<string, number>();
  readonly #restingAfter = new Map<string, number>();
  #decisions = 0;
  #notKnown = 0;
  #different = 0;
  #lastAtMs = 0;

  /** `by` are the fields customers are grouped by. */
  constructor(before: CheckedRevision, after: CheckedRevision, by: readonly string[]) {
    this.#before = before;
    this.#after = after;
    this.#by = by;
    const was = new Map(before.actions.map(({ id }, index) => [id, index]));
    const is = new Map(after.actions.map(({ id }, index) => [id, index]));
    const ids = [...new Set([...was.keys(), ...is.keys()])].toSorted();
    this.#numbers = new Map(ids.map((id) => [id, { before: was.get(id) ?? -1, after: is.get(id) ?? -1 }]));
    for (const id of ids)
      this.#tallies.set(id, {
        shownBefore: 0,
        shownAfter: 0,
        cardBefore: 0,
        cardAfter: 0,
        won: 0,
        lost: 0,
        moves: new Map(),
        endsAfter: new Map(),
      });
  }

  add({ atMs, customer, before, after, missing, groupOf }: Situation): void {
    this.#decisions += 1;
    this.#lastAtMs = Math.max(this.#lastAtMs, atMs);
    if (missing.length > 0) {
      this.#notKnown += 1;
      for (const what of missing) add(this.#missing, what);
      return;
    }
    const isDifferent = before.shown.join() !== after.shown.join();
    if (isDifferent) this.#different += 1;
    for (const [id, numbers] of this.#numbers) this.#tally(id, numbers, before, after);
    for (const policy of before.resting) add(this.#restingBefore, this.#before.contact[policy]?.id ?? '');
    for (const policy of after.resting) add(this.#restingAfter, this.#after.contact[policy]?.id ?? '');
    for (const field of this.#by) this.#group(field, groupOf(field) ?? 'unknown', customer, isDifferent);
  }

  report(): BlastReport {
    const actions = this.#actions();
    const groups = this.#groupEffects();
    const shown = groups.filter(({ customers }) => customers >= LEAST_CUSTOMERS);
    const changes = ruleChanges(this.#before, this.#after);
    return {
      before: this.#before.hash,
      after: this.#after.hash,
      effect: this.#effect(changes, actions),
      changes,
      decisions: this.#decisions,
      notKnown: this.#notKnown,
      missing: descending(this.#missing).map(([what, decisions]) => ({ what, decisions })),
      different: this.#different,
      actions: actions.filter(({ won, lost, cardBefore, cardAfter, moves }) => won + lost + moves.length > 0 || cardBefore !== cardAfter),
      groups: shown,
      groupsTooSmall: groups.length - shown.length,
      findings: [...this.#eligibility(), ...this.#contact(), ...this.#endless(), ...this.#never()],
    };
  }

  #effect(changes: readonly RuleChange[], actions: readonly ActionEffect[]): Effect {
    if (this.#different > 0) return 'decisions';
    if (actions.some(({ moves }) => moves.length > 0)) return 'stages';
    if (changes.length === 0) return 'none';
    return changes.every(({ change }) => change === 'reworded') ? 'wording' : 'rules';
  }

  #tally(id: string, numbers: { readonly before: number; readonly after: number }, before: Outcome, after: Outcome): void {
    const tally = this.#of(id);
    const place = before.shown.indexOf(id);
    const placeAfter = after.shown.indexOf(id);
    if (place >= 0) tally.shownBefore += 1;
    if (placeAfter >= 0) tally.shownAfter += 1;
    if (place === 0) tally.cardBefore += 1;
    if (placeAfter === 0) tally.cardAfter += 1;
    if (place < 0 && placeAfter >= 0) tally.won += 1;
    if (place >= 0 && placeAfter < 0) tally.lost += 1;
    const from = stageOf(before, numbers.before);
    const to = stageOf(after, numbers.after);
    if (from !== to) add(tally.moves, `${from} ${to}`);
    add(tally.endsAfter, to);
  }

  #of(id: string): Tally {
    const tally = this.#tallies.get(id);
    if (tally === undefined) throw new Error(`action ${id} is in neither revision`);
    return tally;
  }

  #group(field: string, value: string, customer: string, isDifferent: boolean): void {
    const values = this.#groups.get(field) ?? new Map<string, GroupTally>();
    this.#groups.set(field, values);
    const tally = values.get(value) ?? { customers: new Set(), decisions: 0, affected: 0 };
    values.set(value, tally);
    tally.customers.add(customer);
    tally.decisions += 1;
    if (isDifferent) tally.affected += 1;
  }

  #actions(): readonly ActionEffect[] {
    const effects = [...this.#tallies].map(([actionId, tally]): ActionEffect => {
      const { shownBefore, shownAfter, cardBefore, cardAfter, won, lost } = tally;
      const moves = descending(tally.moves).map(([move, decisions]) => {
        const [from, to] = move.split(' ') as [Stage | 'absent', Stage | 'absent'];
        return { from, to, decisions };
      });
      return { actionId, shownBefore, shownAfter, cardBefore, cardAfter, won, lost, moves };
    });
    return effects.toSorted((a, b) => weight(b) - weight(a) || (a.actionId < b.actionId ? -1 : 1));
  }

  #groupEffects(): readonly GroupEffect[] {
    return [...this.#groups].flatMap(([field, values]) =>
      [...values]
        .toSorted((a, b) => (a[0] < b[0] ? -1 : 1))
        .map(([value, { customers, decisions, affected }]) => ({ field, value, customers: customers.size, decisions, affected })),
    );
  }

  #eligibility(): readonly Finding[] {
    return this.#before.actions.flatMap((was): Finding[] => {
      const is = this.#after.actions.find(({ id }) => id === was.id);
      if (is === undefined) return [];
      const { removed, added } = conditionChanges(was.eligibility, is.eligibility);
      // Another condition in the place of one is a change, not a loss.
      if (removed.length <= added.length) return [];
      const conditions = removed.map(({ text }) => text);
      return [{ kind: 'eligibility-removed', actionId: was.id, conditions, left: is.eligibility.length, won: this.#of(was.id).won }];
    });
  }

  #contact(): readonly Finding[] {
    const dropped = new Map<string, { readonly actions: string[]; readonly unlimited: string[]; won: number }>();
    for (const { id } of this.#before.actions) {
      const was = policiesOver(this.#before, id) ?? [];
      const is = policiesOver(this.#after, id);
      if (is === null) continue;
      for (const policy of was.filter((one) => !is.includes(one))) {
        const found = dropped.get(policy) ?? { actions: [], unlimited: [], won: 0 };
        dropped.set(policy, found);
        found.actions.push(id);
        if (is.length === 0) found.unlimited.push(id);
        found.won += this.#of(id).won;
      }
    }
    const kept = new Set(this.#after.contact.map(({ id }) => id));
    return this.#before.contact.flatMap(({ id: policy }): Finding[] => {
      const found = dropped.get(policy);
      if (found !== undefined)
        return [{ kind: 'contact-policy-not-applied', policy, why: kept.has(policy) ? 'covers-less' : 'removed', ...found }];
      const decisions = this.#restingBefore.get(policy) ?? 0;
      if (decisions === 0 || (this.#restingAfter.get(policy) ?? 0) > 0) return [];
      return [{ kind: 'contact-policy-silent', policy, decisions }];
    });
  }

  #endless(): readonly Finding[] {
    const wereEndless = new Set(this.#before.contact.filter(isEndless).map(({ id }) => id));
    const policies = this.#after.contact
      .filter((policy) => isEndless(policy) && !wereEndless.has(policy.id))
      .map(({ id, suppressForMs }): Finding => {
        const actions = this.#after.actions.filter((action) => policiesOver(this.#after, action.id)?.includes(id) === true);
        const lost = actions.reduce((sum, action) => sum + this.#of(action.id).lost, 0);
        return { kind: 'endless-suppression', policy: id, days: Math.round(suppressForMs / DAY_MS), actions: actions.length, lost };
      });
    const exclusions = this.#after.exclusions
      .filter(({ untilMs }) => untilMs > this.#lastAtMs + KEPT_MS)
      .filter(
        (one) =>
          !this.#before.exclusions.some(
            (other) => other.untilMs >= one.untilMs && this.#before.actions[other.action]?.id === this.#after.actions[one.action]?.id,
          ),
      )
      .map(({ action, untilMs }): Finding => {
        const actionId = this.#after.actions[action]?.id ?? '';
        return {
          kind: 'endless-exclusion',
          actionId,
          days: Math.round((untilMs - this.#lastAtMs) / DAY_MS),
          lost: this.#of(actionId).lost,
        };
      });
    return [...policies, ...exclusions];
  }

  #never(): readonly Finding[] {
    return [...this.#tallies].flatMap(([actionId, { shownBefore, shownAfter, endsAfter }]): Finding[] =>
      shownBefore > 0 && shownAfter === 0
        ? [
            {
              kind: 'never-shown',
              actionId,
              shownBefore,
              stages: descending(endsAfter).map(([stage, decisions]) => ({ stage, decisions })),
            },
          ]
        : [],
    );
  }
}

const stageOf = ({ codes }: Outcome, number: number): Stage | 'absent' =>
  number < 0 ? 'absent' : (REASONS[codes[number] ?? -1]?.stage ?? 'absent');
