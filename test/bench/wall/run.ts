/** The live wall, measured: `node run.ts [--json] [--calls N] [--seconds N]`, started by `sotto bench wall`. Ends with 1 when a target is missed. */
import { parseArgs } from 'node:util';
import { measureLiveWall } from './live-wall.ts';
import { measureScrolledWall } from './scrolled-wall.ts';

const TARGETS = { updateToSupervisorMs: 1_000, taskMs: 50, frameMs: 8 };

const whole = (text: string | undefined, fallback: number): number => {
  const value = text === undefined ? fallback : Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${text} is not a whole number above 0`);
  return value;
};

/** Both halves, one after the other. */
export async function measureWall(calls: number, seconds: number, tell: (line: string) => void) {
  const { updateToSupervisorMs, lost } = await measureLiveWall(calls, seconds, tell);
  return { calls, updateToSupervisorMs, lost, window: await measureScrolledWall(calls, seconds, tell) };
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

if (import.meta.main) {
  const { values } = parseArgs({ options: { json: { type: 'boolean' }, calls: { type: 'string' }, seconds: { type: 'string' } } });
  const [calls, seconds] = [whole(values.calls, 500), whole(values.seconds, 20)];
  const figures = await measureWall(calls, seconds, say);
  const { updateToSupervisorMs, lost, window } = figures;
  say(
    `desk to supervisor: p50 ${updateToSupervisorMs.p50} ms, p99 ${updateToSupervisorMs.p99} ms over ${updateToSupervisorMs.n}; lost ${lost}; target p99 ≤ ${TARGETS.updateToSupervisorMs} ms`,
  );
  say(
    `a frame: script, layout and paint p50 ${window.frameMs.p50} ms, p95 ${window.frameMs.p95} ms over ${window.frames}; target p95 ≤ ${TARGETS.frameMs} ms. Longest task ${window.longestTaskMs} ms, ${window.tasksOver50Ms} above ${TARGETS.taskMs} ms`,
  );
  if (values.json === true) process.stdout.write(`${JSON.stringify(figures)}\n`);
  const isMet =
    lost === 0 &&
    (updateToSupervisorMs.p99 ?? Number.POSITIVE_INFINITY) <= TARGETS.updateToSupervisorMs &&
    window.frameMs.p95 <= TARGETS.frameMs &&
    window.tasksOver50Ms === 0;
  process.exitCode = isMet ? 0 : 1;
}
