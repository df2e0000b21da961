/** The benchmark of the wall, small: that every change is seen, that the trace is read, and what it prints. */
import { expect, test } from 'vitest';
import { findPostgres } from '../central/postgres.ts';
import { measureWall } from './wall/run.ts';

test.skipIf(findPostgres() === null)('every change at a desk is seen by the supervisor, and frames are read from a trace', async () => {
  const { updateToSupervisorMs, lost, window } = await measureWall(20, 3, () => {});
  expect([updateToSupervisorMs.n, lost]).toEqual([6, 0]);
  expect(updateToSupervisorMs.p99).toBeGreaterThan(0);
  expect(window.frames).toBeGreaterThanOrEqual(30);
  expect(window.frameMs.p95).toBeGreaterThan(0);
  expect(window.longestTaskMs).toBeGreaterThan(0);
});
