/**
 * `npm run test:mutation`: changes the core's decision files in every small way there is, and counts how many of the
 * changes the decision cases and unit tests notice. `npm run test:mutation -- settle filter` tries these files only.
 *
 * Prints the mutants nobody noticed, a table by file, and last one line of JSON. Exit code 1 below the score.
 */
import type { MutantResult } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';

const LEAST_SCORE = 85;

/** What decides. How a record is written is held by its replays; redaction has its own suite. */
const FILES = [
  'action-numbers attention call-reducer compile-reason compile-revision consent-basis constraint-use contact-history contact-units customer-facts decider',
  'describe-condition explain factors failure-bits field-reader field-values fill-slots filter highest inverted-index phrases predicates',
  'prompt-ledger prompt-reasons ranked-best read-facts score-additive settle slots smoothing sticky-share templates treatments turning-points',
  'understood-profiles workspace',
].flatMap((line) => line.split(' '));

const asked = process.argv.slice(2);
const files = asked.length === 0 ? FILES : asked;
const fromMs = performance.now();
process.env['SOTTO_PROPERTY_RUNS'] ??= '60';
const results = await new Stryker({
  mutate: files.map((name) => `engine/core/${name}.ts`),
  testRunner: 'warm',
  plugins: [new URL('./warm-runner.ts', import.meta.url).href],
  coverageAnalysis: 'perTest',
  // What a module does once when it is loaded cannot be switched on later.
  ignoreStatic: true,
  concurrency: 2,
  reporters: ['progress-append-only'],
  clearTextReporter: { allowColor: false },
  ignorePatterns: ['out', '.git', '.sotto*', 'renderer/**', '!renderer/tsconfig.json'],
  tempDirName: 'out/mutation',
  // The sandbox needs no types, and the compiler of this repository offers no API to rewrite its settings with.
  tsconfigFile: 'none.json',
  disableTypeChecks: false,
  allowConsoleColors: false,
}).runMutationTest();

type Count = { noticed: number; unnoticed: number; left: number };
const byFile = new Map<string, Count>();
const of = (file: string): Count => {
  const count = byFile.get(file) ?? { noticed: 0, unnoticed: 0, left: 0 };
  byFile.set(file, count);
  return count;
};

for (const result of results) {
  const count = of(result.fileName.replace(/^.*engine\/core\//, ''));
  switch (result.status) {
    case 'Killed':
    case 'Timeout':
      count.noticed++;
      break;
    case 'Survived':
    case 'NoCoverage':
      count.unnoticed++;
      console.log(inWords(result));
      break;
    case 'CompileError':
    case 'RuntimeError':
    case 'Ignored':
    case 'Pending':
      count.left++;
  }
}

const score = ({ noticed, unnoticed }: Count): number => Math.round((1_000 * noticed) / (noticed + unnoticed)) / 10;
const total = { noticed: 0, unnoticed: 0, left: 0 };
for (const count of byFile.values()) for (const key of ['noticed', 'unnoticed', 'left'] as const) total[key] += count[key];
console.table([...byFile].map(([file, count]) => ({ file, ...count, score: score(count) })));
if (asked.length === 0 && total.noticed < 1_000) throw new Error(`only ${total.noticed} mutants were noticed: too few were tried`);
console.log(JSON.stringify({ score: score(total), ...total, minutes: Math.round((performance.now() - fromMs) / 6_000) / 10 }));
process.exitCode = score(total) < LEAST_SCORE ? 1 : 0;

function inWords({ fileName, location, mutatorName, status, replacement }: MutantResult): string {
  const place = `${fileName.replace(/^.*engine\//, 'engine/')}:${location.start.line}:${location.start.column}`;
  return `${place} ${status === 'NoCoverage' ? 'not reached' : 'not noticed'}: ${mutatorName} → ${replacement.replaceAll(/\s+/g, ' ').slice(0, 120)}`;
}
