import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ledgerIds } from '#adapters/sqlite/ledger-ids.ts';
import { THROW_AWAY_KEY_FILE } from '#main/shell/database-key.ts';

/** Ids of the outcomes in a closed demonstration desk's own store. */
export async function savedOutcomes(userData: string): Promise<readonly string[]> {
  const key = await readFile(path.join(userData, THROW_AWAY_KEY_FILE), 'utf8');
  return ledgerIds(userData, key, 'outcome');
}
