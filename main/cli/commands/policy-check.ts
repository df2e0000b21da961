/** Every fault of a policy revision, before anybody publishes it. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkRevision, revisionHash } from '#policy';
import type { Command } from '../command.ts';
import { readPolicyFolder } from '../read-policy-folder.ts';

export const policyCheck: Command = {
  summary: 'Check a policy revision: every fault with file, line and reason',
  positionals: [{ name: 'DIR', help: 'Folder of the revision, with revision.yaml in it', required: true }],
  options: {
    checked: { type: 'string', value: 'FILE', help: "Also write the checked revision as JSON, to be kept beside today's core" },
    json: { type: 'boolean', help: 'Print the result as one JSON line' },
  },
  notes: 'Exits 1 where there is a fault. A line of the result is FILE:LINE and the reason, which editors turn into links.',
  async run(given, terminal) {
    const folder = given.positional(0);
    const files = await readPolicyFolder(folder);
    const hash = revisionHash(files, (text) => createHash('sha256').update(text).digest('hex'));
    const check = checkRevision(files, { hash });
    const json = given.flag('json');
    if (!check.ok) {
      if (json) await terminal.print(JSON.stringify({ ok: false, files: files.length, faults: check.faults }));
      else for (const fault of check.faults) await terminal.print(`${path.join(folder, fault.file)}:${fault.line} ${fault.reason}`);
      terminal.note(`${check.faults.length} ${check.faults.length === 1 ? 'fault' : 'faults'} in ${files.length} files`);
      return 1;
    }
    const checkedFile = given.text('checked');
    if (checkedFile !== undefined) await writeFile(checkedFile, `${JSON.stringify(check.revision, null, 2)}\n`);
    const { name, version, actions, fields } = check.revision;
    await terminal.print(
      json
        ? JSON.stringify({ ok: true, files: files.length, hash, name, version, actions: actions.length, fields: fields.length, faults: [] })
        : `${name} v${version}: ${actions.length} actions, ${fields.length} fields, no faults in ${files.length} files (${hash.slice(0, 12)})`,
    );
    return 0;
  },
};
