/** How much a suite tries: little with every run, all of it with `npm run test:full`. */
const isFull = process.env['SOTTO_FULL'] === '1';

export const counts = (short: number, full: number): number => (isFull ? full : short);
