/** What a package of this tree would hold, without packing it; and that each thing that must not be in it is seen. */
import { expect, test } from 'vitest';
import { type Contents, isPacked, pathsOfArchive, wrongSettings, wrongWith } from '#main/build/package-contents.ts';
import { packedFiles, packSettings, wrongWithTree } from '#main/build/verify-package.ts';
import { ensureFreshBuild } from '../e2e/fresh-build.ts';

const SOUND: Readonly<Record<string, string>> = {
  'package.json': '{"main":"out/main/main.js"}',
  'out/main/main.js': "import{app}from'electron';import Database from'better-sqlite3';import'node:fs';",
  'out/main/preload.cjs': "const{contextBridge}=require('electron')",
  'out/main/engine-process.js': "import * as core from './core.mjs';\nimport path from 'path';\n",
  'out/main/drain-process.js': 'export {};',
  'out/main/probe-process.js': 'export {};',
  'out/main/memory-watch.js': 'export {};',
  'out/main/core.mjs': 'export const answer = "import x from \'nothing\'";',
  'out/renderer/index.html': '<script type="module" src="./assets/index.js"></script>',
  ...Object.fromEntries([1, 2, 3, 4, 5].map((number) => [`migrations/desktop/000${number}_something.sql`, 'select 1'])),
  'node_modules/better-sqlite3/package.json': '{"dependencies":{"node-addon-api":"8.0.0"}}',
  'node_modules/better-sqlite3/prebuilds/linux-x64.node': '',
};
const contents = (files: Readonly<Record<string, string>>): Contents => ({
  paths: Object.keys(files),
  text: (file) => files[file] ?? expect.fail(`${file} was read and is not there`),
});
const wrong = (more: Readonly<Record<string, string>>): readonly string[] => wrongWith(contents({ ...SOUND, ...more }));

test('what would be packed from this tree is whole, runs by itself, and holds nothing else', async () => {
  await ensureFreshBuild();
  expect(wrongWithTree()).toEqual([]);
  const paths = packedFiles(packSettings());
  for (const needed of [/^out\/renderer\/assets\/.*\.js$/, /better-sqlite3.*\.node$/, /onnxruntime.*\.(?:so|dylib|dll)/]) {
    expect(
      paths.some((file) => needed.test(file)),
      String(needed),
    ).toBe(true);
  }
});

test('a sound package has nothing wrong with it', () => {
  expect(wrong({})).toEqual([]);
});

test.each([
  ['out/main/main.js.map', '', 'a source map'],
  ['node_modules/better-sqlite3/lib/index.js.map', '', 'a source map'],
  ['out/main/main.ts', '', 'a source'],
  ['out/main/main.test.js', '', 'a test'],
  ['node_modules/better-sqlite3/test/x.js', '', 'a test'],
  ['central/http/start.js', '', 'not of the desk'],
  ['out/renderer/data/rows.csv', '', 'a data set'],
  ['out/main/signing.pem', '', 'a key'],
  ['out/.env', '', 'a key, a store or a setting'],
  ['node_modules/better-sqlite3/binding.gyp', '', 'built on the spot'],
  ['out/main/a.js', 'x();\n//# sourceMappingURL=a.js.map', 'names its source map'],
  ['out/main/b.js', 'if (x) {\n  debugger;\n}', 'stops in a debugger'],
  ['out/main/c.js', "process.env['SOTTO_TEST_ENGINE']", 'knows of tests'],
  ['out/main/d.js', "import left from 'left-pad';", 'asks for left-pad'],
  ['out/main/e.js', 'a();import"@scope/thing/deep";', 'asks for @scope/thing/deep'],
  ['out/main/f.cjs', 'const x = require("left-pad")', 'asks for left-pad'],
  ['node_modules/onnxruntime-node/package.json', '{"dependencies":{"onnxruntime-common":"1"}}', 'needs onnxruntime-common'],
  ['package.json', '{"main":"out/main/nowhere.js"}', 'starts out/main/nowhere.js'],
])('canary: %s is seen', (file, text, words) => {
  expect(wrong({ [file]: text }).join('\n')).toContain(words);
});

test('canary: what is missing is seen', () => {
  for (const file of ['out/main/core.mjs', 'out/renderer/index.html', 'migrations/desktop/0003_something.sql']) {
    const { [file]: _, ...others } = SOUND;
    expect(wrongWith(contents(others)).join('\n'), file).toMatch(/missing/);
  }
  const { 'node_modules/better-sqlite3/prebuilds/linux-x64.node': _, ...others } = SOUND;
  expect(wrongWith(contents(others))).toContain('no native library is packed');
});

test('of the patterns the last that matches decides', () => {
  const patterns = ['out/**', '!**/*.map', '!node_modules/**', 'node_modules/a/**'];
  expect(
    ['out/x.js', 'out/x.map', 'node_modules/b/x.js', 'node_modules/a/x.js', 'docs/x.md'].map((file) => isPacked(file, patterns)),
  ).toEqual([true, false, false, true, false]);
});

test('settings without an archive, without the step for the fuses, or with native code inside are wrong', () => {
  const settings = { files: [], asar: true, asarUnpack: ['**/*.node'], afterPack: './main/build/after-pack.ts' };
  expect(wrongSettings(settings, ['a/b.node'])).toEqual([]);
  expect(wrongSettings({ ...settings, asar: false }, [])).toHaveLength(1);
  expect(wrongSettings({ ...settings, afterPack: '' }, [])).toHaveLength(1);
  expect(wrongSettings(settings, ['a/libonnxruntime.so.1'])).toHaveLength(1);
});

test('the files of an archive are read from its directory, and what is no archive is refused', () => {
  const directory = Buffer.from(JSON.stringify({ files: { 'package.json': {}, out: { files: { main: { files: { 'main.js': {} } } } } } }));
  const head = Buffer.alloc(16);
  head.writeUInt32LE(4, 0);
  head.writeUInt32LE(directory.length + 8, 4);
  head.writeUInt32LE(directory.length + 4, 8);
  head.writeUInt32LE(directory.length, 12);
  expect(pathsOfArchive(Buffer.concat([head, directory, Buffer.from('bytes')]))).toEqual(['package.json', 'out/main/main.js']);
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(64), head, Buffer.concat([head, Buffer.alloc(4)])])
    expect(() => pathsOfArchive(bytes)).toThrow('no archive');
});
