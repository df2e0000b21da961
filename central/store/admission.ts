/**
 * So many at once, so many waiting, and whoever comes beyond that is told when to come again. What waits is taken in groups:
 * under load one transaction carries many batches, without load each goes alone and at once. A group that is not full does not begin
 * right after another: what a transaction costs is shared by what comes within a few milliseconds.
 *
 *   enter ─► waiting (bounded by how long it would take) ─► group of at most GROUP_WEIGHT ─► one of `workers`
 *          └► turned away, with a place in line
 *   nextTurn ─► the place in line of somebody who has more to bring: told beforehand, nothing is carried here in vain
 *
 * A place in line is a time that grows with everybody who was given one.
 */
export interface AdmissionSettings {
  /** Groups worked on at once. */
  readonly workers: number;
  /** Most that waits, in the unit of `weight`; infinity: nobody is turned away, and who asks bounds what waits. */
  readonly mostWaiting: number;
  readonly groupWeight: number;
  /** From the beginning of a group to that of the next, unless that is full; less where few come at once, so that who comes alone hardly waits. */
  readonly paceMs: number;
  /** Whoever would wait longer, as quick as the work has been lately, is turned away. */
  readonly longestWaitMs: number;
  /** From the beginning of a group to that of the next, full or not: something else goes first just now. */
  readonly restMs?: () => number;
}

export type Entered<R> = { readonly ok: true; readonly result: R } | { readonly ok: false; readonly retryAfterMs: number };

interface Waiting<T, R> {
  readonly task: T;
  readonly weight: number;
  readonly settle: (result: R) => void;
  readonly fail: (error: unknown) => void;
}

const SHORTEST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 60_000;
/** Groups of so many, or more, are worth the whole pace. */
const WORTH_THE_PACE = 8;
/** Until it is known how quick the work is. */
const FIRST_RATE_PER_MS = 1;
/** Places in line are given so much too early, as a share of what may wait: there is always something to work on, whoever comes late. */
const EARLY = 0.5;

export class Admission<T, R> {
  readonly #settings: AdmissionSettings;
  readonly #work: (tasks: readonly T[]) => Promise<readonly R[]>;
  readonly #waiting: Waiting<T, R>[] = [];
  #weightWaiting = 0;
  #working = 0;
  /** Weight a millisecond, of all workers together. */
  #ratePerMs = FIRST_RATE_PER_MS;
  #doneSinceMs = performance.now();
  #done = 0;
  /** When all will have had their turn who were given a place in line. */
  #promisedUntilMs = 0;
  #begunAtMs = Number.NEGATIVE_INFINITY;
  /** Tasks of the group that began last. */
  #lastGroup = 0;
  #isBeginning = false;
  #idle: (() => void)[] = [];

  constructor(settings: AdmissionSettings, work: (tasks: readonly T[]) => Promise<readonly R[]>) {
    this.#settings = settings;
    this.#work = work;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get working(): number {
    return this.#working;
  }

  /** Rejects when the work fails. */
  async enter(task: T, weight: number): Promise<Entered<R>> {
    const { mostWaiting, longestWaitMs } = this.#settings;
    const isSlow = this.#weightWaiting / this.#ratePerMs > longestWaitMs;
    if (this.#waiting.length > 0 && (isSlow || this.#weightWaiting + weight > mostWaiting))
      return { ok: false, retryAfterMs: Math.max(SHORTEST_RETRY_MS, this.#placeInLine(weight)) };
    const { promise, resolve, reject } = Promise.withResolvers<R>();
    this.#waiting.push({ task, weight, settle: resolve, fail: reject });
    this.#weightWaiting += weight;
    this.#begin();
    return { ok: true, result: await promise };
  }

  /** In how many milliseconds somebody who has more of that weight is to come with it; 0: at once, nobody is in line. */
  nextTurn(weight: number): number {
    return this.#placeInLine(weight);
  }

  /** Fulfilled when nothing waits and nothing is worked on. */
  idle(): Promise<void> {
    if (this.#working === 0 && this.#waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #placeInLine(weight: number): number {
    const nowMs = performance.now();
    // Whoever was given a place did not come, or it went quicker than was thought.
    if (this.#waiting.length === 0) this.#promisedUntilMs = nowMs;
    const frontMs = nowMs + this.#weightWaiting / this.#ratePerMs;
    const turnMs = Math.max(this.#promisedUntilMs, frontMs);
    this.#promisedUntilMs = turnMs + weight / this.#ratePerMs;
    const earlyMs = EARLY * Math.min(this.#settings.longestWaitMs, this.#settings.mostWaiting / this.#ratePerMs);
    return Math.round(Math.min(LONGEST_RETRY_MS, Math.max(0, turnMs - earlyMs - nowMs)));
  }

  #begin(): void {
    const { workers, groupWeight, paceMs, restMs } = this.#settings;
    while (this.#working < workers && this.#waiting.length > 0) {
      const apartMs = Math.max(
        restMs?.() ?? 0,
        this.#weightWaiting >= groupWeight ? 0 : paceMs * Math.min(1, this.#lastGroup / WORTH_THE_PACE),
      );
      const earlyMs = apartMs === 0 ? 0 : this.#begunAtMs + apartMs - performance.now();
      if (earlyMs > 0) {
        this.#beginIn(earlyMs);
        return;
      }
      this.#begunAtMs = performance.now();
      const group: Waiting<T, R>[] = [];
      let weight = 0;
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        if (group.length > 0 && weight + next.weight > groupWeight) break;
        group.push(next);
        weight += next.weight;
        this.#waiting.shift();
      }
      this.#weightWaiting -= weight;
      this.#lastGroup = group.length;
      this.#working++;
      void this.#run(group, weight);
    }
  }

  #beginIn(delayMs: number): void {
    if (this.#isBeginning) return;
    this.#isBeginning = true;
    setTimeout(() => {
      this.#isBeginning = false;
      this.#begin();
    }, delayMs);
  }

  async #run(group: readonly Waiting<T, R>[], weight: number): Promise<void> {
    try {
      const results = await this.#work(group.map(({ task }) => task));
      group.forEach(({ settle, fail }, n) => {
        const result = results[n];
        if (result === undefined) fail(new Error(`the work gave ${results.length} results for ${group.length} tasks`));
        else settle(result);
      });
      this.#learnRate(weight);
    } catch (error) {
      for (const { fail } of group) fail(error);
    } finally {
      this.#working--;
      this.#begin();
      if (this.#working === 0 && this.#waiting.length === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  /** Only while there is more than the workers can do, and they need not rest, does what they did say how quick they are. */
  #learnRate(weight: number): void {
    const nowMs = performance.now();
    if (this.#waiting.length === 0 || (this.#settings.restMs?.() ?? 0) > 0) {
      this.#done = 0;
      this.#doneSinceMs = nowMs;
      return;
    }
    this.#done += weight;
    const forMs = nowMs - this.#doneSinceMs;
    if (forMs < 500) return;
    this.#ratePerMs = 0.5 * this.#ratePerMs + 0.5 * (this.#done / forMs);
    this.#done = 0;
    this.#doneSinceMs = nowMs;
  }
}
