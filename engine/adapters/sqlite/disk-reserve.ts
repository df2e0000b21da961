import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { faultOf } from './sqlite-fault.ts';

/** What has to be free beyond the reserve before it is filled again, so that saving can go on at all. */
const ROOM_BYTES = 1_048_576;

/** A file that keeps room on the disk for what must go on when it is full: erasing, sending, settling. */
export class DiskReserve {
  readonly #file: string;
  readonly #bytes: number;
  #isWhole: boolean;

  /** 0 bytes: no reserve is kept. */
  constructor(file: string, bytes: number) {
    this.#file = file;
    this.#bytes = bytes;
    this.#isWhole = bytes === 0 || (existsSync(file) && statSync(file).size === bytes);
    this.fill();
  }

  /** False while it is spent: only what the reserve is for may be written. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Fills it when there is room for it; whether it is whole now. Random, because a file system may store zeros as nothing. */
  fill(): boolean {
    if (this.#isWhole) return true;
    const { bavail, bsize } = statfsSync(dirname(this.#file));
    if (bavail * bsize < this.#bytes + ROOM_BYTES) return false;
    try {
      writeFileSync(this.#file, randomBytes(this.#bytes), { mode: 0o600 });
      this.#isWhole = true;
    } catch (error) {
      if (faultOf(error) === null) throw error;
      rmSync(this.#file, { force: true });
    }
    return this.#isWhole;
  }

  /** Gives the room back; false when there is none to give. */
  release(): boolean {
    if (this.#bytes === 0 || !this.#isWhole) return false;
    rmSync(this.#file, { force: true });
    this.#isWhole = false;
    return true;
  }
}
