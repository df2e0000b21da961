import type { Condition, StatedCondition } from '#contract/condition.ts';
import type { Catalogue } from './catalogue.ts';
import { type CompiledCondition, compileCondition, type Conjunct } from './compile-condition.ts';
import type { FaultList } from './fault-list.ts';
import { templateFaults } from './check-template.ts';
import type { PolicySource, SourcePath } from './policy-source.ts';
import { ComparisonReader } from './read-comparison.ts';
import { namesThis } from './resolve-scope.ts';

/** Where a condition stands decides what it may ask. */
export type ConditionUse = 'eligibility' | 'care' | 'other';

/** What a condition's text states, conjunct by conjunct. */
export interface Stated {
  readonly conjuncts: readonly StatedCondition[];
  readonly whole: boolean;
}

/** Compiles the conditions and checks the templates of one revision; what the library must parse is compiled once. */
export class ConditionChecker {
  readonly #catalogue: Catalogue;
  readonly #faults: FaultList;
  readonly #comparisons: ComparisonReader;
  readonly #compiled = new Map<string, CompiledCondition>();

  constructor(catalogue: Catalogue, faults: FaultList) {
    this.#catalogue = catalogue;
    this.#comparisons = new ComparisonReader(catalogue.fields);
    this.#faults = faults;
  }

  get catalogue(): Catalogue {
    return this.#catalogue;
  }

  /** The conjuncts of the condition `text` written at `path`. After a fault (`whole` is false) those without one, so that others are still found. */
  state(source: PolicySource, path: SourcePath, text: string, use: ConditionUse): Stated {
    const compiled = this.#compile(text);
    if (compiled.faults.length > 0 || compiled.protected.size > 0 || use === 'care') this.#check(compiled, source, path, use);
    return { conjuncts: statedAt(compiled.conjuncts, source, path), whole: compiled.whole };
  }

  #check(compiled: CompiledCondition, source: PolicySource, path: SourcePath, use: ConditionUse): void {
    const add = (offset: number, reason: string): void => this.#faults.add(source.file, source.lineAt(path, offset), reason);
    for (const { offset, reason } of compiled.faults) add(offset, reason);
    if (use === 'other') {
      for (const [field, offset] of compiled.protected)
        add(offset, `${field} is a protected field: only eligibility and care rules may ask for it`);
    }
    if (use === 'care') {
      for (const { condition, offset } of compiled.conjuncts) {
        if (namesThis(condition))
          add(offset, 'a care rule is about the call, not about one action: count "any", action:ID, group:NAME or issue:NAME');
      }
    }
  }

  template(source: PolicySource, path: SourcePath, text: string): void {
    for (const { offset, reason } of templateFaults(text, this.#catalogue))
      this.#faults.add(source.file, source.lineAt(path, offset), reason);
  }

  #compile(text: string): CompiledCondition {
    // Read again rather than kept: thousands of kept ones cost more than the few that repeat.
    const comparison = this.#comparisons.read(text);
    if (comparison !== null) return comparison;
    let compiled = this.#compiled.get(text);
    if (compiled === undefined) {
      compiled = compileCondition(text, this.#catalogue);
      this.#compiled.set(text, compiled);
    }
    return compiled;
  }
}

const statedAt = (conjuncts: readonly Conjunct[], source: PolicySource, path: SourcePath): readonly StatedCondition[] =>
  conjuncts.map(({ condition, text, offset }) => ({ condition, text, file: source.file, line: source.lineAt(path, offset) }));

/** Conjuncts as one condition. */
export const joined = (conjuncts: readonly { readonly condition: Condition }[]): Condition => {
  const first = conjuncts[0];
  if (first === undefined) return { op: 'literal', value: true };
  return conjuncts.length === 1
    ? first.condition
    : { op: 'and', of: conjuncts.flatMap(({ condition }) => (condition.op === 'and' ? condition.of : [condition])) };
};
