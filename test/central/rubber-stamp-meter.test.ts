/** Whether the meter tells those who look from those who stamp: thresholds stand in the meter, the seed below was chosen afterwards. */
import { expect, test } from 'vitest';
import { type JudgedCase, readStamps } from '#central/approvals/rubber-stamp-meter.ts';
import { seededRandom } from '#learning';

const SEED = 20_261_123;
const CASES = 30;
const SEEDED = 3;
const PEOPLE = 200;

/** How somebody works; each person differs from others of their kind. */
interface Habits {
  /** Log-normal: median and spread of seconds. */
  readonly medianS: number;
  readonly sigma: number;
  /** Chance that a piece of evidence is opened. */
  readonly opens: number;
  /** Chance that a verdict is as the engine recommends, and that the first judgement is. */
  readonly agrees: number;
  readonly firstAgrees: number;
  /** Chance that a case known to be wrong is noticed. */
  readonly notices: number;
}

const CAREFUL: Habits = { medianS: 75, sigma: 0.6, opens: 0.75, agrees: 0.9, firstAgrees: 0.8, notices: 0.8 };
const CARELESS: Habits = { medianS: 48, sigma: 0.6, opens: 0.4, agrees: 0.95, firstAgrees: 0.95, notices: 0.25 };
const OTHERWISE = 0.1;
const PIECES = 4;

type Random = () => number;
const normal = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const around = (chance: number, random: Random): number => Math.min(0.99, Math.max(0.01, chance + OTHERWISE * normal(random)));

function person(habits: Habits, random: Random): readonly JudgedCase[] {
  const opens = around(habits.opens, random);
  const notices = around(habits.notices, random);
  const firstAgrees = around(habits.firstAgrees, random);
  return Array.from({ length: CASES }, (_, i): JudgedCase => {
    const isSeeded = i < SEEDED;
    const opened = Array.from({ length: PIECES }, () => (random() < opens ? 1 : 0)).reduce<number>((sum, one) => sum + one, 0);
    return {
      seconds: habits.medianS * Math.exp(habits.sigma * normal(random)),
      evidenceOpened: opened / PIECES,
      agrees: isSeeded ? null : random() < habits.agrees,
      firstAgrees: isSeeded ? null : random() < firstAgrees,
      caught: isSeeded ? random() < notices : null,
    };
  });
}

/** The chance that one of the second scores higher than one of the first, ties counting half. */
function auc(careful: readonly number[], careless: readonly number[]): number {
  let wins = 0;
  for (const one of careless) for (const other of careful) wins += one > other ? 1 : one === other ? 0.5 : 0;
  return wins / (careful.length * careless.length);
}

/** Of two densities over the same spread: the area they share, from a histogram of many draws. */
function overlap(random: Random): number {
  const bins = (habits: Habits): readonly number[] => {
    const counts = Array.from({ length: 60 }, () => 0);
    for (let i = 0; i < 20_000; i++) {
      const at = Math.min(59, Math.max(0, Math.floor((Math.log(habits.medianS) + habits.sigma * normal(random) - 1.5) * 12)));
      counts[at] = (counts[at] ?? 0) + 1 / 20_000;
    }
    return counts;
  };
  const [one, other] = [bins(CAREFUL), bins(CARELESS)];
  return one.reduce((sum, share, i) => sum + Math.min(share, other[i] ?? 0), 0);
}

const agreement = (all: readonly (readonly JudgedCase[])[]): number => {
  const real = all.flat().flatMap(({ agrees }) => agrees ?? []);
  return real.filter(Boolean).length / real.length;
};
const score = (cases: readonly JudgedCase[]): number => readStamps(cases).score ?? Number.NaN;
const quickest = (cases: readonly JudgedCase[]): number => -(readStamps(cases).medianSeconds?.estimate ?? 0);

test('who looks and who stamps are told apart by 30 cases each, though their times overlap and both agree nearly always', () => {
  const random = seededRandom(SEED);
  expect(overlap(random)).toBeGreaterThanOrEqual(0.5);
  const careful = Array.from({ length: PEOPLE }, () => person(CAREFUL, random));
  const careless = Array.from({ length: PEOPLE }, () => person(CARELESS, random));
  expect(agreement(careful)).toBeGreaterThanOrEqual(0.85);
  expect(agreement(careless)).toBeGreaterThanOrEqual(0.85);
  const separated = auc(careful.map(score), careless.map(score));
  console.log(`rubber-stamp meter: ${PEOPLE} careful, ${PEOPLE} careless, ${CASES} cases each, AUC ${separated.toFixed(4)}`);
  expect(separated).toBeGreaterThanOrEqual(0.95);
  // Time alone would not do.
  expect(auc(careful.map(quickest), careless.map(quickest))).toBeLessThan(separated);
});

test('of few cases nothing is said, of more the interval holds the estimate', () => {
  const random = seededRandom(SEED + 1);
  const all = person(CAREFUL, random);
  const few = readStamps(all.slice(0, 12));
  expect(few).toMatchObject({ cases: 12, score: null, medianSeconds: null, evidenceOpened: null, agreement: null });
  expect(readStamps([])).toMatchObject({ cases: 0, score: null, seededCaught: null });
  const reading = readStamps(all);
  let looked = 0;
  for (const measured of [reading.medianSeconds, reading.evidenceOpened, reading.agreement, reading.firstAgreement, reading.seededCaught]) {
    looked++;
    expect(measured?.low).toBeLessThanOrEqual(measured?.estimate ?? -1);
    expect(measured?.high).toBeGreaterThanOrEqual(measured?.estimate ?? 2);
  }
  expect(looked).toBe(5);
});
