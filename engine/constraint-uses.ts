/**
 * What is left of what is scarce, as far as this desk knows: what central counted last, and on top of it what was accepted
 * or taken back here and is not in that count yet. So the last one is not promised twice before central heard of the first.
 *
 * Central names the last of this desk's answers that it counted; those after it stay on top, however often it counts.
 * Both are kept, because central may be away when the desk starts again; how old the count may be, the revision says.
 */
import { z } from 'zod';
import type { CheckedConstraint } from '#contract/checked-policy.ts';
import type { ConstraintUse } from '#contract/decision.ts';
import { UsageReport } from '#contract/live.ts';
import type { Outcome } from '#contract/outcome.ts';
import { AtMs, Id, Slug } from '#contract/text.ts';
import { type CompiledRevision, isReached, periodStartMs, usedNow } from '#core';
import type { Clock } from '#ports/clock.ts';
import type { Canonical, Store, Written } from '#ports/store.ts';
import type { RevisionKeeper } from './revision-keeper.ts';

const DAY_MS = 86_400_000;

/** An answer of this desk that central has not counted: one more of an action, one less, or neither. */
const OwnUse = z.strictObject({ id: Id, actionId: Slug, atMs: AtMs, more: z.union([z.literal(1), z.literal(0), z.literal(-1)]) });
type OwnUse = z.infer<typeof OwnUse>;

const Kept = z.strictObject({ uses: UsageReport.shape.uses, own: z.array(OwnUse) });

export interface ConstraintUsesOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly keeper: RevisionKeeper;
  /** Something ran out, is there again, or became known or unknown, by an answer of this desk or by time alone. */
  readonly onChanged: () => void;
  readonly onNotWritten: (written: Exclude<Written, { ok: true }>) => void;
}

export class ConstraintUses {
  readonly #o: ConstraintUsesOptions;
  #uses: readonly ConstraintUse[];
  #own: readonly OwnUse[];
  /** Of every constraint, whether it is known and what it stops, when it was last looked at. */
  #standing = '';
  #cancelTimer = (): void => undefined;

  constructor(options: ConstraintUsesOptions) {
    this.#o = options;
    const kept = Kept.safeParse(options.store.setting('usage'));
    this.#uses = kept.success ? kept.data.uses : [];
    this.#own = kept.success ? kept.data.own : [];
  }

  /** Takes over what central counted; true when calls must be decided again because of it. Call inside a turn. */
  take({ uses, countedTo }: UsageReport): boolean {
    this.#uses = uses;
    this.#own = this.#own.slice(this.#own.findIndex(({ id }) => id === countedTo) + 1);
    this.#keep();
    return this.look();
  }

  /** Outcomes of this desk that were just written; `known` are those of their call. */
  note(written: readonly Canonical<Outcome>[], known: readonly Outcome[]): void {
    if ((this.#o.keeper.current?.revision.constraints ?? []).length === 0) return;
    const own = written.flatMap(({ value }) => ownUse(value, known) ?? []);
    if (own.length === 0) return;
    this.#own = [...this.#own, ...own];
    this.#keep();
    if (this.look()) this.#o.onChanged();
  }

  /** What a decision is given: every constraint of the revision whose use is known now. */
  known(): readonly ConstraintUse[] {
    const { current } = this.#o.keeper;
    const nowMs = this.#o.clock.nowMs();
    return (current?.revision.constraints ?? []).flatMap((constraint) => {
      const used = current === null ? null : this.#used(current, constraint, nowMs);
      return used === null ? [] : [{ constraintId: constraint.id, used, asOfMs: nowMs }];
    });
  }

  /** Whether there is enough left to take the action once more; false where that is unknown. */
  isLeft(compiled: CompiledRevision, action: number): boolean {
    return compiled.revision.constraints.every((constraint) => {
      if (!constraint.covers.includes(action)) return true;
      const used = this.#used(compiled, constraint, this.#o.clock.nowMs());
      return used !== null && !isReached(compiled, constraint, used, action);
    });
  }

  /** True when other actions are stopped than the last time it looked. Looks again by itself when time alone can change that. */
  look(): boolean {
    const { clock, keeper, onChanged } = this.#o;
    const nowMs = clock.nowMs();
    const before = this.#standing;
    this.#standing = keeper.current === null ? '' : this.#stands(keeper.current, nowMs);
    this.#cancelTimer();
    const atMs = this.#turnsAtMs(nowMs);
    if (atMs !== null)
      this.#cancelTimer = clock.at(atMs, () => {
        if (this.look()) onChanged();
      });
    return this.#standing !== before;
  }

  stop(): void {
    this.#cancelTimer();
  }

  #stands(compiled: CompiledRevision, nowMs: number): string {
    return compiled.revision.constraints
      .map((constraint) => {
        const used = this.#used(compiled, constraint, nowMs);
        if (used === null) return '?';
        return constraint.covers.filter((action) => isReached(compiled, constraint, used, action)).join();
      })
      .join(';');
  }

  /** When a use next becomes too old or, at a midnight, may begin anew. */
  #turnsAtMs(nowMs: number): number | null {
    let soonest: number | null = null;
    for (const { id, maxAgeMs, period } of this.#o.keeper.current?.revision.constraints ?? []) {
      const use = this.#uses.find(({ constraintId }) => constraintId === id);
      if (use === undefined) continue;
      const oldAtMs = use.asOfMs + maxAgeMs + 1;
      const midnightMs = period === 'total' ? Number.POSITIVE_INFINITY : periodStartMs('day', nowMs) + DAY_MS;
      const atMs = Math.min(oldAtMs, midnightMs);
      // What is too old already stays so until central counts again.
      if (oldAtMs > nowMs && (soonest === null || atMs < soonest)) soonest = atMs;
    }
    return soonest;
  }

  #used(compiled: CompiledRevision, constraint: CheckedConstraint, nowMs: number): number | null {
    const counted = usedNow(constraint, this.#uses, nowMs);
    if (counted === null) return null;
    const sinceMs = periodStartMs(constraint.period, nowMs);
    let own = 0;
    for (const { actionId, atMs, more } of this.#own) {
      const action = compiled.actionIndex.get(actionId);
      if (action === undefined || atMs < sinceMs || !constraint.covers.includes(action)) continue;
      own += constraint.kind === 'volume' ? more : more * (compiled.revision.actions[action]?.request?.amount ?? 0);
    }
    return Math.max(0, counted + own);
  }

  /** What could not be kept holds until the next start, when central counts anew. */
  #keep(): void {
    const written = this.#o.store.saveSetting('usage', { uses: this.#uses, own: this.#own });
    if (!written.ok) this.#o.onNotWritten(written);
  }
}

/** Every kind that central names as counted is kept, also where it takes nothing: each name must be found here. */
function ownUse({ id, kind, actionId, chosenActionId, retracts, atMs }: Outcome, known: readonly Outcome[]): OwnUse | null {
  if (kind === 'accepted') return { id, actionId, atMs, more: 1 };
  if (kind === 'overridden') return { id, actionId: chosenActionId ?? actionId, atMs, more: chosenActionId === undefined ? 0 : 1 };
  if (kind !== 'retracted') return null;
  const back = known.find((outcome) => outcome.id === retracts && outcome.kind !== 'retracted');
  const taken = back === undefined ? null : ownUse(back, known);
  return taken === null ? { id, actionId, atMs, more: 0 } : { ...taken, id, more: taken.more === 1 ? -1 : 0 };
}
