/**
 * Rewards of a log of outcomes that grows and arrives in any order. Only what an outcome touches is attributed anew: the calls and the
 * customer it is about. After any sequence of additions what is settled is what attributing the whole log at once would give.
 */
import { canonicalJson } from '#core';
import type { Outcome } from '#contract/outcome.ts';
import { attribute } from './attribute.ts';
import type { Reward, RewardSettings } from './reward.ts';

/** Since the last time: rewards that are new or turned out otherwise, and the ids of those that are none any more. */
export interface RewardChanges {
  readonly settled: readonly Reward[];
  readonly withdrawn: readonly string[];
}

/** Calls and customers that have to do with each other. */
interface Group {
  readonly keys: string[];
  outcomes: Outcome[];
  /** As they were told last, by id. */
  rewards: ReadonlyMap<string, Reward>;
  nextAtMs: number | null;
  isTouched: boolean;
}

export class RewardLedger {
  readonly #settings: RewardSettings;
  readonly #known = new Map<string, Outcome>();
  readonly #groupOf = new Map<string, Group>();
  readonly #groups = new Set<Group>();
  #asOfMs = -Infinity;

  constructor(settings: RewardSettings) {
    this.#settings = settings;
  }

  /** An outcome with a known id is the same one again. */
  add(outcomes: Iterable<Outcome>): void {
    for (const outcome of outcomes) {
      if (this.#known.has(outcome.id)) continue;
      this.#known.set(outcome.id, outcome);
      const group = this.#groupFor(outcome);
      group.outcomes.push(outcome);
      group.isTouched = true;
    }
  }

  /** What is settled by all that happened up to `asOfMs`, which never goes back. */
  settle(asOfMs: number): RewardChanges {
    if (asOfMs < this.#asOfMs) throw new Error(`rewards were settled as of ${this.#asOfMs} already; ${asOfMs} is before`);
    const settled: Reward[] = [];
    const withdrawn: string[] = [];
    for (const group of this.#groups) {
      const isDue = group.nextAtMs !== null && group.nextAtMs <= asOfMs;
      if (!group.isTouched && !isDue) continue;
      const { rewards, nextAtMs } = attribute(group.outcomes, this.#settings, asOfMs);
      const byId = new Map(rewards.map((reward) => [reward.id, reward]));
      for (const reward of rewards) if (!isSame(reward, group.rewards.get(reward.id))) settled.push(reward);
      for (const id of group.rewards.keys()) if (!byId.has(id)) withdrawn.push(id);
      group.rewards = byId;
      // What is yet to come happens at its own time.
      const ahead = group.outcomes.map(({ atMs }) => atMs).filter((atMs) => atMs > asOfMs);
      group.nextAtMs = earliest([...ahead, ...(nextAtMs === null ? [] : [nextAtMs])]);
      group.isTouched = false;
    }
    this.#asOfMs = asOfMs;
    return { settled: settled.toSorted(byTime), withdrawn: withdrawn.toSorted() };
  }

  #groupFor({ callId, customerId }: Outcome): Group {
    const keys = [`call ${callId}`, ...(customerId === null ? [] : [`customer ${customerId}`])];
    const found = [...new Set(keys.flatMap((key) => this.#groupOf.get(key) ?? []))].toSorted(
      (a, b) => b.outcomes.length - a.outcomes.length,
    );
    const [group = { keys: [], outcomes: [], rewards: new Map<string, Reward>(), nextAtMs: null, isTouched: true }, ...others] = found;
    this.#groups.add(group);
    for (const other of others) {
      for (const outcome of other.outcomes) group.outcomes.push(outcome);
      group.rewards = new Map([...group.rewards, ...other.rewards]);
      this.#groups.delete(other);
      for (const key of other.keys) {
        group.keys.push(key);
        this.#groupOf.set(key, group);
      }
    }
    for (const key of keys) {
      if (this.#groupOf.has(key)) continue;
      group.keys.push(key);
      this.#groupOf.set(key, group);
    }
    return group;
  }
}

const byTime = (a: Reward, b: Reward): number => a.occurredAtMs - b.occurredAtMs || (a.id < b.id ? -1 : 1);

const isSame = (one: Reward, other: Reward | undefined): boolean => other !== undefined && canonicalJson(one) === canonicalJson(other);

function earliest(times: readonly number[]): number | null {
  let soonest: number | null = null;
  for (const atMs of times) if (soonest === null || atMs < soonest) soonest = atMs;
  return soonest;
}
