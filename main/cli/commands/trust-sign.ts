/** A change of the keys that desks trust, written and signed with the keys they trust now. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { readKey, readPublicKey } from '#central/access/key-file.ts';
import { SigningKey } from '#central/access/signing-key.ts';
import { TrustChange, TrustedKeys, trustText } from '#contract/signature.ts';
import type { Command } from '../command.ts';

export const trustSign: Command = {
  summary: 'Sign a change of the keys that desks trust',
  positionals: [],
  options: {
    change: {
      type: 'string',
      value: 'FILE',
      help: 'The change, as JSON: made where it is not there, else signed once more',
      required: true,
    },
    key: { type: 'string', value: 'FILE', help: 'PEM file with a private ed25519 key that desks trust now', required: true },
    version: { type: 'string', value: 'NUMBER', help: 'Of a new change: one more than the last' },
    trust: { type: 'string', value: 'FILE', help: 'Of a new change: PEM file with a public key to trust', multiple: true },
    revoke: { type: 'string', value: 'FILE', help: 'Of a new change: PEM file with a public key to trust no longer', multiple: true },
    signatures: { type: 'string', value: 'NUMBER', help: 'Of a new change: how many keys must sign a model; 1 where not given' },
    json: { type: 'boolean', help: 'Print the change as one JSON line' },
  },
  notes:
    'A desk takes it at its next sign-in, if as many keys that it trusts by then have signed as a model needs. Central is told of it by trustChangeFile, with its new key in signingKeyFile. What was published is to be published again: signatures of a revoked key are worth nothing.',
  async run(given, terminal) {
    const file = given.required('change');
    try {
      const before = existsSync(file) ? TrustChange.parse(JSON.parse(readFileSync(file, 'utf8'))) : null;
      const version = before?.version ?? Number(given.text('version') ?? '1');
      const trusted = before?.trusted ?? newKeys(given.list('trust'), given.list('revoke'), Number(given.text('signatures') ?? '1'));
      const key = new SigningKey(readKey(given.required('key')));
      const own = { keyId: key.id, ed25519: key.sign(Buffer.from(trustText(version, trusted), 'utf8')) };
      const others = before?.signatures.filter(({ keyId }) => keyId !== key.id) ?? [];
      const change = TrustChange.parse({ version, trusted, signatures: [...others, own] });
      writeFileSync(file, `${JSON.stringify(change, null, 2)}\n`);
      const trustedNow = trusted.keys.filter(({ revoked }) => !revoked).length;
      await terminal.print(
        given.flag('json')
          ? JSON.stringify(change)
          : `change ${version}: ${trustedNow} trusted, ${trusted.keys.length - trustedNow} revoked, ${trusted.modelSignatures} to sign a model; signed by ${key.id}, ${change.signatures.length} in all`,
      );
      return 0;
    } catch (error) {
      terminal.note(`${file}: ${error instanceof Error ? error.message : String(error)}`);
      return 1;
    }
  },
};

const keyIn = (file: string, revoked: boolean) => {
  const { id, publicKey } = readPublicKey(file);
  return { id, publicKey, revoked };
};

const newKeys = (trust: readonly string[], revoke: readonly string[], modelSignatures: number): TrustedKeys =>
  TrustedKeys.parse({ keys: [...trust.map((file) => keyIn(file, false)), ...revoke.map((file) => keyIn(file, true))], modelSignatures });
