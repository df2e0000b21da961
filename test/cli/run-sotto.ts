/** Runs a command line in this process and keeps what it wrote; how far it is it says only where that takes long, so that is left out. */
import { PassThrough } from 'node:stream';
import type { CommandEntry } from '#main/cli/command.ts';
import { runProgram } from '#main/cli/program.ts';
import { terminal } from '#main/cli/terminal.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const kept = () => {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (data) => {
    text += String(data);
  });
  return { stream, text: () => text };
};

export const runSotto = async (args: readonly string[], entries?: readonly CommandEntry[]): Promise<Ran> => {
  const out = kept();
  const err = kept();
  const code = await runProgram(args, { ...terminal(out.stream, err.stream), progress: () => undefined }, entries);
  await new Promise((resolve) => setImmediate(resolve));
  return { code, out: out.text(), err: err.text() };
};
