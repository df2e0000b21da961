/** What a node does every hour: the coming parts of tables are made, and what is past its time goes. */
import type { Counters } from '../store/counters.ts';
import type { Store } from '../store/open-store.ts';
import { makePartitions } from '../store/partitions.ts';
import { replayErasures } from './erase-here.ts';
import { retain } from './retention.ts';

export async function keepHouse(store: Store, retention: Parameters<typeof retain>[1], nowMs: number, counters: Counters): Promise<void> {
  await makePartitions(store, Date.now());
  const { rows, parts } = await retain(store, retention, nowMs);
  counters.add('retention: rows deleted', rows);
  counters.add('retention: parts dropped', parts);
}

/** Before anything is served: who was erased stays so, also where a backup was put back. */
export async function prepareHouse(store: Store, log: (line: string) => void): Promise<void> {
  await makePartitions(store, Date.now());
  const erased = await replayErasures(store);
  if (erased > 0) log(`erased ${erased} customers again, whom a restored backup had brought back`);
}
