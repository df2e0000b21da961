/**
 * What must be believed over the database itself, kept in a file outside its folder: how far the outbox was sent, how
 * long the ledger was and its head, and whether damage was met. A database that contradicts it is an older copy or
 * another one; a file that does not answer to the database's key proves that the key is another.
 *
 * Three slots of a page, each with a generation and an HMAC. What must be on the disk before something happens goes to
 * the first two in turn and is synced, so that a torn write leaves the other; what only follows a commit goes to the
 * third without waiting. The valid slot of the highest generation counts.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { syncFolder } from './sync-folder.ts';

const SLOT_BYTES = 4_096;
const SYNCED_SLOTS = 2;
const SLOTS = SYNCED_SLOTS + 1;
const MAC_HEX = 64;

const Slot = z.strictObject({
  generation: z.int().min(1),
  epoch: z.string(),
  lastSeq: z.int().min(0),
  /** The highest number central can know of this epoch. */
  sentSeq: z.int().min(0),
  /** The ledger has at least this many entries, the last of them with this hash. */
  entries: z.int().min(0),
  head: z.string(),
  clock: z.int().min(0),
  unsent: z.int().min(0),
  /** At least so many events are journalled of calls that are not over. */
  events: z.int().min(0),
  /** Of all rows that open a gate, combined. */
  gates: z.string(),
  /** What it becomes with the write under way; null when none is. */
  gatesNext: z.string().nullable(),
  /** The latest the wall clock was ever seen. */
  latestMs: z.number().min(0),
  /** A fault was met: the database is checked whole before it is trusted again. */
  isSuspect: z.boolean(),
  /** Name of the folder that was set aside and whose unsent entries are not saved yet. */
  setAside: z.string().nullable(),
});

export type AnchorState = Readonly<Omit<z.infer<typeof Slot>, 'generation'>>;

export class Anchor {
  readonly #file: string;
  readonly #macKey: Buffer;
  #descriptor: number | null = null;
  #generation = 0;
  #syncedSlot = 0;
  #state: AnchorState | null = null;

  /** Reads what is there; makes nothing. Throws what the file system throws, but for a missing file. */
  constructor(file: string, keyHex: string) {
    this.#file = file;
    this.#macKey = Buffer.from(hkdfSync('sha256', Buffer.from(keyHex, 'hex'), '', 'sotto anchor', 32));
    this.#descriptor = openIfThere(file);
    if (this.#descriptor === null) return;
    for (let slot = 0; slot < SLOTS; slot++) {
      const found = this.#read(this.#descriptor, slot);
      if (found === null || found.generation <= this.#generation) continue;
      const { generation, ...state } = found;
      this.#generation = generation;
      this.#state = state;
      if (slot < SYNCED_SLOTS) this.#syncedSlot = slot;
    }
  }

  /** Null: there is none, or none that was written with this key. */
  get state(): AnchorState | null {
    return this.#state;
  }

  /** `synced` returns when it is on the disk. */
  write(state: AnchorState, when: 'synced' | 'soon'): void {
    const descriptor = (this.#descriptor ??= create(this.#file));
    this.#generation += 1;
    const slot = when === 'synced' ? (this.#syncedSlot + 1) % SYNCED_SLOTS : SYNCED_SLOTS;
    const json = JSON.stringify({ generation: this.#generation, ...state });
    const bytes = Buffer.alloc(SLOT_BYTES);
    if (bytes.write(`${this.#mac(json)}${json}`) < MAC_HEX + json.length) throw new Error('an anchor does not fit its slot');
    if (writeSync(descriptor, bytes, 0, SLOT_BYTES, slot * SLOT_BYTES) < SLOT_BYTES) throw new ShortWrite(this.#file);
    if (when === 'synced') {
      fsyncSync(descriptor);
      this.#syncedSlot = slot;
    }
    this.#state = state;
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #read(descriptor: number, slot: number): z.infer<typeof Slot> | null {
    const bytes = Buffer.alloc(SLOT_BYTES);
    readSync(descriptor, bytes, 0, SLOT_BYTES, slot * SLOT_BYTES);
    const end = bytes.indexOf(0);
    const text = bytes.toString('utf8', 0, end < 0 ? SLOT_BYTES : end);
    const json = text.slice(MAC_HEX);
    const mac = Buffer.from(text.slice(0, MAC_HEX));
    const expected = Buffer.from(this.#mac(json));
    if (mac.length !== expected.length || !timingSafeEqual(mac, expected)) return null;
    return Slot.parse(JSON.parse(json));
  }

  #mac(json: string): string {
    return createHmac('sha256', this.#macKey).update(json).digest('hex');
  }
}

/** The disk took less than it was given. */
class ShortWrite extends Error {
  readonly code = 'EIO';
  constructor(file: string) {
    super(`${file} was not written whole`);
  }
}

function openIfThere(file: string): number | null {
  try {
    return openSync(file, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** As long as it will ever be, so that a full disk cannot stop a later write. */
function create(file: string): number {
  const descriptor = openSync(file, 'wx+', 0o600);
  writeSync(descriptor, Buffer.alloc(SLOTS * SLOT_BYTES));
  fsyncSync(descriptor);
  syncFolder(dirname(file));
  return descriptor;
}
