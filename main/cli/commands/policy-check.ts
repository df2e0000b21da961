/** Every fault of a policy revision, before anybody publishes it. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkIntents, checkRevision, describeIntentFinding, describeModelFinding, type IntentFinding, revisionHash } from '#policy';
import type { Command } from '../command.ts';
import { modelFit } from '#central/policy/model-fit.ts';
import { type FoundIntents, readModels } from '../decide/model-folder.ts';
import { readPolicyFolder } from '../read-policy-folder.ts';

const intentsTold = ({ model, findings }: { readonly model: FoundIntents; readonly findings: readonly IntentFinding[] }) => ({
  id: model.manifest.id,
  version: model.manifest.version,
  hash: model.hash,
  findings,
});

export const policyCheck: Command = {
  summary: 'Check a policy revision: every fault with file, line and reason',
  positionals: [{ name: 'DIR', help: 'Folder of the revision, with revision.yaml in it', required: true }],
  options: {
    models: { type: 'string', value: 'DIR', help: 'Also tell what the model bundles there may not be used for under the revision' },
    checked: { type: 'string', value: 'FILE', help: "Also write the checked revision as JSON, to be kept beside today's core" },
    json: { type: 'boolean', help: 'Print the result as one JSON line' },
  },
  notes:
    'Exits 1 where there is a fault, a model that may not be used at all, or an intent named that the model there never tells. A line of the result is FILE:LINE and the reason, which editors turn into links.',
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
    const modelFolder = given.text('models');
    const found = modelFolder === undefined ? { ok: true as const, models: [], intents: [] } : await readModels(modelFolder);
    if (!found.ok) {
      for (const fault of found.faults) terminal.note(fault);
      return 1;
    }
    const fits = found.models.map((model) => ({ model, fit: modelFit(check.revision, model) }));
    const checkedFile = given.text('checked');
    if (checkedFile !== undefined) await writeFile(checkedFile, `${JSON.stringify(check.revision, null, 2)}\n`);
    const { name, version, actions, fields } = check.revision;
    const models = fits.map(({ model: { manifest, hash: ofModel }, fit: { isUsable, findings } }) => ({
      id: manifest.id,
      version: manifest.version,
      hash: ofModel,
      isUsable,
      findings,
    }));
    const intents = found.intents.map((model) => ({ model, findings: checkIntents(check.revision, model.manifest) }));
    const told = { ok: true, files: files.length, hash, name, version, actions: actions.length, fields: fields.length, faults: [] };
    await terminal.print(
      json
        ? JSON.stringify(modelFolder === undefined ? told : { ...told, models, intents: intents.map(intentsTold) })
        : `${name} v${version}: ${actions.length} actions, ${fields.length} fields, no faults in ${files.length} files (${hash.slice(0, 12)})`,
    );
    if (!json)
      for (const { model, fit } of fits)
        for (const finding of fit.findings)
          await terminal.print(`${model.folder}: model ${model.manifest.id} ${model.manifest.version}: ${describeModelFinding(finding)}`);
    if (!json)
      for (const { model, findings } of intents)
        for (const finding of findings)
          await terminal.print(`${model.folder}: model ${model.manifest.id} ${model.manifest.version}: ${describeIntentFinding(finding)}`);
    return fits.every(({ fit }) => fit.isUsable) && intents.every(({ findings }) => findings.length === 0) ? 0 : 1;
  },
};
