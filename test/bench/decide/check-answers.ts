/** Whether two that decide over the same workload say the same for every customer. */
import type { Answer, Contestant } from './contestant.ts';

/** Priorities may differ by the last digits: not everybody computes e^x alike. */
const RELATIVE = 1e-9;

const names = (actions: readonly number[]): string =>
  actions
    .slice(0, 5)
    .map((action) => `a${action}`)
    .join(', ') + (actions.length > 5 ? ` and ${actions.length - 5} more` : '');

/** How an answer differs from the one it should be, in words; null = not at all. */
function difference(expected: Answer, given: Answer): string | null {
  const wanted = new Set(expected.eligible);
  const found = new Set(given.eligible);
  const missing = expected.eligible.filter((action) => !found.has(action));
  if (missing.length > 0) return `it does not let ${names(missing)} through`;
  const extra = given.eligible.filter((action) => !wanted.has(action));
  if (extra.length > 0) return `it lets ${names(extra)} through`;
  if (given.eligible.length !== expected.eligible.length) return 'it lets an action through twice';
  if (given.top.join() !== expected.top.join()) return `its top three are ${names(given.top)}, not ${names(expected.top)}`;
  for (const [place, priority] of expected.priorities.entries()) {
    const other = given.priorities[place] ?? Number.NaN;
    if (!(Math.abs(other - priority) <= RELATIVE * priority))
      return `it gives a${expected.top[place]} the priority ${other}, not ${priority}`;
  }
  return null;
}

/** Asks both about every customer; `onCustomer` hears how far it is. Null when they agree on all of them; else who disagrees, on how many, and how on the first. */
export async function disagreement(
  reference: Contestant,
  contestant: Contestant,
  profiles: number,
  onCustomer: (customer: number) => void = () => {},
): Promise<string | null> {
  let first: string | null = null;
  let count = 0;
  for (let profile = 0; profile < profiles; profile++) {
    onCustomer(profile);
    const wrong = difference(await reference.answer(profile), await contestant.answer(profile));
    if (wrong === null) continue;
    count++;
    first ??= `for customer ${profile} ${wrong}`;
  }
  return first === null ? null : `${contestant.name} disagrees with ${reference.name} on ${count} of ${profiles} customers: ${first}`;
}
