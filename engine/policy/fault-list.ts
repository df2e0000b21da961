import type { PolicyFault } from '#contract/policy.ts';
import { compareText } from './compare-text.ts';

/** Collects faults while a revision is checked; the same fault reached on two ways is listed once. */
export class FaultList {
  readonly #faults = new Map<string, PolicyFault>();

  /** `line` is 1-based. */
  add(file: string, line: number, reason: string): void {
    this.#faults.set(`${file}\n${line}\n${reason}`, { file, line, reason });
  }

  get count(): number {
    return this.#faults.size;
  }

  /** Sorted by file, line, reason. */
  sorted(): readonly PolicyFault[] {
    return [...this.#faults.values()].toSorted((a, b) => compareText(a.file, b.file) || a.line - b.line || compareText(a.reason, b.reason));
  }
}
