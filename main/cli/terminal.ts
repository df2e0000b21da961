/** Where a command writes: results on standard output, everything else on standard error. */
import type { Writable } from 'node:stream';

export interface Terminal {
  /** A line of the result. Resolves when the stream takes more. */
  print(line: string): Promise<void>;
  /** A line about the work. */
  note(line: string): void;
  /** A line that is written over by the next one, at most five times a second and not before 2 s of work; `clear` removes it. */
  progress(line: string): void;
  clearProgress(): void;
}

const PROGRESS_AFTER_MS = 2_000;
const PROGRESS_EVERY_MS = 200;
/** Where lines cannot be written over (a log file), one every so often is enough. */
const PLAIN_PROGRESS_EVERY_MS = 2_000;

export const terminal = (out: Writable, err: Writable & { readonly isTTY?: boolean }): Terminal => {
  const startedAtMs = performance.now();
  const everyMs = err.isTTY === true ? PROGRESS_EVERY_MS : PLAIN_PROGRESS_EVERY_MS;
  let lastProgressAtMs = 0;
  let onScreen = false;
  // A reader that has seen enough (`| head`) is no error.
  out.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  const clearProgress = () => {
    if (onScreen) err.write('\r\u001B[K');
    onScreen = false;
  };
  return {
    print: (line) =>
      new Promise((resolve) => {
        clearProgress();
        if (out.write(`${line}\n`)) resolve();
        else out.once('drain', resolve);
      }),
    note: (line) => {
      clearProgress();
      err.write(`${line}\n`);
    },
    progress: (line) => {
      const nowMs = performance.now();
      if (nowMs - startedAtMs < PROGRESS_AFTER_MS || nowMs - lastProgressAtMs < everyMs) return;
      lastProgressAtMs = nowMs;
      if (err.isTTY === true) {
        err.write(`\r\u001B[K${line}`);
        onScreen = true;
      } else err.write(`${line}\n`);
    },
    clearProgress,
  };
};
