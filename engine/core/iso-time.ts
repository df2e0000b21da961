/** ISO 8601 / RFC 3339 moments to milliseconds and back, exactly, with no clock, zone or locale of the machine. */

const MOMENT = /^(\d{4})-(\d{2})-(\d{2})(?:[Tt](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?([Zz]|[+-]\d{2}:\d{2}))?$/;
const DAY_MS = 86_400_000;
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** Days from 1970-01-01 to the first of March of a year (proleptic Gregorian). */
const daysToMarch = (year: number): number => year * 365 + Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400) - 719_468;

function daysFromDate(year: number, month: number, day: number): number {
  const shifted = month > 2 ? month - 3 : month + 9;
  return daysToMarch(month > 2 ? year : year - 1) + Math.floor((153 * shifted + 2) / 5) + day - 1;
}

/**
 * Milliseconds since 1970-01-01T00:00:00Z; NaN when it is not a moment: no such day, a leap second, or a time of day
 * without an offset (whose zone nobody knows). A date alone is its midnight in UTC. Digits below a millisecond are cut.
 */
export function parseIsoMs(text: string): number {
  const match = MOMENT.exec(text);
  if (match === null) return Number.NaN;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (month < 1 || month > 12 || day < 1) return Number.NaN;
  if (day > (MONTH_DAYS[month - 1] as number) + (month === 2 && isLeap(year) ? 1 : 0)) return Number.NaN;
  const dayMs = daysFromDate(year, month, day) * DAY_MS;
  if (match[4] === undefined) return dayMs;
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) return Number.NaN;
  const zone = match[8] ?? 'Z';
  let offsetMin = 0;
  if (zone.length > 1) {
    const [zoneHour, zoneMinute] = [Number(zone.slice(1, 3)), Number(zone.slice(4, 6))];
    if (zoneHour > 23 || zoneMinute > 59) return Number.NaN;
    offsetMin = (zone[0] === '-' ? -1 : 1) * (zoneHour * 60 + zoneMinute);
  }
  const ms = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
  return dayMs + (hour * 60 + minute - offsetMin) * 60_000 + second * 1_000 + ms;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** A moment as `2026-11-22T19:43:00.000Z`. */
export function isoFromMs(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  let rest = ms - days * DAY_MS;
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const hour = Math.floor(rest / 3_600_000);
  rest -= hour * 3_600_000;
  const minute = Math.floor(rest / 60_000);
  rest -= minute * 60_000;
  const second = Math.floor(rest / 1_000);
  const clock = `${two(hour)}:${two(minute)}:${two(second)}.${String(rest - second * 1_000).padStart(3, '0')}Z`;
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${clock}`;
}
