/** Opens a demonstration's store from outside the app, where its throw-away key lies beside it. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Person } from './people.ts';
import { openBytes } from './sealed-bytes.ts';
import { unwrapStoreKey } from './store-key.ts';
import { THROW_AWAY_KEY_FILE, throwAwayKey } from './throw-away-seal.ts';

/** The key of the store in `<user data>/stores/<name>`. Null where no demonstration keeps it, or its secret is not there. */
export function demonstrationKey(folder: string): string | null {
  const userData = path.join(folder, '..', '..');
  const store = path.basename(path.resolve(folder));
  const file = path.join(userData, 'people', `${store}.person`);
  if (!existsSync(path.join(userData, THROW_AWAY_KEY_FILE)) || !existsSync(file)) return null;
  const { wrappedKey, secret } = Person.parse(JSON.parse(openBytes(throwAwayKey(userData), readFileSync(file)).toString('utf8')));
  return secret === null ? null : unwrapStoreKey(wrappedKey, secret, store);
}
