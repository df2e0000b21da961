/**
 * A thread beside the one that tries a model: that one is in the runtime's hands and reads no messages. It ends the whole process once
 * that holds more memory than it may, native memory included, or has been at it for too long.
 */
import { isMainThread, workerData } from 'node:worker_threads';
import { z } from 'zod';

const LOOK_EVERY_MS = 5;

const Limits = z.strictObject({ residentBytes: z.int().min(1), endsInMs: z.int().min(1) });

if (isMainThread) throw new Error('the watch is a thread of the process it watches');
const { residentBytes, endsInMs } = Limits.parse(workerData);
const endsAtMs = performance.now() + endsInMs;
const never = new Int32Array(new SharedArrayBuffer(4));
while (process.memoryUsage.rss() <= residentBytes && performance.now() < endsAtMs) Atomics.wait(never, 0, 0, LOOK_EVERY_MS);
process.kill(process.pid, 'SIGKILL');
