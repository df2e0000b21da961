/**
 * What a conjunction of conditions leaves possible, operand by operand.
 *
 * Sound, not complete: when `narrow` gives null no customer can ever meet the conditions; when it does
 * not, they may still exclude each other in a way it does not look at (relations between two fields).
 */
import type { CheckedField } from '#contract/checked-policy.ts';
import type { Comparison, Condition, Literal, Operand } from '#contract/condition.ts';

/** The values an operand may still have. */
interface Domain {
  readonly low: number;
  readonly lowOpen: boolean;
  readonly high: number;
  readonly highOpen: boolean;
  /** Only these; null = no list. */
  readonly only: readonly Literal[] | null;
  readonly not: readonly Literal[];
  /** Every value there is, for enum and yes/no. */
  readonly all: readonly Literal[] | null;
  readonly whole: boolean;
}

/** Operands that were narrowed; the others may have any value. Never changed in place. */
export type Domains = ReadonlyMap<string, Domain>;

export const EVERYTHING: Domains = new Map();

type Fields = ReadonlyMap<string, CheckedField>;

/** `domains` further narrowed by a condition, or by its opposite; null when nothing is left. */
export const narrow = (domains: Domains, condition: Condition, fields: Fields, opposite = false): Domains | null => {
  switch (condition.op) {
    case 'and':
    case 'or':
      return (condition.op === 'and') === opposite
        ? narrowAny(domains, condition.of, fields, opposite)
        : narrowAll(domains, condition.of, fields, opposite);
    case 'not':
      return narrow(domains, condition.of, fields, !opposite);
    case 'compare':
      return restrict(domains, keyOf(condition.left), anyOf(condition.left, fields), (domain) =>
        compared(domain, opposite ? OPPOSITE[condition.is] : condition.is, condition.right),
      );
    case 'in':
      return restrict(domains, keyOf(condition.left), anyOf(condition.left, fields), (domain) =>
        opposite ? { ...domain, not: [...domain.not, ...condition.set] } : listed(domain, condition.set),
      );
    case 'has':
      return restrict(domains, `has ${condition.path} ${condition.value}`, YES_NO, (domain) => listed(domain, [!opposite]));
    case 'said':
      return restrict(domains, `said ${condition.by} ${condition.phrases.join('\n')}`, YES_NO, (domain) => listed(domain, [!opposite]));
    case 'literal':
      return condition.value === opposite ? null : domains;
  }
};

const narrowAll = (domains: Domains, parts: readonly Condition[], fields: Fields, opposite: boolean): Domains | null => {
  let left: Domains | null = domains;
  for (const part of parts) {
    left = narrow(left, part, fields, opposite);
    if (left === null) return null;
  }
  return left;
};

const narrowAny = (domains: Domains, parts: readonly Condition[], fields: Fields, opposite: boolean): Domains | null => {
  let survivor: Domains | null = null;
  let survivors = 0;
  for (const part of parts) {
    const left = narrow(domains, part, fields, opposite);
    if (left === null) continue;
    survivor = left;
    survivors++;
  }
  return survivors > 1 ? domains : survivor;
};

const OPPOSITE: Readonly<Record<Comparison, Comparison>> = { '<': '>=', '<=': '>', '==': '!=', '!=': '==', '>=': '<', '>': '<=' };

const ANY: Domain = { low: -Infinity, lowOpen: false, high: Infinity, highOpen: false, only: null, not: [], all: null, whole: false };
const YES_NO: Domain = { ...ANY, all: [true, false] };
const COUNT: Domain = { ...ANY, low: 0, whole: true };

const anyOf = (operand: Operand, fields: Fields): Domain => {
  if (operand.kind === 'count') return COUNT;
  if (operand.kind === 'since') return ANY;
  const field = fields.get(operand.path);
  if (field?.type === 'boolean') return YES_NO;
  return field?.type === 'enum' && field.values !== undefined ? { ...ANY, all: field.values } : ANY;
};

const keyOf = (operand: Operand): string => {
  if (operand.kind !== 'count') return `${operand.kind} ${operand.path}`;
  const { outcome, scope, channel, windowMs } = operand;
  return `count ${outcome} ${scope.of} ${scope.of === 'any' ? '' : scope.name} ${channel ?? ''} ${windowMs}`;
};

const restrict = (domains: Domains, key: string, start: Domain, by: (domain: Domain) => Domain): Domains | null => {
  const domain = by(domains.get(key) ?? start);
  return isEmpty(domain) ? null : new Map(domains).set(key, domain);
};

const compared = (domain: Domain, is: Comparison, value: Literal): Domain => {
  if (is === '==') return listed(domain, [value]);
  if (is === '!=') return { ...domain, not: [...domain.not, value] };
  if (typeof value !== 'number') return domain;
  if (is === '>' || is === '>=') {
    const open = is === '>';
    if (value < domain.low || (value === domain.low && (domain.lowOpen || !open))) return domain;
    return { ...domain, low: value, lowOpen: open };
  }
  const open = is === '<';
  if (value > domain.high || (value === domain.high && (domain.highOpen || !open))) return domain;
  return { ...domain, high: value, highOpen: open };
};

const listed = (domain: Domain, values: readonly Literal[]): Domain => ({
  ...domain,
  only: domain.only === null ? values : domain.only.filter((value) => values.includes(value)),
});

const isEmpty = (domain: Domain): boolean => {
  const values = domain.only ?? domain.all;
  if (values !== null) return !values.some((value) => isAllowed(domain, value));
  if (!domain.whole) return domain.low > domain.high || (domain.low === domain.high && !isAllowed(domain, domain.low));
  const first = domain.lowOpen ? Math.floor(domain.low) + 1 : Math.ceil(domain.low);
  const last = domain.highOpen ? Math.ceil(domain.high) - 1 : Math.floor(domain.high);
  // Only as many values can be excluded as are listed: one more than those is enough to look at.
  for (let value = first; value <= last && value <= first + domain.not.length; value++) if (isAllowed(domain, value)) return false;
  return true;
};

const isAllowed = (domain: Domain, value: Literal): boolean => {
  if (domain.not.includes(value)) return false;
  if (domain.all !== null && !domain.all.includes(value)) return false;
  if (typeof value !== 'number') return true;
  if (domain.lowOpen ? value <= domain.low : value < domain.low) return false;
  return domain.highOpen ? value < domain.high : value <= domain.high;
};
