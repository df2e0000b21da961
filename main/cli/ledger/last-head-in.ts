import { readFileSync } from 'node:fs';
import { CentralHead, WITNESS_FIRST_LINE } from '#contract/central-head.ts';

/** The head that ends a witness file; null where the file is none, or does not end with one. */
export function lastHeadIn(file: string): CentralHead | null {
  const lines = readFileSync(file, 'utf8').split('\n');
  if (lines[0] !== WITNESS_FIRST_LINE || lines.at(-1) !== '') return null;
  const last = lines.at(-2) ?? '';
  try {
    return CentralHead.safeParse(JSON.parse(last)).data ?? null;
  } catch {
    return null;
  }
}
