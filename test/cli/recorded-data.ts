/** Where the recorded dialogues lie. They are no part of the project; tests that need them say loudly that they skip. */
import { existsSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..', '..');
export const RECORDED = path.resolve(root, process.env['SOTTO_DATA'] ?? path.join('..', 'shared', 'data'));

/** Whether the sets are there; where not, says so on standard error. */
export const hasRecorded = (...sets: readonly string[]): boolean => {
  const missing = sets.filter((set) => !existsSync(path.join(RECORDED, set)));
  if (missing.length > 0)
    process.stderr.write(
      `\nSKIPPED: ${missing.join(', ')} not found in ${RECORDED}; set SOTTO_DATA to the folder of recorded data to run these tests.\n\n`,
    );
  return missing.length === 0;
};
