import { vi } from 'vitest';

/** Everything this process prints to standard error from now on; it is still printed. Until `vi.restoreAllMocks()`. */
export function everythingWritten(): readonly string[] {
  const written: string[] = [];
  const write = process.stderr.write.bind(process.stderr);
  vi.spyOn(process.stderr, 'write').mockImplementation((...args: Parameters<typeof write>) => {
    written.push(String(args[0]));
    return write(...args);
  });
  return written;
}
