import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FuseState, FuseV1Options } from '@electron/fuses';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { afterPack } from '#main/build/after-pack.ts';
import { FUSES, setFuses, wrongFuses } from '#main/build/fuses.ts';
import { ELECTRON_SUPPORT, isSupported } from '#main/build/supported-electron.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-fuses-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** By this the fuses are found inside Electron's binary; version and number of fuses follow, then one byte each. */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const KNOWN = Object.keys(FUSES).length;

/** A file like Electron's binary as far as fuses go, all of them as Electron leaves them: the other way round. */
function binary(name: string, fuses = KNOWN): string {
  const states = Object.values(FUSES).map((on) => (on ? FuseState.DISABLE : FuseState.ENABLE));
  while (states.length < fuses) states.push(FuseState.ENABLE);
  const file = path.join(folder, name);
  const around = Buffer.alloc(70_000, 0x90);
  writeFileSync(file, Buffer.concat([around, Buffer.from(SENTINEL), Buffer.from([1, fuses]), Buffer.from(states.slice(0, fuses)), around]));
  return file;
}

const packed = (version: string) => ({
  appOutDir: folder,
  electronPlatformName: 'linux',
  packager: { appInfo: { productFilename: 'Sotto' }, executableName: 'sotto', info: { framework: { version } } },
});

test('[E19] the fuses are exactly these, and every fuse the tool knows is among them', () => {
  expect(FUSES).toEqual({
    RunAsNode: false,
    EnableCookieEncryption: true,
    EnableNodeOptionsEnvironmentVariable: false,
    EnableNodeCliInspectArguments: false,
    EnableEmbeddedAsarIntegrityValidation: true,
    OnlyLoadAppFromAsar: true,
    LoadBrowserProcessSpecificV8Snapshot: false,
    GrantFileProtocolExtraPrivileges: false,
    WasmTrapHandlers: true,
  });
  expect(Object.keys(FUSES).toSorted()).toEqual(
    Object.keys(FuseV1Options)
      .filter((name) => Number.isNaN(Number(name)))
      .toSorted(),
  );
});

test('[E19] packing sets each fuse in the binary and reads it back', async () => {
  const file = binary('sotto');
  expect(await wrongFuses(file)).toHaveLength(KNOWN);
  await afterPack(packed('45.4.1'));
  expect(await wrongFuses(file)).toEqual([]);
});

test('[E19] a fuse that was set back is named, whichever it is', async () => {
  const file = binary('electron');
  await setFuses(file);
  const bytes = readFileSync(file);
  const first = bytes.indexOf(SENTINEL) + SENTINEL.length + 2;
  for (const [place, name] of Object.keys(FUSES).entries()) {
    const spoilt = Buffer.from(bytes);
    spoilt[first + place] = spoilt[first + place] === FuseState.ENABLE ? FuseState.DISABLE : FuseState.ENABLE;
    writeFileSync(file, spoilt);
    expect(await wrongFuses(file)).toEqual([expect.stringContaining(name)]);
  }
});

test('[E19] a binary with one fuse more, one less or none is not packed', async () => {
  await expect(setFuses(binary('newer', KNOWN + 1))).rejects.toThrow('strictlyRequireAllFuses');
  await expect(setFuses(binary('older', KNOWN - 1))).rejects.toThrow('not long enough');
  const none = path.join(folder, 'none');
  writeFileSync(none, Buffer.alloc(1_000));
  await expect(setFuses(none)).rejects.toThrow('sentinel');
});

test('[E19] the packer runs this and nothing else sets fuses', () => {
  const config = parse(read('electron-builder.yml')) as Record<string, unknown>;
  expect(config['afterPack']).toBe('./main/build/after-pack.ts');
  expect(config['electronFuses']).toBeUndefined();
  expect(config['asar']).toBe(true);
});

test('[E16] Electron is one of the three supported majors of the dated table, and a package of another is refused', async () => {
  const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> };
  const version = devDependencies['electron'] ?? '';
  expect(ELECTRON_SUPPORT).toHaveLength(3);
  const newest = ELECTRON_SUPPORT.at(-1);
  for (const day of [newest?.from ?? '', newest?.until ?? '']) expect(isSupported(version, day), `${version} on ${day}`).toBe(true);
  for (const [other, day] of [
    [version, '2026-10-19'],
    [version, '2027-04-07'],
    ['42.9.9', '2026-11-20'],
    ['46.0.0', '2026-11-20'],
    ['', '2026-11-20'],
  ] as const)
    expect(isSupported(other, day), `${other} on ${day}`).toBe(false);
  binary('sotto');
  await expect(afterPack(packed('12.0.0'))).rejects.toThrow('not among the supported versions');
});
