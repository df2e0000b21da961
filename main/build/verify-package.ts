/**
 * Looks at a package before anybody else does. `npm run verify:package` judges what would be packed from this tree;
 * `npm run verify:package -- dist/linux-unpacked` a package that was made: its archive's files and its binary's fuses too.
 * Exit code 1 when anything is wrong.
 */
import { existsSync, globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { FUSES, wrongFuses } from './fuses.ts';
import { isPacked, type PackSettings, pathsOfArchive, wrongSettings, wrongWith } from './package-contents.ts';

const root = path.join(import.meta.dirname, '..', '..');

/** Folders that a pattern names; nothing else is walked. */
const PLACES = ['package.json', 'out/**/*', 'migrations/**/*', 'node_modules/{better-sqlite3,onnxruntime-node,onnxruntime-common}/**/*'];
const LEAST_FILES = 40;

/** Every file that the settings choose, from the project's folder. */
export function packedFiles({ files }: PackSettings): readonly string[] {
  return PLACES.flatMap((pattern) => globSync(pattern, { cwd: root }))
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => isPacked(file, files) && statSync(path.join(root, file)).isFile())
    .toSorted();
}

export const packSettings = (): PackSettings => parse(readFileSync(path.join(root, 'electron-builder.yml'), 'utf8')) as PackSettings;

const text = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** Everything wrong with what would be packed. */
export function wrongWithTree(): readonly string[] {
  const settings = packSettings();
  const paths = packedFiles(settings);
  return [
    ...(paths.length < LEAST_FILES ? [`only ${paths.length} files would be packed: run npm run build first`] : []),
    ...wrongWith({ paths, text }),
    ...wrongSettings(settings, paths),
  ];
}

/** Everything wrong with a package that was made, of which the tree is the source. */
async function wrongWithMade(folder: string): Promise<readonly string[]> {
  const archive = path.join(folder, 'resources', 'app.asar');
  const made = new Set(pathsOfArchive(readFileSync(archive)));
  const meant = packedFiles(packSettings());
  const binary = readdirSync(folder).find((name) => name === 'sotto' || name === 'Sotto.exe' || name === 'electron');
  return [
    ...meant.filter((file) => !made.has(file)).map((file) => `${file} is not in the archive`),
    ...[...made].filter((file) => !meant.includes(file)).map((file) => `${file} is in the archive, and nobody put it there`),
    ...(binary === undefined ? ['there is no binary to read fuses from'] : await wrongFuses(path.join(folder, binary))),
  ];
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (folder !== undefined && !existsSync(folder)) throw new Error(`There is no package in ${folder}: make one with npm run package.`);
  const wrong = [...wrongWithTree(), ...(folder === undefined ? [] : await wrongWithMade(folder))];
  const paths = packedFiles(packSettings());
  const bytes = paths.reduce((sum, file) => sum + statSync(path.join(root, file)).size, 0);
  process.stdout.write(`${paths.length} files, ${(bytes / 1_048_576).toFixed(1)} MB; ${Object.keys(FUSES).length} fuses\n`);
  for (const words of wrong) process.stderr.write(`${words}\n`);
  if (folder === undefined)
    process.stderr.write('No package was looked into: its archive and the fuses of its binary were not read back.\n');
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
