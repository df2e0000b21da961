/** Ed25519 keys in files, readable by their owner alone. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

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
