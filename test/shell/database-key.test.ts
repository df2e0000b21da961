import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { databaseKey } from '#main/shell/database-key.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sotto-key-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Backend = 'basic_text' | 'gnome_libsecret' | 'unknown';

/** A key store in memory that answers as the operating system's would: available or not, by backend, with or without a rotated key. */
function keyStore(backend: Backend, { available = true, rotated = false, lost = false } = {}) {
  return {
    isAsyncEncryptionAvailable: async () => available,
    getSelectedStorageBackend: () => backend,
    encryptStringAsync: async (text: string) => Buffer.from(text, 'utf8').map((byte) => byte ^ 0x5a) as Buffer,
    decryptStringAsync: async (wrapped: Buffer) => {
      if (lost) throw new Error('no key');
      return { result: Buffer.from(wrapped.map((byte) => byte ^ 0x5a)).toString('utf8'), shouldReEncrypt: rotated };
    },
  };
}

test('the key is made once, kept wrapped and read back the same', async () => {
  const first = await databaseKey(keyStore('gnome_libsecret'), folder, false, 'linux');
  const second = await databaseKey(keyStore('gnome_libsecret', { rotated: true }), folder, false, 'linux');
  const third = await databaseKey(keyStore('gnome_libsecret'), folder, false, 'linux');
  expect(first).toMatchObject({ ok: true, throwAway: false });
  expect(second).toEqual(first);
  expect(third).toEqual(first);
  if (!first.ok) throw new Error('unreachable');
  expect(first.key).toMatch(/^[0-9a-f]{64}$/);
  const file = path.join(folder, 'database.key');
  expect((await readFile(file)).includes(first.key)).toBe(false);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('without a real key store nothing is stored, and the words say what to do', async () => {
  for (const store of [keyStore('basic_text'), keyStore('unknown'), keyStore('gnome_libsecret', { available: false })]) {
    const answer = await databaseKey(store, folder, false, 'linux');
    expect(answer).toMatchObject({ ok: false, words: expect.stringContaining('key store') });
  }
  // On macOS and Windows the backend's name says nothing; only availability counts.
  expect(await databaseKey(keyStore('unknown'), folder, false, 'darwin')).toMatchObject({ ok: true, throwAway: false });
});

test('only a demonstration goes on with a throw-away key, readable by the user alone', async () => {
  const first = await databaseKey(keyStore('basic_text'), folder, true, 'linux');
  expect(first).toMatchObject({ ok: true, throwAway: true });
  expect(await databaseKey(keyStore('basic_text'), folder, true, 'linux')).toEqual(first);
  expect((await stat(path.join(folder, 'throw-away.key'))).mode & 0o777).toBe(0o600);
});

test('a key that can no longer be unwrapped is said, and the file is left as it was', async () => {
  await databaseKey(keyStore('gnome_libsecret'), folder, false, 'linux');
  const file = path.join(folder, 'database.key');
  const before = await readFile(file);
  expect(await databaseKey(keyStore('gnome_libsecret', { lost: true }), folder, false, 'linux')).toMatchObject({
    ok: false,
    words: expect.stringContaining('was not touched'),
  });
  expect((await readFile(file)).equals(before)).toBe(true);
});
