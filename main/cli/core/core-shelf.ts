/** Finds the core a record names: today's, or a former one in a folder where each is named by its hash. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { presentCore } from '#main/build/present-core.ts';
import { importCore } from './core-file.ts';
import { type CoreReplay, coreReplay } from './core-replay.ts';

export class CoreShelf {
  readonly #folders: readonly string[];
  readonly #known = new Map<string, CoreReplay | string>();

  /** `folders` are searched for `<sha256>.mjs` after today's core. */
  constructor(folders: readonly string[]) {
    this.#folders = folders;
  }

  /** In words why there is none. */
  async core(hash: string): Promise<CoreReplay | string> {
    const known = this.#known.get(hash) ?? (await this.#find(hash));
    this.#known.set(hash, known);
    return known;
  }

  async #find(hash: string): Promise<CoreReplay | string> {
    const present = await presentCore();
    const files = this.#folders.map((folder) => path.join(folder, `${hash}.mjs`));
    const file = hash === present.hash ? present.file : files.find((one) => existsSync(one));
    if (file === undefined)
      return `it names core ${hash}, which is neither today's (${present.hash.slice(0, 12)}) nor in ${this.#folders.join(' or ') || 'a folder given'}: give --cores a folder with ${hash.slice(0, 12)}….mjs`;
    try {
      return coreReplay(hash, await importCore({ hash, file })) ?? `${file} is no core that can decide again`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
