/** Ed25519 keys in files; private ones are readable by their owner alone. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { PublicKey } from './signing-key.ts';

/** The private key in a PEM file. Throws when it is missing or of another kind. */
export function readKey(path: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(readFileSync(path));
  } catch (error) {
    throw new Error(`${path} must be a PEM file with an ed25519 private key: make one with openssl genpkey -algorithm ed25519`, {
      cause: error,
    });
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`${path} holds a key of another kind than ed25519`);
  return key;
}

/** As readKey; a missing file is made. */
export function readOrMakeKey(path: string): KeyObject {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  try {
    writeFileSync(path, pem, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw new Error(`${path} cannot be written`, { cause: error });
  }
  return readKey(path);
}

/** The public key in a PEM file. Throws when it is missing, private or of another kind. */
export function readPublicKey(path: string): PublicKey {
  const pem = readFileSync(path, 'utf8');
  if (pem.includes('PRIVATE'))
    throw new Error(`${path} holds a private key: central is to have the public half alone (openssl pkey -pubout)`);
  const key = createPublicKey(pem);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`${path} holds a key of another kind than ed25519`);
  return new PublicKey(key);
}
