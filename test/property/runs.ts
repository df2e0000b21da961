/** How much is tried: little with every check, all of it with `SOTTO_FULL=1`. */
const isFull = process.env['SOTTO_FULL'] === '1';

/** Cases per property. */
export const RUNS = Number(process.env['SOTTO_PROPERTY_RUNS'] ?? (isFull ? 20_000 : 600));
/** Random policies and customers on which the fast path must decide as the plain one does. */
export const PLAIN_RUNS = isFull ? 200_000 : RUNS * 3;
/** Histories in which nothing may be sold before care. */
export const CARE_HISTORIES = isFull ? 1_000_000 : RUNS * 5;
export const SEED = Number(process.env['SOTTO_PROPERTY_SEED'] ?? 20_261_122);
/** What a full run may take of one property; the quick ones stay far below. */
export const TIMEOUT_MS = isFull ? 3_600_000 : 60_000;
