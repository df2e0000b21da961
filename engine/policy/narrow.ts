/**
 * What a conjunction of conditions leaves possible, operand by operand.
 *
 * Sound, not complete: when `narrow` gives null no customer can ever meet the conditions; when it does
 * not, they may still exclude each other in a way it does not look at (relations between two fields).
 */
import type { CheckedField } from '#contract/checked-policy.ts';
import { type Comparison, type Condition, type Literal, type Operand, OPPOSITE } from '#contract/condition.ts';

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

/** What has values that can be narrowed: an operand, a value in a set, something said. */
type Subject = Operand | Extract<Condition, { op: 'has' | 'said' }>;

/** What was narrowed, the last one first; everything else may have any value. Never changed in place. */
export interface Domains {
  readonly subject: Subject | null;
  readonly domain: Domain;
  readonly earlier: Domains | null;
}

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
      return restrict(
        domains,
        condition.left,
        compared(domainOf(domains, condition.left, fields), opposite ? OPPOSITE[condition.is] : condition.is, condition.right),
      );
    case 'in': {
      const domain = domainOf(domains, condition.left, fields);
      return restrict(
        domains,
        condition.left,
        opposite ? withValues(domain, domain.only, [...domain.not, ...condition.set]) : listed(domain, condition.set),
      );
    }
    case 'has':
    case 'said':
      return restrict(domains, condition, listed(domainOf(domains, condition, fields), [!opposite]));
    case 'literal':
      return condition.value === opposite ? null : domains;
  }
};

/** Whether anything is left of `domains` narrowed by a condition, or by its opposite. */
export const isPossible = (domains: Domains, condition: Condition, fields: Fields, opposite = false): boolean =>
  (condition.op === 'or' && !opposite) || (condition.op === 'and' && opposite)
    ? condition.of.some((part) => isPossible(domains, part, fields, opposite))
    : narrow(domains, condition, fields, opposite) !== null;

const narrowAll = (domains: Domains, parts: readonly Condition[], fields: Fields, opposite: boolean): Domains | null => {
  let left: Domains | null = domains;
  for (const part of parts) {
    left = narrow(left, part, fields, opposite);
    if (left === null) return null;
  }
  return left;
};

const narrowAny = (domains: Domains, parts: readonly Condition[], fields: Fields, opposite: boolean): Domains | null => {
  const ways = parts.flatMap((part) => narrow(domains, part, fields, opposite) ?? []);
  const [first, ...others] = ways;
  if (first === undefined || others.length === 0) return first ?? null;
  // What every way narrows is narrowed to all of them together.
  let joined = domains;
  const seen: Subject[] = [];
  for (let cell: Domains | null = first; cell !== null && cell !== domains; cell = cell.earlier) {
    const { subject, domain } = cell;
    if (subject === null || seen.some((other) => isSame(other, subject))) continue;
    seen.push(subject);
    const together = others.reduce<Domain>((sum, way) => union(sum, domainOf(way, subject, fields)), domain);
    joined = { subject, domain: together, earlier: joined };
  }
  return joined;
};

const ANY: Domain = { low: -Infinity, lowOpen: false, high: Infinity, highOpen: false, only: null, not: [], all: null, whole: false };
const YES_NO: Domain = { ...ANY, all: [true, false] };
const FROM_ZERO: Domain = { ...ANY, low: 0 };
const COUNT: Domain = { ...FROM_ZERO, whole: true };
/** Built-in numbers that are never negative. */
const CALL_FROM_ZERO: ReadonlySet<string> = new Set(['call.elapsedS', 'call.customerSilentS', 'call.intentConfidence']);
const CALL_COUNTS: ReadonlySet<string> = new Set(['call.holds', 'call.transfers', 'call.queueWaiting']);

/** Nothing narrowed yet. */
export const EVERYTHING: Domains = { subject: null, domain: ANY, earlier: null };

const domainOf = (domains: Domains, subject: Subject, fields: Fields): Domain => {
  for (let cell: Domains | null = domains; cell !== null; cell = cell.earlier) {
    if (cell.subject !== null && isSame(cell.subject, subject)) return cell.domain;
  }
  return anyOf(subject, fields);
};

const anyOf = (subject: Subject, fields: Fields): Domain => {
  if ('op' in subject) return YES_NO;
  if (subject.kind === 'count') return COUNT;
  if (subject.kind === 'since') return ANY;
  if (CALL_COUNTS.has(subject.path)) return COUNT;
  if (CALL_FROM_ZERO.has(subject.path)) return FROM_ZERO;
  const field = fields.get(subject.path);
  if (field?.type === 'boolean') return YES_NO;
  return field?.type === 'enum' && field.values !== undefined ? { ...ANY, all: field.values } : ANY;
};

const isSame = (one: Subject, other: Subject): boolean => {
  if (one === other) return true;
  if ('op' in one || 'op' in other) {
    if (!('op' in one) || !('op' in other) || one.op !== other.op) return false;
    if (one.op === 'has') return other.op === 'has' && one.path === other.path && one.value === other.value;
    return other.op === 'said' && one.by === other.by && one.phrases.join('\n') === other.phrases.join('\n');
  }
  if (one.kind !== other.kind) return false;
  if (one.kind !== 'count' || other.kind !== 'count') return 'path' in one && 'path' in other && one.path === other.path;
  return (
    one.outcome === other.outcome &&
    one.windowMs === other.windowMs &&
    one.channel === other.channel &&
    one.scope.of === other.scope.of &&
    (one.scope.of === 'any' || other.scope.of === 'any' || one.scope.name === other.scope.name)
  );
};

const restrict = (domains: Domains, subject: Subject, domain: Domain): Domains | null =>
  isEmpty(domain) ? null : { subject, domain, earlier: domains };

const compared = (domain: Domain, is: Comparison, value: Literal): Domain => {
  if (is === '==') return listed(domain, [value]);
  if (is === '!=') return withValues(domain, domain.only, [...domain.not, value]);
  if (typeof value !== 'number') return domain;
  if (is === '>' || is === '>=') {
    const open = is === '>';
    if (value < domain.low || (value === domain.low && (domain.lowOpen || !open))) return domain;
    return withBounds(domain, value, open, domain.high, domain.highOpen);
  }
  const open = is === '<';
  if (value > domain.high || (value === domain.high && (domain.highOpen || !open))) return domain;
  return withBounds(domain, domain.low, domain.lowOpen, value, open);
};

const listed = (domain: Domain, values: readonly Literal[]): Domain =>
  withValues(domain, domain.only === null ? values : domain.only.filter((value) => values.includes(value)), domain.not);

const withValues = (domain: Domain, only: Domain['only'], not: Domain['not']): Domain =>
  narrowed(domain, domain.low, domain.lowOpen, domain.high, domain.highOpen, only, not);

const withBounds = (domain: Domain, low: number, lowOpen: boolean, high: number, highOpen: boolean): Domain =>
  narrowed(domain, low, lowOpen, high, highOpen, domain.only, domain.not);

// Written out, because spreading an object is slow in a process that has just started.
const narrowed = (
  { all, whole }: Domain,
  low: number,
  lowOpen: boolean,
  high: number,
  highOpen: boolean,
  only: Domain['only'],
  not: Domain['not'],
): Domain => ({ low, lowOpen, high, highOpen, only, not, all, whole });

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
  if (domain.whole && !Number.isInteger(value)) return false;
  if (domain.lowOpen ? value <= domain.low : value < domain.low) return false;
  return domain.highOpen ? value < domain.high : value <= domain.high;
};

/** The values of a domain, where they are few enough to be listed. */
const valuesOf = (domain: Domain): readonly Literal[] | null =>
  (domain.only ?? domain.all)?.filter((value) => isAllowed(domain, value)) ?? null;

/** Everything either domain of one subject allows, and no more than its bounds need. */
const union = (one: Domain, other: Domain): Domain => {
  const [ones, others] = [valuesOf(one), valuesOf(other)];
  const only = ones !== null && others !== null ? [...new Set([...ones, ...others])] : null;
  const [a, b] = [spanOf(one, ones), spanOf(other, others)];
  const low = a.low < b.low || (a.low === b.low && !a.lowOpen) ? a : b;
  const high = a.high > b.high || (a.high === b.high && !a.highOpen) ? a : b;
  return {
    low: low.low,
    lowOpen: low.lowOpen,
    high: high.high,
    highOpen: high.highOpen,
    only,
    not: [...one.not.filter((value) => !isAllowed(other, value)), ...other.not.filter((value) => !isAllowed(one, value))],
    all: one.all,
    whole: one.whole,
  };
};

type Span = Pick<Domain, 'low' | 'lowOpen' | 'high' | 'highOpen'>;

const spanOf = (domain: Domain, values: readonly Literal[] | null): Span => {
  const numbers = values?.filter((value) => typeof value === 'number') ?? [];
  if (numbers.length === 0) return domain;
  return { low: Math.min(...numbers), lowOpen: false, high: Math.max(...numbers), highOpen: false };
};
