import type { Condition, StatedCondition } from '#contract/condition.ts';
import type { Catalogue } from './catalogue.ts';
import { type CompiledCondition, compileCondition } from './compile-condition.ts';
import type { FaultList } from './fault-list.ts';
import { templateFaults } from './check-template.ts';
import { type SourcePath, type PolicySource, valueAt } from './policy-source.ts';
import { namesThis } from './resolve-scope.ts';

/** Where a condition stands decides what it may ask. */
export type ConditionUse = 'eligibility' | 'care' | 'other';

/** Compiles the conditions and checks the templates of one revision; equal texts are compiled once. */
export class ConditionChecker {
  readonly #catalogue: Catalogue;
  readonly #faults: FaultList;
  readonly #compiled = new Map<string, CompiledCondition>();

  constructor(catalogue: Catalogue, faults: FaultList) {
    this.#catalogue = catalogue;
    this.#faults = faults;
  }

  get catalogue(): Catalogue {
    return this.#catalogue;
  }

  /** The conjuncts of the condition written at `path`. After a fault (`whole` is false) those without one, so that others are still found. */
  state(
    source: PolicySource,
    path: SourcePath,
    use: ConditionUse,
  ): { readonly conjuncts: readonly StatedCondition[]; readonly whole: boolean } {
    const text = valueAt(source.value, path);
    if (typeof text !== 'string')
      throw new Error(`checking ${source.file}: no text at ${path.join('.')}; its schema must be checked first`);
    const compiled = this.#compile(text);
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
    const conjuncts = compiled.conjuncts.map(({ condition, text: own, offset }) => ({
      condition,
      text: own,
      file: source.file,
      line: source.lineAt(path, offset),
    }));
    return { conjuncts, whole: compiled.whole };
  }

  template(source: PolicySource, path: SourcePath, text: string): void {
    for (const { offset, reason } of templateFaults(text, this.#catalogue))
      this.#faults.add(source.file, source.lineAt(path, offset), reason);
  }

  #compile(text: string): CompiledCondition {
    let compiled = this.#compiled.get(text);
    if (compiled === undefined) {
      compiled = compileCondition(text, this.#catalogue);
      this.#compiled.set(text, compiled);
    }
    return compiled;
  }
}

/** Conjuncts as one condition. */
export const joined = (conjuncts: readonly { readonly condition: Condition }[]): Condition => {
  const [first, ...others] = conjuncts;
  if (first === undefined) return { op: 'literal', value: true };
  return others.length === 0
    ? first.condition
    : { op: 'and', of: conjuncts.flatMap(({ condition }) => (condition.op === 'and' ? condition.of : [condition])) };
};
