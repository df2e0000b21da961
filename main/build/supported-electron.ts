/**
 * Which majors of Electron get security fixes: the latest three, a new one every eight weeks. A table, because a build
 * must not need the internet; a package is refused outside the days it answers for.
 */
interface Support {
  readonly major: number;
  /** First and last day of support, as dates. */
  readonly from: string;
  readonly until: string;
}

/**
 * Dated 2026-11-01. Worked out from the cadence, 45 being the newest then: a major is supported for twenty-four weeks.
 * To be held against Electron's published schedule whenever Electron is updated.
 */
export const ELECTRON_SUPPORT: readonly Support[] = [
  { major: 43, from: '2026-06-30', until: '2026-12-15' },
  { major: 44, from: '2026-08-25', until: '2027-02-09' },
  { major: 45, from: '2026-10-20', until: '2027-04-06' },
];

/** Whether a version of Electron gets security fixes on a day. */
export function isSupported(version: string, day: string): boolean {
  const major = Number(/^(\d+)\./.exec(version)?.[1]);
  return ELECTRON_SUPPORT.some((row) => row.major === major && row.from <= day && day <= row.until);
}
