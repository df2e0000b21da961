/** A bundled core read from its file: used only when the file is what its hash says. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type * as core from '#core';
import { type CoreFile, presentCore } from '#main/build/present-core.ts';

/** The core of today's sources, bundled: what decides is what was hashed. */
export type CoreModule = typeof core;

/** Throws where the file is not the one its hash names. */
export const importCore = async ({ hash, file }: CoreFile): Promise<unknown> => {
  const found = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  if (found !== hash) throw new Error(`${file} is not the core ${hash.slice(0, 12)} it is named after: fetch it again`);
  return import(pathToFileURL(file).href);
};

export interface PresentCore {
  readonly hash: string;
  readonly module: CoreModule;
}

export const loadPresentCore = async (): Promise<PresentCore> => {
  const core = await presentCore();
  return { hash: core.hash, module: (await importCore(core)) as CoreModule };
};
