import { DurationText } from '#contract/policy.ts';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Milliseconds of `90s`, `15m`, `24h` or `7d`; null when the text is something else. */
export const readDuration = (text: string): number | null => {
  if (!DurationText.safeParse(text).success) return null;
  const unitMs = UNIT_MS[text.slice(-1)];
  return unitMs === undefined ? null : Number(text.slice(0, -1)) * unitMs;
};

/** The same for a text that has passed its schema. */
export const durationMs = (text: string, file: string): number => {
  const ms = readDuration(text);
  if (ms === null) throw new Error(`checking ${file}: a length of time passed its schema but cannot be read`);
  return ms;
};
