/**
 * [D1] What a kill leaves is what the system has of the files at that moment: they are copied in the middle of things,
 * after any statement, and opened. (kill-engine.test.ts kills real processes; this is the same a hundred times as often.)
 */
import { expect, test } from 'vitest';
import { counts } from './counts.ts';
import { DamagedStore } from './damaged-store.ts';
import { doSomething, judge, noPromises, type Promises } from './power/promised.ts';
import { randomFrom } from './random-from.ts';
import { report } from './report.ts';
import { StatementWatch } from './statement-watch.ts';

const KILLS = counts(188, 1_900);
/** Statements between one kill and the next, at most. */
const FARTHEST = 8;
const OPERATIONS_A_STORE = 60;

interface Killed {
  readonly files: DamagedStore;
  readonly promises: Promises;
}

/** `isEager`: whoever asks takes it for a yes at once. */
function kill(kills: number, isEager: boolean) {
  const random = randomFrom(1);
  const seen = { operations: 0, faults: 0, lost: 0, doubled: 0, phantom: 0, salvaged: 0 };
  while (seen.faults < kills) {
    using running = new DamagedStore();
    const store = running.open();
    const promises = noPromises();
    for (let operation = 1; operation <= OPERATIONS_A_STORE && seen.faults < kills; operation++) {
      const killed: Killed[] = [];
      let left = 1 + random(FARTHEST);
      const after = (): void => {
        left -= 1;
        if (left !== 0) return;
        const promised = structuredClone(promises);
        killed.push({ files: new DamagedStore(running), promises: isEager ? { ...promised, saved: promised.asked } : promised });
        left = 1 + random(FARTHEST);
      };
      {
        using _ = new StatementWatch({ after });
        doSomething(store, promises, random, operation);
      }
      seen.operations += 1;
      for (const { files, promises: promised } of killed) {
        seen.faults += 1;
        const opened = files.tryOpen();
        if (!opened.ok) throw new Error(opened.words);
        if (opened.salvaged !== null) seen.salvaged += 1;
        const { lost, doubled, phantom } = judge(opened.store, promised);
        seen.lost += lost;
        seen.doubled += doubled;
        seen.phantom += phantom;
        files[Symbol.dispose]();
      }
    }
  }
  return seen;
}

test(`[D1] killed ${KILLS} times between any two statements: no acknowledged row lost, none twice, none invented`, {
  timeout: 600_000,
}, () => {
  const seen = kill(KILLS, false);
  report('[D1] killed store', seen, { faults: KILLS });
  expect(seen.salvaged).toBe(0);
});

test('[D1] canary: what is taken for saved before its commit is lost, and this suite sees it', () => {
  expect(kill(30, true).lost).toBeGreaterThan(5);
});
