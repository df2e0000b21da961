/** The files of a policy revision's folder as the policy layer wants them: text, with `/` paths relative to the folder. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { PolicyFile } from '#contract/policy.ts';

/** Every file below the folder but hidden ones. Throws where the folder cannot be read. */
export const readPolicyFolder = async (folder: string): Promise<readonly PolicyFile[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: PolicyFile[] = [];
  for (const entry of entries) {
    const file = path.join(entry.parentPath, entry.name);
    const relative = path.relative(folder, file).split(path.sep).join('/');
    if (!entry.isFile() || relative.split('/').some((part) => part.startsWith('.'))) continue;
    files.push({ path: relative, text: await readFile(file, 'utf8') });
  }
  return files;
};
