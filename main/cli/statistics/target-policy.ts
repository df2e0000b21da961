/** How likely another policy makes each choice, by action and place, as a file says it. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { DataFileFault } from '../datasets/data-file-fault.ts';

/** The form of Open Bandit's references: `action_dist[action][position]`; one number an action where there are no positions. */
const PolicyFile = z.looseObject({
  action_dist: z.array(z.union([z.number().min(0).max(1), z.array(z.number().min(0).max(1)).min(1)])).min(1),
});

/** Probabilities written with few digits add up to one within this. */
const ROUNDED = 0.01;

export class TargetPolicy {
  readonly #file: string;
  readonly #byAction: readonly (readonly number[])[];

  /** Throws a DataFileFault where it is no policy. */
  static async read(file: string): Promise<TargetPolicy> {
    let given: unknown;
    try {
      given = JSON.parse(await readFile(file, 'utf8'));
    } catch (error) {
      if (error instanceof Error && 'code' in error) throw error;
      throw new DataFileFault(file, 'is no JSON', { cause: error });
    }
    const parsed = PolicyFile.safeParse(given);
    if (!parsed.success)
      throw new DataFileFault(file, 'has no "action_dist" of probabilities by action, or by action and position', { cause: parsed.error });
    return new TargetPolicy(
      file,
      parsed.data.action_dist.map((one) => (typeof one === 'number' ? [one] : one)),
    );
  }

  private constructor(file: string, byAction: readonly (readonly number[])[]) {
    this.#file = file;
    this.#byAction = byAction;
    const places = byAction[0]?.length ?? 0;
    if (byAction.some((one) => one.length !== places)) throw new DataFileFault(file, 'does not have the same positions for every action');
    for (let place = 0; place < places; place++) {
      const sum = byAction.reduce((total, one) => total + (one[place] ?? 0), 0);
      if (Math.abs(sum - 1) > ROUNDED)
        throw new DataFileFault(file, `the probabilities of position ${place + 1} add up to ${sum}, not to 1`);
    }
  }

  get actions(): number {
    return this.#byAction.length;
  }

  get places(): number {
    return this.#byAction[0]?.length ?? 0;
  }

  /** Throws a DataFileFault for an action or a place it does not have; actions count from 0, positions from 1. */
  probability(action: number, position: number): number {
    const found = this.#byAction[action]?.[position - 1];
    if (found === undefined)
      throw new DataFileFault(
        this.#file,
        `has no action ${action} at position ${position}: actions count from 0 to ${this.actions - 1}, positions from 1 to ${this.places}`,
      );
    return found;
  }
}
