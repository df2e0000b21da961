import { expect, it } from 'vitest';
import { type Deciding, Histories, type History, smallest, type Step, violation } from './care-history.ts';
import { asItIs, MUTANTS } from './care-mutants.ts';
import { CARE_HISTORIES, SEED, TIMEOUT_MS } from './runs.ts';

const STEPS = 6;

it(
  `nothing is sold while something is wrong or might be, over ${CARE_HISTORIES} histories`,
  () => {
    const histories = new Histories(SEED, STEPS);
    const decide = asItIs();
    const seen = { sold: 0, yes: 0, unknown: 0 };
    for (let i = 0; i < CARE_HISTORIES; i++) {
      const history = histories.next();
      const found = violation(history, decide, (sold, care) => {
        if (sold) seen.sold++;
        else if (care !== 'no') seen[care]++;
      });
      if (found !== null) expect.fail(`${found}: ${told(smallest(history, (other) => violation(other, decide) !== null))}`);
    }
    // A rule that is never put to the test holds nothing.
    for (const often of Object.values(seen)) expect(often).toBeGreaterThan(CARE_HISTORIES / 4);
  },
  TIMEOUT_MS,
);

it(
  'every way in which the rule could be got wrong is found, and told in as few words as there are',
  () => {
    const lines = Object.entries(MUTANTS).map(([name, mutant]) => {
      const { history, what } = smallestViolation(name, mutant());
      return { 'the rule got wrong': name, 'is found by': told(history), because: what, steps: history.length };
    });
    console.table(lines);
    expect(lines.length).toBeGreaterThanOrEqual(20);
    expect(lines.filter(({ steps }) => steps > 4)).toEqual([]);
  },
  TIMEOUT_MS,
);

function smallestViolation(name: string, decide: Deciding): { readonly history: History; readonly what: string } {
  const histories = new Histories(SEED, STEPS);
  for (let i = 0; i < 20_000; i++) {
    const history = histories.next();
    if (violation(history, decide) === null) continue;
    const found = smallest(history, (other) => violation(other, decide) !== null);
    return { history: found, what: violation(found, decide)! };
  }
  return expect.fail(`no history shows that ${name}`);
}

const told = (history: History): string => history.map(inWords).join(', then ');

function inWords(step: Step): string {
  switch (step.is) {
    case 'noted':
    case 'told':
      return `${step.trouble} ${step.is} as ${step.value === null ? 'unknown' : step.value ? 'yes' : 'no'}`;
    case 'said':
      return `"${step.text}"`;
    case 'consent':
      return step.granted ? 'consent given' : 'consent withdrawn';
    case 'on-screen':
      return `${step.action} on the screen as ${step.role}`;
    case 'rejected':
      return `${step.action} rejected`;
    case 'old-slice':
    case 'missing-delivery':
    case 'unknown-caller':
    case 'verified-caller':
      return step.is.replace('-', ' ');
  }
}
