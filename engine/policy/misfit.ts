import type { Comparison, Literal } from '#contract/condition.ts';
import { OperandReader, type TypedOperand } from './read-operand.ts';

/** Why a comparison makes no sense for what stands on its left, which is written as `name`; or null. */
export const misfit = (left: TypedOperand, is: Comparison, right: Literal, name: string): string | null => {
  const ordering = is !== '==' && is !== '!=';
  switch (left.type) {
    case 'number':
      if (typeof right !== 'number') return `${name} is ${left.words} and is compared with ${wordsOf(right)}: write a number`;
      if (left.wholeFromZero === true && (!Number.isInteger(right) || right < 0))
        return `${name} counts whole things: compare it with 0, 1, 2 …`;
      if (left.unitMs !== undefined && !ordering)
        return `${name} runs on while time passes, so it is never exactly ${right}: use <, <=, >= or >`;
      return null;
    case 'boolean':
      if (ordering) return `${name} is yes/no and has no order: write ${name} or !${name}`;
      return typeof right === 'boolean' ? null : `${name} is yes/no and is compared with ${wordsOf(right)}: write ${name} or !${name}`;
    case 'enum':
    case 'text':
      if (ordering) return `${name} is ${left.words} and has no order: use ==, != or "in"`;
      if (typeof right !== 'string') return `${name} is ${left.words} and is compared with ${wordsOf(right)}: write a text in quotes`;
      if (left.type === 'text' || left.values?.includes(right) === true) return null;
      return OperandReader.unknownEnumValue(left, right, name);
    case 'set':
      return `${name} is a set: write "value" in ${name}`;
    case 'time':
      return `${name} is a time: use within(${name}, "14d"), daysSince(${name}) or hoursSince(${name})`;
  }
};

const wordsOf = (value: Literal): string =>
  typeof value === 'number' ? `the number ${value}` : typeof value === 'string' ? `the text "${value}"` : `${value}`;
