/** A condition in words beside what was found: per operand its label, the customer's value and what was required. */
import { at } from './at.ts';
import { type Comparison, type Condition, type Operand, type StatedCondition, OPPOSITE } from '#contract/condition.ts';
import type { Verdict } from '#contract/decision.ts';
import type { CompiledRevision } from './compile-revision.ts';
import type { FieldFact } from './facts.ts';
import type { Candidates } from './filter.ts';
import { isoFromMs } from './iso-time.ts';

type Stated = NonNullable<Verdict['condition']>;
type OperandFound = Stated['operands'][number];

const SIGN: Readonly<Record<Comparison, string>> = {
  '<': 'less than',
  '<=': 'at most',
  '==': 'is',
  '!=': 'is not',
  '>=': 'at least',
  '>': 'more than',
};

/** `required` is what the condition asks for; `isForbidden` turns that round for conditions that must be false. */
export function describeCondition(
  compiled: CompiledRevision,
  candidates: Candidates,
  stated: StatedCondition,
  isForbidden: boolean,
): Stated {
  const operands = new Describer(compiled, candidates).describe(stated.condition, isForbidden);
  return { text: stated.text, file: stated.file, line: stated.line, operands };
}

class Describer {
  readonly #compiled: CompiledRevision;
  readonly #candidates: Candidates;

  constructor(compiled: CompiledRevision, candidates: Candidates) {
    this.#compiled = compiled;
    this.#candidates = candidates;
  }

  describe(condition: Condition, negated: boolean): readonly OperandFound[] {
    switch (condition.op) {
      case 'and':
      case 'or':
        return condition.of.flatMap((part) => this.describe(part, negated));
      case 'not':
        return this.describe(condition.of, !negated);
      case 'literal':
        return [];
      case 'compare': {
        const is = negated ? OPPOSITE[condition.is] : condition.is;
        const { left, right } = condition;
        if (typeof right === 'boolean') return [this.#operand(left, right === (is === '==') ? 'yes' : 'no')];
        return [this.#operand(left, `${SIGN[is]} ${this.#literal(left, right)}`)];
      }
      case 'in': {
        const options = condition.set.map((item) => this.#literal(condition.left, item)).join(', ');
        return [this.#operand(condition.left, `${negated ? 'none of' : 'one of'} ${options}`)];
      }
      case 'has': {
        const found = this.#candidates.field(condition.path);
        return [{ label: this.#field(condition.path).label, found, required: `${negated ? 'without' : 'contains'} ${condition.value}` }];
      }
      case 'said':
        return [this.#said(condition, negated)];
    }
  }

  #said(condition: Extract<Condition, { op: 'said' }>, negated: boolean): OperandFound {
    const { lists } = this.#compiled.slots;
    const { facts } = this.#candidates;
    const heard = facts.said.find(([list]) => {
      const known = lists[list];
      return known?.by === condition.by && JSON.stringify(known.phrases) === JSON.stringify(condition.phrases);
    });
    const who = condition.by === 'anyone' ? 'Anyone' : condition.by === 'agent' ? 'Agent' : 'Customer';
    const nothing = facts.eventsMissing ? null : false;
    return {
      label: `${who} said`,
      found: heard === undefined ? nothing : (condition.phrases[heard[1]] ?? true),
      required: `${negated ? 'none of' : 'one of'} ${condition.phrases.join(', ')}`,
    };
  }

  #operand(operand: Operand, required: string): OperandFound {
    switch (operand.kind) {
      case 'field': {
        const { label, type } = this.#field(operand.path);
        const value = this.#candidates.field(operand.path);
        return { label, found: type === 'time' && typeof value === 'number' ? isoFromMs(value) : value, required };
      }
      case 'since': {
        const value = this.#candidates.field(operand.path);
        const found = typeof value === 'number' ? lengthOfTime(this.#candidates.nowMs - value) : null;
        return { label: `Time since ${this.#field(operand.path).label}`, found, required };
      }
      case 'count': {
        const of = operand.scope.of === 'any' ? 'any action' : `${operand.scope.of} ${operand.scope.name}`;
        const through = operand.channel === undefined ? '' : ` by ${operand.channel}`;
        const label = `Times ${operand.outcome}${through} in ${lengthOfTime(operand.windowMs)}, ${of}`;
        return { label, found: this.#count(operand), required };
      }
    }
  }

  #count(operand: Extract<Operand, { kind: 'count' }>): FieldFact {
    const { slots } = this.#compiled;
    const counts = slots.slots.filter((slot) => slot.kind === 'count');
    const slot = slots.slots[slots.operand(operand)];
    return this.#candidates.facts.counts[counts.findIndex((count) => count === slot)] ?? null;
  }

  #literal(operand: Operand, literal: string | number | boolean): string {
    if (operand.kind === 'since' && typeof literal === 'number') return lengthOfTime(literal);
    if (operand.kind !== 'field') return String(literal);
    const { type, unit } = this.#field(operand.path);
    if (type === 'time' && typeof literal === 'number') return isoFromMs(literal);
    return unit === undefined ? String(literal) : `${literal} ${unit}`;
  }

  #field(path: string): CompiledRevision['revision']['fields'][number] {
    return at(this.#compiled.revision.fields, this.#compiled.slots.field(path));
  }
}

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
] as const;

/** The two largest units that are not zero: `2 d 4 h`. */
function lengthOfTime(ms: number): string {
  const sign = ms < 0 ? '−' : '';
  let rest = ms < 0 ? -ms : ms;
  const parts: string[] = [];
  for (const [unitMs, name] of UNITS) {
    const whole = Math.floor(rest / unitMs);
    rest -= whole * unitMs;
    if (whole > 0 && parts.length < 2) parts.push(`${whole} ${name}`);
  }
  return parts.length === 0 ? '0 s' : sign + parts.join(' ');
}
