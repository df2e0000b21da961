/**
 * What a disk may hold after a power cut at any point of a recorded log. Of a file what was synced is there; of what
 * was written since, nothing, all, any part in any order, or a write of which only some sectors arrived. Of a folder the
 * names as of its last sync, and any number of the changes since, in their order.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const SECTOR_BYTES = 512;

export const MODES = ['none', 'all', 'half', 'torn'] as const;
export type Mode = (typeof MODES)[number];

interface Step {
  readonly kind: string;
  readonly path: string;
  readonly offset: number;
  readonly data: Buffer;
}

/** Reads the shim's log. */
export function readLog(bytes: Buffer): readonly Step[] {
  const steps: Step[] = [];
  for (let at = 0; at < bytes.length; ) {
    const kind = String.fromCharCode(bytes.readUInt8(at));
    const offset = Number(bytes.readBigInt64LE(at + 1));
    const pathEnd = at + 17 + bytes.readUInt32LE(at + 9);
    const end = pathEnd + bytes.readUInt32LE(at + 13);
    steps.push({ kind, offset, path: bytes.toString('utf8', at + 17, pathEnd), data: bytes.subarray(pathEnd, end) });
    at = end;
  }
  return steps;
}

type Change = { readonly at: number; readonly data: Buffer } | { readonly size: number };

class File {
  durable: Buffer = Buffer.alloc(0);
  pending: Change[] = [];

  sync(): void {
    this.durable = applied(this.durable, this.pending);
    this.pending = [];
  }
}

type Rename = { readonly name: string; readonly file: File | null };

function applied(bytes: Buffer, changes: readonly Change[]): Buffer {
  const longest = changes.reduce(
    (most, change) => Math.max(most, 'size' in change ? change.size : change.at + change.data.length),
    bytes.length,
  );
  const whole = Buffer.alloc(longest);
  bytes.copy(whole);
  let size = bytes.length;
  for (const change of changes) {
    if ('size' in change) {
      whole.fill(0, Math.min(size, change.size));
      size = change.size;
    } else {
      change.data.copy(whole, change.at);
      size = Math.max(size, change.at + change.data.length);
    }
  }
  return whole.subarray(0, size);
}

export class RecordedDisk {
  /** Names as the process sees them, and as of the last sync of their folder. */
  readonly #seen = new Map<string, File>();
  readonly #durable = new Map<string, File>();
  readonly #renames = new Map<string, Rename[]>();
  readonly #home: string;
  /** The last mark passed; null before the first. */
  mark: number | null = null;

  constructor(home: string) {
    this.#home = home;
  }

  step({ kind, path, offset, data }: Step): void {
    switch (kind) {
      case 'm':
        this.mark = Number(path);
        return;
      case 'o':
        if (!this.#seen.has(path)) this.#name(path, new File());
        return;
      case 'w':
        this.#file(path).pending.push({ at: offset, data });
        return;
      case 't':
        this.#file(path).pending.push({ size: offset });
        return;
      case 's':
        return this.#file(path).sync();
      case 'd':
        for (const { name, file } of this.#renames.get(path) ?? []) put(this.#durable, name, file);
        this.#renames.delete(path);
        return;
      case 'u':
        return this.#name(path, null);
      case 'r': {
        const file = this.#file(path);
        this.#name(data.toString(), file);
        return this.#name(path, null);
      }
      default:
        throw new Error(`the log has a step this does not know: ${kind}`);
    }
  }

  /** Lays out a folder as the disk may be found. */
  image(into: string, mode: Mode, random: (below: number) => number): void {
    rmSync(into, { recursive: true, force: true });
    mkdirSync(into, { recursive: true });
    const names = new Map(this.#durable);
    for (const renames of this.#renames.values()) {
      const arrived = mode === 'none' ? 0 : mode === 'all' ? renames.length : random(renames.length + 1);
      for (const { name, file } of renames.slice(0, arrived)) put(names, name, file);
    }
    for (const [name, file] of names) {
      const place = join(into, relative(this.#home, name));
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, left(file, mode, random));
    }
  }

  #file(path: string): File {
    const file = this.#seen.get(path);
    if (file === undefined) throw new Error(`the log writes to ${path}, which it never opened`);
    return file;
  }

  #name(name: string, file: File | null): void {
    put(this.#seen, name, file);
    const folder = dirname(name);
    this.#renames.set(folder, [...(this.#renames.get(folder) ?? []), { name, file }]);
  }
}

function put(names: Map<string, File>, name: string, file: File | null): void {
  if (file === null) names.delete(name);
  else names.set(name, file);
}

function left({ durable, pending }: File, mode: Mode, random: (below: number) => number): Buffer {
  switch (mode) {
    case 'none':
      return durable;
    case 'all':
      return applied(durable, pending);
    case 'half':
      return applied(
        durable,
        pending.filter(() => random(2) === 0),
      );
    case 'torn': {
      const pieces = pending.flatMap((change) => ('size' in change ? [change] : sectors(change.at, change.data)));
      return applied(
        durable,
        pieces.filter(() => random(4) > 0),
      );
    }
  }
}

/** A write in the pieces a disk takes at a time, which begin at multiples of its sectors. */
function sectors(at: number, data: Buffer): Change[] {
  const pieces: Change[] = [];
  for (let from = 0; from < data.length; ) {
    const end = Math.min(data.length, from + SECTOR_BYTES - ((at + from) % SECTOR_BYTES));
    pieces.push({ at: at + from, data: data.subarray(from, end) });
    from = end;
  }
  return pieces;
}
