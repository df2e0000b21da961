/** How long a revision takes from its files' text to ready, all checks included, the first time in a process. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { median } from './interleave.ts';
import { type BenchResult, short } from './result.ts';

const Loaded = z.strictObject({ checkMs: z.number(), compileMs: z.number() });

export async function measureLoading(actions: number, processes: number): Promise<BenchResult['load']> {
  const loads: z.infer<typeof Loaded>[] = [];
  for (let i = 0; i < processes; i++) {
    const { stdout } = await promisify(execFile)(process.execPath, [path.join(import.meta.dirname, 'load-revision.ts'), String(actions)]);
    loads.push(Loaded.parse(JSON.parse(stdout)));
  }
  return {
    coldMs: short(median(loads.map(({ checkMs, compileMs }) => checkMs + compileMs))),
    checkMs: short(median(loads.map(({ checkMs }) => checkMs))),
    compileMs: short(median(loads.map(({ compileMs }) => compileMs))),
  };
}
