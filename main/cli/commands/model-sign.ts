/** The signature of somebody who approves a model, made where their key is and beside the model. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { readKey } from '#central/access/key-file.ts';
import { SigningKey } from '#central/access/signing-key.ts';
import type { Signed } from '#contract/signature.ts';
import { statementBytes, statementOf } from '#policy';
import type { Command } from '../command.ts';
import { readModelFolder, SIGNED_FILE } from '../read-model-folder.ts';

export const modelSign: Command = {
  summary: 'Sign a model bundle as one who approves it',
  positionals: [],
  options: {
    bundle: { type: 'string', value: 'DIR', help: 'Folder with model.onnx and manifest.json', required: true },
    key: { type: 'string', value: 'FILE', help: 'PEM file with your private ed25519 key', required: true },
    replaces: { type: 'string', value: 'NUMBER', help: 'The newer version this one takes the place of, where it goes back' },
    json: { type: 'boolean', help: 'Print what was signed as one JSON line' },
  },
  notes:
    'Writes signed.json beside the model; signatures of others over the same statement stay. What is signed is the name, version and hash of the bundle, and what it replaces. Central publishes a model only with the signatures its config asks for, its own among them.',
  async run(given, terminal) {
    const replaces = given.text('replaces') === undefined ? null : Number(given.text('replaces'));
    if (replaces !== null && !(Number.isSafeInteger(replaces) && replaces >= 1)) {
      terminal.note(`--replaces must be a whole number from 1, not "${given.text('replaces') ?? ''}"`);
      return 2;
    }
    const folder = given.required('bundle');
    const read = readModelFolder(folder);
    if (!read.ok) {
      terminal.note(read.words);
      return 1;
    }
    const { bundle } = read;
    const statement = statementOf(bundle, replaces);
    if (replaces !== null && replaces <= statement.version) {
      terminal.note(`version ${statement.version} does not go back behind ${replaces}: leave --replaces out`);
      return 2;
    }
    let key: SigningKey;
    try {
      key = new SigningKey(readKey(given.required('key')));
    } catch (error) {
      terminal.note(error instanceof Error ? error.message : String(error));
      return 1;
    }
    const before = bundle.signed?.replaces === replaces ? bundle.signed.signatures : [];
    const own = { keyId: key.id, ed25519: key.sign(statementBytes(statement)) };
    const signed: Signed = { replaces, signatures: [...before.filter(({ keyId }) => keyId !== key.id), own] };
    writeFileSync(path.join(folder, SIGNED_FILE), `${JSON.stringify(signed, null, 2)}\n`);
    const back = replaces === null ? '' : `, in place of v${replaces}`;
    await terminal.print(
      given.flag('json')
        ? JSON.stringify({ ...statement, ...own })
        : `${statement.name} v${statement.version} (${bundle.hash.slice(0, 12)})${back}: signed by ${key.id}, ${signed.signatures.length} in all`,
    );
    return 0;
  },
};
