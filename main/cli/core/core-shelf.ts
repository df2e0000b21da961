/** Finds the core a record names: today's, a former one in a folder where each is named by its hash, or one that somebody is asked for. */
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { presentCore } from '#main/build/present-core.ts';
import { importCore } from './core-file.ts';
import { type CoreReplay, coreReplay } from './core-replay.ts';

export class CoreShelf {
  readonly #folders: readonly string[];
  readonly #fetch: (hash: string) => Promise<string | null>;
  readonly #known = new Map<string, CoreReplay | string>();

  /** `folders` are searched for `<sha256>.mjs` after today's core; then `fetch` is asked for its source. */
  constructor(folders: readonly string[], fetch: (hash: string) => Promise<string | null> = () => Promise.resolve(null)) {
    this.#folders = folders;
    this.#fetch = fetch;
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
    const file = hash === present.hash ? present.file : (files.find((one) => existsSync(one)) ?? (await this.#fetched(hash)));
    if (file === undefined)
      return `it names core ${hash}, which is neither today's (${present.hash.slice(0, 12)}) nor in ${this.#folders.join(' or ') || 'a folder given'}: give --cores a folder with ${hash.slice(0, 12)}….mjs, or --central one that keeps it`;
    try {
      return coreReplay(hash, await importCore({ hash, file })) ?? `${file} is no core that can decide again`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** Where it was written to; nothing of it runs before its file is held against the hash. */
  async #fetched(hash: string): Promise<string | undefined> {
    const source = await this.#fetch(hash);
    if (source === null) return undefined;
    const folder = await mkdtemp(path.join(tmpdir(), 'sotto-core-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    const file = path.join(folder, `${hash}.mjs`);
    await writeFile(file, source);
    return file;
  }
}
