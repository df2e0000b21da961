import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ledgerIds } from '#adapters/sqlite/ledger-ids.ts';
import { storeFolder } from '#main/engine-process/store-folder.ts';
import { THROW_AWAY_KEY_FILE } from '#main/shell/database-key.ts';

/** Ids of the outcomes in the closed store of an agent's demonstration desk. */
export async function savedOutcomes(userData: string, agentId: string): Promise<readonly string[]> {
  const key = await readFile(path.join(userData, THROW_AWAY_KEY_FILE), 'utf8');
  return ledgerIds(storeFolder(userData, agentId), key, 'outcome');
}
