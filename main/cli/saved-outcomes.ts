import { ledgerIds } from '#adapters/sqlite/ledger-ids.ts';
import { storeFolder } from '#main/engine-process/store-folder.ts';
import { demonstrationKey } from '#main/shell/demonstration-key.ts';

/** Ids of the outcomes in the closed store of an agent's demonstration desk. */
export async function savedOutcomes(userData: string, agentId: string): Promise<readonly string[]> {
  const folder = storeFolder(userData, agentId);
  const key = demonstrationKey(folder);
  if (key === null) throw new Error(`${userData} holds no demonstration of ${agentId}`);
  return ledgerIds(folder, key, 'outcome');
}
