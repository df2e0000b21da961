import { openSync } from 'node:fs';

/** Speaks to the shim this process runs behind; true when it says that something failed. */
export function tellDisk(command: string): boolean {
  try {
    openSync(`/sotto-disk/${command}`, 'r');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EEXIST';
  }
  throw new Error('the disk shim is not loaded');
}
