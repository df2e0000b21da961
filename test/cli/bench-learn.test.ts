import { expect, it } from 'vitest';
import { runSotto } from './run-sotto.ts';

it('bench learn says what an update is, and how many there are a second', async () => {
  const ran = await runSotto(['bench', 'learn', '--quick', '--json']);
  expect(ran.code, ran.err).toBe(0);
  const result = JSON.parse(ran.out) as { update: string; responses: number; updatesPerSecond: number; budgetPerSecond: number };
  expect(result.update).toContain('2 action columns, 10 numbers, 10 names');
  expect(result.responses).toBe(2_000);
  expect(result.updatesPerSecond).toBeGreaterThan(1_000);
  expect(result.budgetPerSecond).toBe(100_000);
});
