/** Two nodes of central on one PostgreSQL, whose notifications may go astray. */
import type { Central } from '#central/central.ts';
import type { Store } from '#central/store/open-store.ts';
import type { Engine } from './engines.ts';
import { type Opened, openCentral } from './fixture.ts';

/** As in production. */
export const POLL_MS = 2_000;

/** Stands between a node and what it is notified of. */
export type Deafen = (hear: (text: string) => void) => (text: string) => void;
export const NOT_AT_ALL: Deafen = (hear) => hear;

export interface TwoNodes {
  readonly a: Central;
  readonly b: Central;
  close(): Promise<void>;
}

const deafened = (store: Store, deafen: Deafen): Store => ({
  ...store,
  listen:
    store.listen === null
      ? null
      : (channel, hear, lost) => store.listen?.(channel, deafen(hear), lost) ?? Promise.reject(new Error('deaf')),
});

/** Both sign with the key in `folder`. */
export async function twoNodes(engine: Engine, folder: string, pollMs = POLL_MS, deafen: Deafen = NOT_AT_ALL): Promise<TwoNodes> {
  const options = { folder, live: { pollMs, reorderMs: 20, transferWaitMs: 3_000 } };
  const first = await engine.open();
  const all: Opened[] = [];
  for (const store of [first, await engine.again(first)]) all.push(await openCentral(deafened(store, deafen), options));
  const [a, b] = all;
  if (a === undefined || b === undefined) throw new Error('two nodes were opened');
  return {
    a: a.central,
    b: b.central,
    async close() {
      await b.close();
      await a.close();
    },
  };
}
