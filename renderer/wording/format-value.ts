import type { IntlShape } from 'react-intl';
import type { ContributionsView } from '#contract/desk.ts';
import type { TextOf } from './use-text.ts';

type Part = Extract<ContributionsView, { exact: true }>['parts'][number];

const DAY_MS = 86_400_000;
const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** Ms since 1970 as a date and a time; midnight is how a date without a time arrives. */
export const formatMoment = (intl: IntlShape, atMs: number): string =>
  atMs % DAY_MS === 0
    ? intl.formatDate(atMs, { dateStyle: 'medium', timeZone: 'UTC' })
    : intl.formatDate(atMs, { dateStyle: 'medium', timeStyle: 'short' });

/** A number with its unit: money where the unit is a currency. */
export function formatQuantity(intl: IntlShape, value: number, unit: string | undefined): string {
  if (unit === undefined) return intl.formatNumber(value);
  return CURRENCIES.has(unit)
    ? intl.formatNumber(value, { style: 'currency', currency: unit })
    : `${intl.formatNumber(value)}\u00a0${unit}`;
}

/** A value of the catalogue as its type is written. */
export function formatField(
  intl: IntlShape,
  text: TextOf,
  type: Part['type'] | 'said',
  value: Part['value'],
  unit: string | undefined,
): string {
  if (value === null) return text('value.unknown');
  if (typeof value === 'boolean') return text(value ? 'value.yes' : 'value.no');
  if (typeof value === 'string') return value;
  if (typeof value !== 'number') return value.length === 0 ? text('value.none') : intl.formatList(value);
  return type === 'time' ? formatMoment(intl, value) : formatQuantity(intl, value, unit);
}
