/** A desk's own store and central as places to look revisions, models and records up in. */
import { CentralHttp } from '#adapters/socket/central-http.ts';
import { asPropensity } from '#contract/served-bundle.ts';
import type { Sent } from '#ports/link.ts';
import { openStore } from './open-store.ts';
import type { Shelf } from './sources.ts';

export interface StoreShelf extends Shelf {
  /** The record as it was written; null when it is not there. */
  record(id: string): string | null;
  isErased(id: string): boolean;
  close(): void;
}

/** In words why the store cannot be opened. */
export const storeShelf = (folder: string, keyFile: string | undefined, nowMs: number): StoreShelf | string => {
  const opened = openStore(folder, keyFile, nowMs);
  if (!opened.ok) return opened.words;
  const { store } = opened;
  return {
    name: `the store in ${folder}`,
    revision: async (hash) => store.revision(hash),
    model: async (hash) => asPropensity(store.model(hash)) ?? store.learnt(hash)?.bundle ?? null,
    record: (id) => store.decisionRecord(id),
    isErased: (id) => store.isErased({ decisionId: id }),
    close: () => store.close(),
  };
};

export interface CentralShelf extends Shelf {
  /** The bundled core of a hash, as JavaScript; null when it is not there. */
  core(hash: string): Promise<string | null>;
}

/** What central cannot be asked for counts as not there; why it could not goes to `note`. */
export const centralShelf = (url: string, token: string, note: (words: string) => void): CentralShelf => {
  const http = new CentralHttp(url, { agent: () => token, device: () => token }, () => note('central refused the token: get a new one'));
  const body = <T>(sent: Sent<T>): T | null => {
    if (sent.ok) return sent.body;
    note(sent.words);
    return null;
  };
  return {
    name: `central at ${url}`,
    revision: async (hash) => body(await http.revision(hash)),
    // A record does not say of which kind a model is.
    async model(hash) {
      const sent = await http.model(hash);
      return sent.ok ? asPropensity(sent.body) : body(await http.learnt(hash));
    },
    core: async (hash) => body(await http.core(hash))?.source ?? null,
  };
};
