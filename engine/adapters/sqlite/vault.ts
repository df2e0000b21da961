/**
 * What is personal is sealed under keys that stand in a small table, so that destroying a key destroys all it sealed, in
 * whatever old page, log or copy that lies. The one way in and out are SQL functions: `seal` where a statement writes,
 * `unseal` where one reads, `person` where one looks somebody up.
 *
 *   store's key ─► person's key ─► call's key ─► what was said, decided, shown and answered on the call
 *        └──────────────────────► call's key, as long as the caller is unknown
 *
 * AES-256-GCM with random nonces of 96 bits.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  randomFillSync,
} from 'node:crypto';
import type { Database } from 'better-sqlite3';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** A wrapped key: nonce, tag, key. */
const WRAPPED_BYTES = NONCE_BYTES + TAG_BYTES + KEY_BYTES;
/** Calls and customers of the moment are few. */
const UNWRAPPED = 64;

/** A key as its table has it, behind the wrapped keys it is wrapped under, outermost first. Null: it was destroyed. */
type Secret = Buffer | null;

class Vault {
  readonly #root: KeyObject;
  readonly #index: KeyObject;
  /** Made once a key: making one costs three times what sealing with it does. */
  readonly #unwrapped = new Map<string, KeyObject>();

  constructor(keyHex: string) {
    const derive = (name: string): KeyObject =>
      createSecretKey(Buffer.from(hkdfSync('sha256', Buffer.from(keyHex, 'hex'), '', name, KEY_BYTES)));
    this.#root = derive('sotto vault');
    this.#index = derive('sotto persons');
  }

  /** Finds a customer's rows and says nothing of who it is. */
  person(customerId: string): string {
    return createHmac('sha256', this.#index).update(customerId).digest('hex');
  }

  /** A new key, wrapped under another, or under the store's. */
  newKey(under: Secret): Buffer {
    return sealBytes(this.#keyOf(under ?? Buffer.alloc(0)), randomBytes(KEY_BYTES));
  }

  /** The same key, wrapped under another. */
  rewrap(secret: Secret, under: Secret): Buffer {
    return sealBytes(this.#keyOf(under), this.#keyOf(secret).export());
  }

  seal(secret: Secret, text: string): Buffer {
    return sealBytes(this.#keyOf(secret), Buffer.from(text, 'utf8'));
  }

  /** Null: the key was destroyed, or there is nothing. Empty, which nothing stored ever is: this is not what was sealed. */
  unseal(secret: Secret, sealed: Buffer | null): string | null {
    if (secret === null || sealed === null) return null;
    try {
      return openBytes(this.#keyOf(secret), sealed).toString('utf8');
    } catch {
      return '';
    }
  }

  /** Keys that were destroyed are not left in memory. */
  forget(): null {
    this.#unwrapped.clear();
    return null;
  }

  #keyOf(secret: Secret): KeyObject {
    if (secret === null) throw new Error('nothing can be sealed: its key was destroyed');
    const name = secret.toString('latin1');
    const known = this.#unwrapped.get(name);
    if (known !== undefined) return known;
    let key = this.#root;
    for (let at = 0; at < secret.length; at += WRAPPED_BYTES)
      key = createSecretKey(openBytes(key, secret.subarray(at, at + WRAPPED_BYTES)));
    this.#unwrapped.set(name, key);
    if (this.#unwrapped.size > UNWRAPPED) this.#unwrapped.delete(this.#unwrapped.keys().next().value ?? '');
    return key;
  }
}

/** Gives the connection its functions; needed by every statement that meets something personal. */
export function openVault(db: Database, keyHex: string): void {
  const vault = new Vault(keyHex);
  const always = { deterministic: true, directOnly: true };
  const anew = { deterministic: false, directOnly: true };
  db.function('person', always, (customerId: string | null) => (customerId === null ? null : vault.person(customerId)));
  db.function('new_key', anew, (under: Secret) => vault.newKey(under));
  db.function('rewrap', anew, (secret: Secret, under: Secret) => vault.rewrap(secret, under));
  db.function('seal', anew, (secret: Secret, text: string) => vault.seal(secret, text));
  db.function('forget_keys', anew, () => vault.forget());
  db.function('unseal', always, (secret: Secret, sealed: Buffer | null) => vault.unseal(secret, sealed));
}

/** Drawn many at a time. */
const drawn = Buffer.alloc(NONCE_BYTES * 256);
let used = drawn.length;

function freshNonce(): Buffer {
  if (used === drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  const nonce = drawn.subarray(used, used + NONCE_BYTES);
  used += NONCE_BYTES;
  return nonce;
}

function sealBytes(key: KeyObject, bytes: Buffer): Buffer {
  const nonce = freshNonce();
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  const body = cipher.update(bytes);
  cipher.final();
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

/** Throws when the key is another, or a byte was changed. */
function openBytes(key: KeyObject, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  const bytes = decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES));
  decipher.final();
  return bytes;
}
