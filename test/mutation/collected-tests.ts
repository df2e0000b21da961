/** Stands in for vitest while mutants are tried: keeps the tests of a file instead of running them, so that they can be run again and again. */
import { inspect } from 'node:util';
import { expect as expectIndeed } from 'vitest';

/** What a test expects is asked as ever. */
export const expect = expectIndeed;

export interface CollectedTest {
  readonly id: string;
  readonly file: string;
  readonly run: () => void | Promise<void>;
}

type Body<A extends readonly unknown[]> = (...values: A) => void | Promise<void>;

const collected: CollectedTest[] = [];
const within: string[] = [];
let file = '';

/** The tests of the files imported so far, in the order in which they stand. */
export const tests: readonly CollectedTest[] = collected;

export function beginFile(name: string): void {
  file = name;
}

export const it = Object.assign(
  (name: string, ...given: readonly (Body<[]> | object | number)[]): void => {
    // Options stand before what runs, a time limit behind it.
    const run = given.find((one) => typeof one === 'function') as Body<[]>;
    const id = [file, ...within, name].join(' > ');
    // Two tests of a loop may have one name.
    const twins = collected.filter((other) => other.id === id || other.id.startsWith(`${id} #`)).length;
    collected.push({ id: twins === 0 ? id : `${id} #${twins + 1}`, file, run });
  },
  {
    each:
      (values: readonly unknown[]) =>
      (name: string, run: Body<readonly never[]>): void => {
        for (const value of values) it(named(name, value), () => run(...((Array.isArray(value) ? value : [value]) as never[])));
      },
  },
);

export const describe = Object.assign(
  (name: string, tell: () => void): void => {
    within.push(name);
    tell();
    within.pop();
  },
  {
    each:
      <T>(values: readonly T[]) =>
      (name: string, tell: (value: T) => void): void => {
        for (const value of values) describe(named(name, value), () => tell(value));
      },
  },
);

/** `$key` is the value's own; `%s` and the like are whatever the value is. */
function named(name: string, value: unknown): string {
  const own = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  return name.replaceAll(/\$(\w+)/g, (_, key: string) => String(own[key])).replaceAll(/%[sdijo]/g, () => inspect(value).slice(0, 40));
}
