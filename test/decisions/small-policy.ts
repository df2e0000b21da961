/** A policy written in a case, checked as any author's is. */
import { parse as parseYaml } from 'yaml';
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { PolicyFile } from '#contract/policy.ts';
import { checkRevision } from '#policy';
import type { Defaults, PolicyParts } from './case-file.ts';
import { defaults } from './defaults.ts';

const checked = new Map<string, CheckedRevision>();

/** The defaults' policy with what differs in it, later parts over earlier ones. Throws with every fault when it is refused. */
export function smallPolicy(...differences: readonly PolicyParts[]): CheckedRevision {
  return checkedPolicy(differences.reduce<PolicyParts>(overlaid, defaults.policy), defaults.action);
}

/** The same for a policy that was written in full. */
export function fullPolicy(files: readonly PolicyFile[], difference: PolicyParts): CheckedRevision {
  const parts = Object.fromEntries(files.map(({ path, text }) => [path.replace(/\.yaml$/, ''), parseYaml(text) as unknown]));
  return checkedPolicy(overlaid(parts, difference), {});
}

function checkedPolicy(parts: PolicyParts, action: Defaults['action']): CheckedRevision {
  const key = JSON.stringify(parts);
  const known = checked.get(key);
  if (known !== undefined) return known;
  const result = checkRevision(policyFiles(parts, action), { hash: 'a'.repeat(64) });
  if (!result.ok) {
    throw new Error(
      `the policy of a case is refused:\n${result.faults.map(({ file, line, reason }) => `${file}:${line} ${reason}`).join('\n')}`,
    );
  }
  checked.set(key, result.revision);
  return result.revision;
}

/** File by file: maps are laid over each other key by key, anything else is replaced; null takes a file away. */
function overlaid(below: PolicyParts, above: PolicyParts): PolicyParts {
  const parts = { ...below };
  for (const [path, content] of Object.entries(above)) {
    const under = parts[path];
    if (content === null) delete parts[path];
    else parts[path] = isMap(under) && isMap(content) ? { ...under, ...content } : content;
  }
  return parts;
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON is YAML; an action need not repeat its id, nor a folder its name. */
function policyFiles(parts: PolicyParts, action: Defaults['action']): readonly PolicyFile[] {
  const contents = new Map<string, unknown>();
  for (const [path, content] of Object.entries(parts)) {
    const [root = '', issue = '', group, id] = path.split('/');
    if (root === 'actions') {
      const issueFile = `actions/${issue}/issue`;
      if (!contents.has(issueFile)) contents.set(issueFile, { name: issue, ...objectOf(parts[issueFile]) });
      if (group !== undefined && id !== undefined) {
        const groupFile = `actions/${issue}/${group}/group`;
        if (!contents.has(groupFile)) contents.set(groupFile, { name: group, ...objectOf(parts[groupFile]) });
        if (id !== 'group') contents.set(path, { id, name: id.replaceAll('-', ' '), ...action, ...objectOf(content) });
      }
    } else contents.set(path, content);
  }
  return [...contents].map(([path, content]) => ({ path: `${path}.yaml`, text: JSON.stringify(content, null, 1) }));
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> => (isMap(value) ? value : {});
