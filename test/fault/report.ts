import { expect } from 'vitest';

/** What a suite over faults came to: how much was done, how much went wrong, and what that did to what had been promised. */
export interface FaultReport {
  readonly operations: number;
  readonly faults: number;
  /** Acknowledged and not there. */
  readonly lost: number;
  readonly doubled: number;
  /** There and never asked for. */
  readonly phantom: number;
}

/** Prints what was seen, and fails where fewer faults struck than planned or any promise was broken. */
export function report(promise: string, seen: FaultReport, planned: { readonly faults: number }): void {
  const { operations, faults, lost, doubled, phantom } = seen;
  console.log(`${promise}: ${operations} operations, ${faults} faults, ${lost} lost, ${doubled} doubled, ${phantom} phantom`);
  expect(faults, 'faults that struck').toBeGreaterThanOrEqual(planned.faults);
  expect({ lost, doubled, phantom }).toEqual({ lost: 0, doubled: 0, phantom: 0 });
}
