import { describe, expect, it } from 'vitest';
import { measureLoad } from './load-revision.ts';

describe('loading a revision of 1,000 actions in a new process', () => {
  // The figure is for a quiet machine and is read with `node test/bench/load-revision.ts`; a busy one is slower at work, too.
  it.each(['yaml', 'json'] as const)('is checked and compiled with little work (%s)', (notation) => {
    const { checkMs, compileMs, processorMs } = measureLoad(1_000, 3, notation);
    expect(checkMs).toBeGreaterThan(1);
    expect(compileMs).toBeGreaterThan(1);
    expect(processorMs).toBeLessThan(450);
  });
});
