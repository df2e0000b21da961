/** What a package holds, judged as data: a list of paths and what is in them. */
import { isBuiltin } from 'node:module';
import path from 'node:path/posix';
import { BUNDLES } from './bundles.ts';

/** Files of a package: their paths from the project's folder, and a way to their text. */
export interface Contents {
  readonly paths: readonly string[];
  readonly text: (file: string) => string;
}

/** The part of electron-builder's settings that decides what is packed. */
export interface PackSettings {
  readonly files: readonly string[];
  readonly asar: boolean;
  readonly asarUnpack: readonly string[];
  readonly afterPack: string;
}

/** Whether a path is packed: of the patterns that match it the last decides; one that begins with `!` leaves it out. */
export function isPacked(file: string, patterns: readonly string[]): boolean {
  const last = patterns.findLast((pattern) => path.matchesGlob(file, pattern.replace(/^!/, '')));
  return last !== undefined && !last.startsWith('!');
}

/** Without these nothing starts. */
const NEEDED = ['package.json', 'out/renderer/index.html', ...BUNDLES.map(({ file }) => `out/main/${file}`)];
const LEAST_MIGRATIONS = 5;

/** What nobody's desk needs, or what would give something away. */
const UNWANTED: readonly (readonly [words: string, pattern: RegExp])[] = [
  ['a source map', /\.map$/],
  ['a source', /^(?!node_modules\/).*\.(?:ts|tsx|jsx)$/],
  ['a test', /(?:^|\/)(?:test|tests|__tests__)\/|\.(?:test|spec)\.[cm]?[jt]sx?$/],
  ['not of the desk', /^(?:central|engine|main|renderer|docs|test|dist|coverage)\//],
  ['of another organisation or a data set', /(?:^|\/)(?:demo|shared|data)\//],
  ['a key, a store or a setting of a machine', /(?:\.(?:pem|key|p12|pfx|sqlite3?|db|env|log|sealed)|(?:^|\/)\.[^/]+)$/],
  ['native code that is built on the spot', /\.(?:c|cc|cpp|h|gyp|gypi|o|obj|a)$/],
];

/** What is in no bundle of ours: tools of tests and of debugging, and where the sources are. */
const UNSAID: readonly (readonly [words: string, pattern: RegExp])[] = [
  ['names its source map', /\/\/[#@] sourceMappingURL=/],
  ['stops in a debugger', /(?:^|[;{}\n])\s*debugger\s*;/],
  ['knows of tests', /SOTTO_TEST_|from ["']vitest["']|failpoint/i],
];

/** Dependencies of packed packages that are only for their installation. */
const AT_INSTALLATION: ReadonlySet<string> = new Set(['adm-zip', 'global-agent', 'node-addon-api']);
const OWN = /^out\/(?:main|renderer)\/.*\.(?:[cm]?js|html|css)$/;
const NATIVE = /\.(?:node|dll|dylib|so(?:\.[\d.]+)?)$/;

const packageOf = (specifier: string): string => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;

/** Everything wrong with it, in words; empty when nothing is. Throws nothing: what cannot be read is wrong. */
export function wrongWith({ paths, text }: Contents): readonly string[] {
  const all = new Set(paths);
  const packages = new Set(paths.flatMap((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []));
  const own = paths.filter((file) => OWN.test(file));
  return [
    ...NEEDED.filter((file) => !all.has(file)).map((file) => `${file} is missing`),
    ...(paths.filter((file) => /^migrations\/desktop\/\d+.*\.sql$/.test(file)).length < LEAST_MIGRATIONS ? ['migrations are missing'] : []),
    ...(paths.some((file) => file.endsWith('.node')) ? [] : ['no native library is packed']),
    ...paths.flatMap((file) => UNWANTED.filter(([, pattern]) => pattern.test(file)).map(([words]) => `${file} is ${words}`)),
    ...own.flatMap((file) => UNSAID.filter(([, pattern]) => pattern.test(text(file))).map(([words]) => `${file} ${words}`)),
    ...own.filter((file) => file.endsWith('js')).flatMap((file) => unresolved(file, text(file), packages)),
    ...[...packages].flatMap((name) => missingOf(name, text, packages)),
    ...mainOf(text, all),
  ];
}

/** Bare specifiers of a bundle that nothing in the package answers. */
function unresolved(file: string, source: string, packages: ReadonlySet<string>): readonly string[] {
  const asked = source.matchAll(/(?:^|[;\n}])\s*(?:import|export)\s*(?:[\w$*{][^'"\n;]*?\bfrom\s*)?["']([^"'\n]+)["']/g);
  const required = source.matchAll(/(?<![\w$.])require\(["']([^"'\n]+)["']\)/g);
  return [...new Set([...asked, ...required].map(([, specifier = '']) => specifier))]
    .filter((specifier) => !/^[./#]/.test(specifier) && !isBuiltin(specifier) && specifier !== 'electron')
    .filter((specifier) => !packages.has(packageOf(specifier)))
    .map((specifier) => `${file} asks for ${specifier}, which is not packed`);
}

/** Run-time dependencies of a packed package that are not packed. */
function missingOf(name: string, text: (file: string) => string, packages: ReadonlySet<string>): readonly string[] {
  const { dependencies = {} } = JSON.parse(text(`node_modules/${name}/package.json`)) as { dependencies?: Record<string, string> };
  return Object.keys(dependencies)
    .filter((needed) => !packages.has(needed) && !AT_INSTALLATION.has(needed))
    .map((needed) => `${name} needs ${needed}, which is not packed`);
}

function mainOf(text: (file: string) => string, all: ReadonlySet<string>): readonly string[] {
  const { main } = JSON.parse(text('package.json')) as { main?: string };
  return main !== undefined && all.has(main) ? [] : [`package.json starts ${main ?? 'nothing'}, which is not packed`];
}

/** Everything wrong with the settings a package is made by. */
export function wrongSettings({ asar, asarUnpack, afterPack }: PackSettings, paths: readonly string[]): readonly string[] {
  const inside = paths.filter((file) => NATIVE.test(file) && !asarUnpack.some((pattern) => path.matchesGlob(file, pattern)));
  return [
    ...(asar ? [] : ['files are not packed into one archive: nothing guards them']),
    ...(afterPack === './main/build/after-pack.ts' ? [] : ['no step sets the fuses']),
    ...inside.map((file) => `${file} stays in the archive, from which the system cannot load it`),
  ];
}

interface Entry {
  readonly files?: Readonly<Record<string, Entry>>;
}

/** Paths of an archive as Electron reads it: four numbers, then a directory as JSON, then the files. Throws when it is none. */
export function pathsOfArchive(bytes: Buffer): readonly string[] {
  const length = bytes.length > 16 ? bytes.readUInt32LE(12) : 0;
  if (bytes.length < 16 || bytes.readUInt32LE(0) !== 4 || length === 0 || length > bytes.length - 16)
    throw new Error('this is no archive of Electron');
  const walk = (at: string, { files }: Entry): readonly string[] =>
    files === undefined ? [at] : Object.entries(files).flatMap(([name, entry]) => walk(at === '' ? name : `${at}/${name}`, entry));
  return walk('', JSON.parse(bytes.toString('utf8', 16, 16 + length)) as Entry);
}
