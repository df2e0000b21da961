import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { Scratch } from '../conformance/sqlite-scratch.ts';
import { DeskBench } from '../engine/desk-bench.ts';
import { smallRevision } from '../engine/small-revision.ts';

const CHILD = fileURLToPath(new URL('install-child.ts', import.meta.url));
const REPEATS = process.env['SOTTO_FULL'] === '1' ? 20 : 1;
const exec = promisify(execFile);

/** Null when it was killed at the point, else how many statements an install has. */
async function installTo(scratch: Scratch, point: number, variant = ''): Promise<number | null> {
  try {
    return Number((await exec(process.execPath, [CHILD, scratch.folder, String(point), variant])).stdout);
  } catch (error) {
    if ((error as { signal?: string }).signal === 'SIGKILL') return null;
    throw error;
  }
}

/** The policy a desk works with after an install that was killed at each point in turn; null where it has none. */
async function policiesAfter(
  variant = '',
  isEnough: (policy: string | null) => boolean = () => false,
): Promise<readonly (string | null)[]> {
  const policies: (string | null)[] = [];
  for (let point = 1; ; point++) {
    using scratch = new Scratch();
    {
      await using first = await DeskBench.open({ scratch, bundles: [{ revision: smallRevision(1) }] });
      await first.engine.settled();
    }
    const whole = await installTo(scratch, point, variant);
    await using desk = await DeskBench.open({ scratch, bundles: [] });
    const policy = (await desk.view()).session.policy || null;
    policies.push(policy);
    if (whole !== null || isEnough(policy)) return policies;
  }
}

test('[V3] an install killed after any of its statements leaves the old revision or the new one, never neither', {
  timeout: 900_000,
}, async () => {
  let [kills, wrong] = [0, 0];
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const policies = await policiesAfter();
    kills += policies.length - 1;
    wrong += policies.filter((policy) => policy !== 'Small v1' && policy !== 'Small v2').length;
    expect(policies[0]).toBe('Small v1');
    expect(policies.at(-1)).toBe('Small v2');
    // Once the new one is there, it stays there.
    expect(policies.lastIndexOf('Small v1')).toBeLessThan(policies.indexOf('Small v2'));
  }
  console.log(`[V3] ${REPEATS} installs, ${kills} kills, ${wrong} desks without a policy`);
  expect(kills).toBeGreaterThanOrEqual(8 * REPEATS);
  expect(wrong).toBe(0);
});

test('[V3] canary: where the slot is marked before the bundle is there, a desk without a policy is found', async () => {
  expect(await policiesAfter('mark-first', (policy) => policy === null)).toContain(null);
});
