/** A damaged store's folder is renamed and kept; a new one takes its place. It stays for as long as records do, and goes with an erasure. */
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Anchor } from './anchor.ts';
import { syncFolder } from './sync-folder.ts';

/** Damaged, replaced by a backup, or without a key. */
const ASIDE = ['damaged', 'before-restore', 'unreadable'] as const;
type Aside = (typeof ASIDE)[number];

const BLOCK_BYTES = 4_096;

/** Where a folder of that name lies. */
export const asidePath = (folder: string, name: string): string => join(dirname(folder), name);

/** The anchor is told first: whatever interrupts this, the next open finds what is still to be saved. */
export function setAside(folder: string, anchor: Anchor, nowMs: number): void {
  const { state } = anchor;
  if (state === null) throw new Error('a store without an anchor is not set aside: the key may be another');
  const name = state.setAside ?? asideName(folder, 'damaged', nowMs);
  anchor.write({ ...state, setAside: name }, 'synced');
  if (!existsSync(asidePath(folder, name))) renameSync(folder, asidePath(folder, name));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  syncFolder(dirname(folder));
}

/** A name that is free beside the store's folder. */
export function asideName(folder: string, what: Aside, nowMs: number): string {
  const stem = `${basename(folder)}.${what}-${new Date(nowMs).toISOString().replaceAll(':', '')}`;
  for (let count = 1; ; count++) {
    const name = count === 1 ? stem : `${stem}-${count}`;
    if (!existsSync(asidePath(folder, name))) return name;
  }
}

/**
 * What lies beside a store because it could not be read, or was replaced, goes: what was set aside before `beforeMs`, or all of it.
 * The store must be open, so that what was saved of it is saved.
 */
export function dropSetAside(folder: string, beforeMs = Number.POSITIVE_INFINITY): void {
  const store = basename(folder);
  for (const name of readdirSync(dirname(folder))) {
    if (!ASIDE.some((what) => name.startsWith(`${store}.${what}-`))) continue;
    const aside = asidePath(folder, name);
    if (statSync(aside).mtimeMs < beforeMs) rmSync(aside, { recursive: true });
  }
}

/** Copies a file block by block; blocks the disk does not give back are zeros in the copy. Does nothing where there is no file. */
export function copyReadable(from: string, to: string): void {
  if (!existsSync(from)) return;
  const size = statSync(from).size;
  const source = openSync(from, 'r');
  const target = openSync(to, 'w', 0o600);
  const block = Buffer.alloc(BLOCK_BYTES);
  try {
    for (let at = 0; at < size; at += BLOCK_BYTES) {
      let read = 0;
      try {
        read = readSync(source, block, 0, BLOCK_BYTES, at);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EIO') throw error;
        read = Math.min(BLOCK_BYTES, size - at);
        block.fill(0);
      }
      writeSync(target, block, 0, read, at);
    }
  } finally {
    closeSync(source);
    closeSync(target);
  }
}
