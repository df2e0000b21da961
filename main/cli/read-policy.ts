/** A revision's folder, checked: what the core compiles, or its faults in the words of `sotto policy check`. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { PolicyFile } from '#contract/policy.ts';
import { checkRevision, revisionHash } from '#policy';
import { readPolicyFolder } from './read-policy-folder.ts';

export type ReadPolicy =
  | { readonly ok: true; readonly hash: string; readonly revision: CheckedRevision }
  | { readonly ok: false; readonly hash: string; readonly faults: readonly string[] };

/** At most this many faults are named. */
const NAMED = 10;

export const hashOfPolicy = (files: readonly PolicyFile[]): string =>
  revisionHash(files, (text) => createHash('sha256').update(text).digest('hex'));

/** Faults begin with the place they are in: a folder, or wherever the files are from. */
export const checkFiles = (files: readonly PolicyFile[], place: string): ReadPolicy => {
  const hash = hashOfPolicy(files);
  const check = checkRevision(files, { hash });
  if (check.ok) return { ok: true, hash, revision: check.revision };
  const faults = check.faults.slice(0, NAMED).map(({ file, line, reason }) => `${path.join(place, file)}:${line} ${reason}`);
  if (check.faults.length > NAMED) faults.push(`… and ${check.faults.length - NAMED} more: sotto policy check names them all`);
  return { ok: false, hash, faults };
};

export const readPolicy = async (folder: string): Promise<ReadPolicy> => checkFiles(await readPolicyFolder(folder), folder);
