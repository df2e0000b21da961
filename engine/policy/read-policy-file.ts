import type { PolicyFile } from '#contract/policy.ts';
import type { FaultList } from './fault-list.ts';
import type { PolicySource } from './policy-source.ts';
import { linesOf, readJson } from './read-json.ts';
import { readPlainYaml } from './read-plain-yaml.ts';
import { readYaml } from './read-yaml.ts';

/** Largest file, in UTF-16 code units; the same as contract/policy.ts. */
const MAX_FILE_LENGTH = 256 * 1024;

/** Reads one file by the end of its name. Faults go to `faults`; null when there is nothing to check further. */
export const readPolicyFile = ({ path: file, text }: PolicyFile, faults: FaultList): PolicySource | null => {
  if (text.length > MAX_FILE_LENGTH) {
    faults.add(file, 1, `the file has ${text.length} characters; at most ${MAX_FILE_LENGTH} are allowed: split it`);
    return null;
  }
  if (!text.isWellFormed() || text.includes('\u0000')) {
    faults.add(file, 1, 'the file is not well-formed text: save it as UTF-8 without NUL characters');
    return null;
  }
  if (file.endsWith('.json')) return readJson(file, text, faults);
  const plain = readPlainYaml(text);
  if (plain === null) return readYaml(file, text, faults);
  // The lines of keys are asked for only where one is wrong.
  let whole: PolicySource | null = null;
  return {
    file,
    value: plain.value,
    lineAt: linesOf(plain.place),
    lineOfKey: (path, key) => (whole ??= readYaml(file, text, faults))?.lineOfKey(path, key) ?? 1,
  };
};
