/** The benchmark of approvals, small: that every request is seen on every screen, and what it prints. */
import { expect, test } from 'vitest';
import { findPostgres } from '../central/postgres.ts';
import { measureApprovals } from './approvals/run.ts';

test.skipIf(findPostgres() === null)('every request is before everybody who may decide it', async () => {
  const { requestToScreenMs, requestsPerSecond } = await measureApprovals(2, 5, () => {});
  expect(requestToScreenMs.n).toBe(100);
  expect(requestToScreenMs.p99).toBeGreaterThan(0);
  expect(requestsPerSecond).toBeGreaterThan(0);
  expect(requestsPerSecond).toBeLessThanOrEqual(5);
});
