import { describe, expect } from 'vitest';
import { measureLoad } from '../bench/load-revision.ts';
import { timedTest } from './timed-test.ts';

describe('loading a revision of 1,000 actions in a new process', () => {
  // The figure is for a quiet machine and is read with `node test/bench/load-revision.ts`; a busy one is slower at work, too.
  for (const notation of ['yaml', 'json'] as const)
    timedTest(`is checked and compiled with little work (${notation})`, {}, () => {
      const { checkMs, compileMs, processorMs } = measureLoad(1_000, 3, notation);
      expect(checkMs).toBeGreaterThan(1);
      expect(compileMs).toBeGreaterThan(1);
      expect(processorMs).toBeLessThan(450);
    });
});
