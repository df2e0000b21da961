/** Lengths of time as cases write them: `90s`, `24h and 1ms`, `30d less 1ms`. */
import { z } from 'zod';

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const SPAN = /^(\d+)(ms|s|m|h|d)(?: (and|less) (\d+)(ms|s|m|h|d))?$/;

const partMs = (count: string, unit: string): number => Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];

/** In milliseconds. */
export const Span = z
  .string()
  .regex(SPAN, 'must be a length of time: 90s, 24h and 1ms, 30d less 1ms')
  .transform((text) => {
    const [, count = '', unit = '', joint, more = '0', otherUnit = 'ms'] = SPAN.exec(text) ?? [];
    return partMs(count, unit) + partMs(more, otherUnit) * (joint === 'less' ? -1 : 1);
  });

/** A moment counted from the case's own; exactly one of the two. In milliseconds after it, negative for before. */
export const moment = { ago: Span.optional(), in: Span.optional() };

interface Written {
  readonly ago?: number | undefined;
  readonly in?: number | undefined;
}

export function offsetMs({ ago, in: ahead }: Written): number {
  if ((ago === undefined) === (ahead === undefined)) throw new Error('a case names a moment without "ago" or "in", or with both');
  return ahead ?? -(ago ?? 0);
}
