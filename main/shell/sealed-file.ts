/** A sealed JSON value in a file: after a crash or a power cut there is the old one or the new one, never half of one. */
import { open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import { InWords } from '#contract/fault.ts';
import type { Seal } from './seal.ts';

/** The file is there and cannot be read: it was left as it is. */
export class SealBroken extends InWords {
  override readonly name = 'SealBroken';
}

/** Undefined when there is no such file. Throws SealBroken when it cannot be unsealed, or holds something else. */
export async function readSealed<T>(seal: Seal, file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const sealed = await readIfThere(file);
  if (sealed === undefined) return undefined;
  try {
    const { text, renew } = await seal.open(sealed);
    const value = schema.parse(JSON.parse(text));
    if (renew) await writeSealed(seal, file, value);
    return value;
  } catch (cause) {
    // The cause may quote what was sealed.
    throw new SealBroken(
      `${path.basename(file)} can no longer be read (${cause instanceof Error ? cause.name : 'unknown'}). Nothing was touched. Ask support to restore this computer's key store, or to enrol the computer again.`,
    );
  }
}

export async function writeSealed(seal: Seal, file: string, value: unknown): Promise<void> {
  const bytes = await seal.seal(JSON.stringify(value));
  const beside = `${file}.new`;
  const handle = await open(beside, 'w', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, file);
  await syncFolder(path.dirname(file));
}

/** The new name is durable only with its folder. Windows has no such call and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
}
