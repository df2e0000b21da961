/**
 * The one comparison nearly every condition is, read without the library: `profile.tenureMonths >= 12`,
 * `profile.plan == "plus"`, `profile.plan in ["basic", "plus"]`.
 *
 * A short cut, not a second reading: whatever is not such a comparison beyond doubt, or has a fault, is left to
 * compile-condition.ts, which gives the same for whatever is read here (test/policy/condition-properties.test.ts). The library
 * takes twenty times as long.
 */
import type { CheckedField } from '#contract/checked-policy.ts';
import type { Comparison, Condition } from '#contract/condition.ts';
import type { CompiledCondition } from './compile-condition.ts';
import { misfit } from './misfit.ts';
import { MAX_LISTED } from './parse-cel.ts';
import { operandOf, type TypedOperand } from './read-operand.ts';

const COMPARISONS: ReadonlyMap<string, Comparison> = new Map((['<', '<=', '==', '!=', '>=', '>'] as const).map((is) => [is, is]));
const NUMBER = /^[0-9]{1,15}(?:\.[0-9]{1,15})?$/;
const TEXT = /^"[^"\\\n\r]*"$/;
const TEXTS = /^\["[^"\\\n\r]*"(?:, ?"[^"\\\n\r]*")*\]$/;
/** Names that are words of the language are none of a field. */
const NAME = /^(?:profile|journey|model|call)\.(?!(?:in|true|false|null)$)[A-Za-z]\w*$/;

const NO_FAULTS: CompiledCondition['faults'] = [];
const NONE_PROTECTED: CompiledCondition['protected'] = new Map();

export class ComparisonReader {
  readonly #operands = new Map<string, TypedOperand>();

  constructor(fields: ReadonlyMap<string, CheckedField>) {
    for (const field of fields.values()) {
      // Where a protected field may stand is asked of its place in the text.
      if (field.kind !== 'protected' && NAME.test(field.path)) this.#operands.set(field.path, operandOf(field));
    }
  }

  /** What compileCondition gives for the text, or null when that must be asked. */
  read(text: string): CompiledCondition | null {
    const nameEnd = text.indexOf(' ');
    const isEnd = text.indexOf(' ', nameEnd + 1);
    if (nameEnd < 0 || isEnd < 0) return null;
    const name = text.slice(0, nameEnd);
    const left = this.#operands.get(name);
    if (left === undefined) return null;
    const is = text.slice(nameEnd + 1, isEnd);
    const right = text.slice(isEnd + 1);
    const condition = is === 'in' ? listed(left, right, name) : compared(left, COMPARISONS.get(is), right, name);
    return condition && { conjuncts: [{ condition, text, offset: 0 }], whole: true, faults: NO_FAULTS, protected: NONE_PROTECTED };
  }
}

const compared = (left: TypedOperand, is: Comparison | undefined, written: string, name: string): Condition | null => {
  if (is === undefined) return null;
  const right = NUMBER.test(written) ? Number(written) : TEXT.test(written) ? written.slice(1, -1) : null;
  return right === null || misfit(left, is, right, name) !== null ? null : { op: 'compare', left: left.operand, is, right };
};

const listed = (left: TypedOperand, written: string, name: string): Condition | null => {
  if (!TEXTS.test(written)) return null;
  const set: string[] = [];
  for (let open = written.indexOf('"'); open >= 0; ) {
    const close = written.indexOf('"', open + 1);
    const value = written.slice(open + 1, close);
    if (misfit(left, '==', value, name) !== null) return null;
    set.push(value);
    open = written.indexOf('"', close + 1);
  }
  if (set.length > MAX_LISTED) return null;
  return { op: 'in', left: left.operand, set };
};
