/**
 * How long a revision takes to load in a process that has not done so before: the text of its files → checked → compiled,
 * every check included. Each measurement is a new process, the median counts; reading the files from disk comes on top.
 * `node test/bench/load-revision.ts [ACTIONS] [RUNS]` prints one JSON line, in milliseconds.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compileRevision } from '#core';
import { checkRevision } from '#policy';
import { readRevision } from '../policy/read-revision.ts';
import { generatedRevision, type Notation } from './generated-revision.ts';

const ONCE = '--once';
const FIGURES = ['readMs', 'checkMs', 'compileMs', 'totalMs', 'processorMs'] as const;
type Load = Readonly<Record<(typeof FIGURES)[number], number>>;

/** One load in this process, which is cold only the first time. `totalMs` is checking and compiling, `processorMs` what of it this thread was at work. */
const loadOnce = (folder: string, actions: number): Load => {
  const startMs = performance.now();
  const files = readRevision(folder);
  const readMs = performance.now();
  const before = process.threadCpuUsage();
  const check = checkRevision(files, { hash: '0'.repeat(64) });
  const checkedMs = performance.now();
  if (!check.ok) throw new Error(`the generated revision has faults: ${JSON.stringify(check.faults.slice(0, 3))}`);
  const { actionIndex } = compileRevision(check.revision);
  const endMs = performance.now();
  const { user, system } = process.threadCpuUsage(before);
  if (actionIndex.size !== actions) throw new Error(`${actionIndex.size} of ${actions} actions were loaded`);
  return {
    readMs: readMs - startMs,
    checkMs: checkedMs - readMs,
    compileMs: endMs - checkedMs,
    totalMs: endMs - readMs,
    processorMs: (user + system) / 1_000,
  };
};

/** Medians over `runs` new processes. */
export const measureLoad = (actions: number, runs: number, notation: Notation): Load => {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-load-'));
  try {
    for (const { path, text } of generatedRevision(actions, notation)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const loads = Array.from(
      { length: runs },
      () => JSON.parse(execFileSync(process.execPath, [import.meta.filename, ONCE, folder, String(actions)], { encoding: 'utf8' })) as Load,
    );
    const median = (figure: (typeof FIGURES)[number]): number => {
      const sorted = loads.map((load) => load[figure]).toSorted((a, b) => a - b);
      return Math.round((sorted[Math.floor(runs / 2)] ?? Number.NaN) * 10) / 10;
    };
    return Object.fromEntries(FIGURES.map((figure) => [figure, median(figure)])) as Load;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

if (import.meta.main) {
  const [first, second, third] = process.argv.slice(2);
  if (first === ONCE) process.stdout.write(JSON.stringify(loadOnce(second ?? '', Number(third))));
  else {
    const [actions, runs] = [Number(first ?? 1_000), Number(second ?? 7)];
    const [yaml, json] = [measureLoad(actions, runs, 'yaml'), measureLoad(actions, runs, 'json')];
    process.stdout.write(`${JSON.stringify({ actions, runs, yaml, json })}\n`);
  }
}
