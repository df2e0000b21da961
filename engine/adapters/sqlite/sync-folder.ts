import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Makes the names in a folder durable: a new or renamed file survives a power cut only after this. Windows does it by itself. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
