/** Runs a benchmark of the tests as a process of its own: its figures are the command's result, its progress the command's notes. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import type { ExitCode, Given } from './command.ts';
import type { Terminal } from './terminal.ts';

export async function runBenchmark(file: string, given: Given, terminal: Terminal): Promise<ExitCode> {
  const child = spawn(process.execPath, [file, ...given.retyped()], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const results = (async () => {
    for await (const line of createInterface({ input: child.stdout })) await terminal.print(line);
  })();
  const notes = (async () => {
    for await (const line of createInterface({ input: child.stderr })) terminal.note(line);
  })();
  const [code] = await Promise.all([ended, results, notes]);
  return code === 0 ? 0 : 1;
}
