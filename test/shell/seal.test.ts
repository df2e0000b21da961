import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { openSeal, type Seal } from '#main/shell/seal.ts';
import { readSealed, writeSealed } from '#main/shell/sealed-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sotto-seal-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Backend = 'basic_text' | 'gnome_libsecret' | 'unknown';

/** A key store in memory that answers as the operating system's would: available or not, by backend, with or without a rotated key. */
function keyStore(backend: Backend, { available = true, rotated = false, lost = false } = {}) {
  let sealings = 0;
  return {
    sealings: () => sealings,
    isAsyncEncryptionAvailable: async () => available,
    getSelectedStorageBackend: () => backend,
    encryptStringAsync: async (text: string) => {
      sealings += 1;
      return Buffer.from(text, 'utf8').map((byte) => byte ^ 0x5a) as Buffer;
    },
    decryptStringAsync: async (wrapped: Buffer) => {
      if (lost) throw new Error('no key');
      return { result: Buffer.from(wrapped.map((byte) => byte ^ 0x5a)).toString('utf8'), shouldReEncrypt: rotated };
    },
  };
}

async function sealOf(store: ReturnType<typeof keyStore>, demonstration = false): Promise<Seal> {
  const opened = await openSeal(store, folder, demonstration, 'linux');
  if (!opened.ok) throw new Error(opened.words);
  return opened.seal;
}

const Value = z.strictObject({ word: z.string() });

test('what is sealed is kept in a file of the user’s alone, read back the same, and sealed anew when the key store asks', async () => {
  const file = path.join(folder, 'one.sealed');
  expect(await readSealed(await sealOf(keyStore('gnome_libsecret')), file, Value)).toBeUndefined();
  await writeSealed(await sealOf(keyStore('gnome_libsecret')), file, { word: 'pineapple' });
  const rotated = keyStore('gnome_libsecret', { rotated: true });
  expect(await readSealed(await sealOf(rotated), file, Value)).toEqual({ word: 'pineapple' });
  expect(rotated.sealings()).toBe(1);
  const later = keyStore('gnome_libsecret');
  expect(await readSealed(await sealOf(later), file, Value)).toEqual({ word: 'pineapple' });
  expect(later.sealings()).toBe(0);
  expect((await readFile(file)).includes('pineapple')).toBe(false);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['one.sealed']);
});

test('without a real key store nothing is stored, and the words say what to do', async () => {
  for (const store of [keyStore('basic_text'), keyStore('unknown'), keyStore('gnome_libsecret', { available: false })]) {
    const answer = await openSeal(store, folder, false, 'linux');
    expect(answer).toMatchObject({ ok: false, words: expect.stringContaining('key store') });
  }
  expect(await readdir(folder)).toEqual([]);
  // On macOS and Windows the backend's name says nothing; only availability counts.
  expect(await openSeal(keyStore('unknown'), folder, false, 'darwin')).toMatchObject({ ok: true, throwAway: false });
});

test('only a demonstration goes on with a throw-away key, readable by the user alone', async () => {
  expect(await openSeal(keyStore('basic_text'), folder, true, 'linux')).toMatchObject({ ok: true, throwAway: true });
  const file = path.join(folder, 'one.sealed');
  await writeSealed(await sealOf(keyStore('basic_text'), true), file, { word: 'pineapple' });
  expect(await readSealed(await sealOf(keyStore('basic_text'), true), file, Value)).toEqual({ word: 'pineapple' });
  expect((await readFile(file)).includes('pineapple')).toBe(false);
  expect((await stat(path.join(folder, 'throw-away.key'))).mode & 0o777).toBe(0o600);
});

test('what can no longer be unsealed is said without its content, and the file is left as it was', async () => {
  const file = path.join(folder, 'one.sealed');
  await writeSealed(await sealOf(keyStore('gnome_libsecret')), file, { word: 'pineapple' });
  const before = await readFile(file);
  await expect(readSealed(await sealOf(keyStore('gnome_libsecret', { lost: true })), file, Value)).rejects.toThrow(/Nothing was touched/);
  expect((await readFile(file)).equals(before)).toBe(true);
  await writeFile(
    file,
    Buffer.from('{"word":"pineapple"', 'utf8').map((byte) => byte ^ 0x5a),
  );
  await expect(readSealed(await sealOf(keyStore('gnome_libsecret')), file, Value)).rejects.toThrow(/^(?!.*pineapple)/);
});
