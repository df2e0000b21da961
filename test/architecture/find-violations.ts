/** Holds source files against the layers. Pure, so that planted violations can be tried. */
import { builtinModules } from 'node:module';
import path from 'node:path/posix';
import { DEFAULT_EXPORTS, EMPTY_WORDS, type Layer, LAYERS, MOST_LINES, PASSING_ON, UNBOUND } from './layers.ts';

export interface SourceFile {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

export interface Inspection {
  readonly files: number;
  readonly imports: number;
  /** How many files each layer has. */
  readonly byLayer: ReadonlyMap<string, number>;
  readonly violations: readonly string[];
}

/**
 * Module names after `import`, `export … from`, `import()`, `import.meta.resolve()` and `require()`. Statements begin
 * a line, so words in strings and comments do not count; a call may stand anywhere but in a line comment.
 */
export const importsOf = (text: string): readonly string[] => {
  const statements = text.matchAll(/^[ \t]*(?:import|export)\s(?:[^'"`;]*?[\s}]from\s*)?['"]([^'"\n]+)['"]/gm);
  const code = text.replaceAll(/^[ \t]*(?:\/\/|\*).*$/gm, '');
  const calls = code.matchAll(/\b(?:import|require|import\.meta\.resolve)\(\s*(?:\/\*.*?\*\/\s*)?['"]([^'"\n]+)['"]/g);
  return [...statements, ...calls].map((match) => match[1] ?? '');
};

const within = (folder: string, file: string): boolean => file === folder || file.startsWith(`${folder}/`);

/** The layer a file belongs to: that of the longest folder it lies in. */
export const layerOf = (file: string): Layer | undefined =>
  LAYERS.filter(({ folder }) => within(folder, file)).toSorted((a, b) => b.folder.length - a.folder.length)[0];

/** The folder a relative import may not leave: a part of the engine, or a top folder. */
const homeOf = (file: string): string => {
  const [top = '', second = ''] = file.split('/');
  return top === 'engine' && file.split('/').length > 2 ? `${top}/${second}` : top;
};

const NODE = new Set(builtinModules);
const packageOf = (name: string): string =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');

const wrongImport = (file: string, name: string, layer: Layer | undefined): string | undefined => {
  if (name.startsWith('.')) {
    const home = homeOf(file);
    // Tests look at everything, also at what a boundary hides.
    const target = path.join(path.dirname(file), name);
    // The engine's composition is the files directly in its folder; its parts are layers of their own.
    const leaves = home === 'engine' ? path.dirname(target) !== home : !within(home, target);
    if (!UNBOUND.includes(home) && home !== '' && leaves) return `leaves ${home} by "${name}"; use the # name of what it wants`;
    return undefined;
  }
  if (layer === undefined) return undefined;
  if (name.startsWith('#')) {
    const [entry = ''] = name.split('/');
    return layer.ours.includes(entry)
      ? undefined
      : `imports "${name}"; ${layer.folder} may import ${layer.ours.join(', ') || 'nothing of ours'}`;
  }
  if (name.startsWith('node:')) return layer.node ? undefined : `imports "${name}"; ${layer.folder} may not touch Node`;
  if (NODE.has(name)) return `imports "${name}" without node: in front`;
  const asked = packageOf(name);
  return layer.packages.includes(asked)
    ? undefined
    : `imports the package "${asked}"; ${layer.folder} may import ${layer.packages.join(', ') || 'none'}`;
};

const wrongName = (file: string): string | undefined => {
  const parts = file.split('/');
  const base = (parts.at(-1) ?? '').replace(/(?:\.(?:test|d|config))*\.(?:[cm]?[jt]sx?)$/, '');
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(base)) return `"${base}" is not in kebab-case`;
  const empty = [...parts.slice(0, -1), base].flatMap((part) => part.split('-')).find((word) => EMPTY_WORDS.includes(word));
  return empty === undefined ? undefined : `the name says "${empty}", which says nothing`;
};

const wrongShape = ({ path: file, text }: SourceFile): string[] => {
  const found: string[] = [];
  const lines = text.split('\n').length - 1;
  if (lines > MOST_LINES) found.push(`has ${lines} lines, more than ${MOST_LINES}; divide it`);
  if (/^export default\b/m.test(text) || /^export \{[^}]*\bas default\b/m.test(text)) {
    if (DEFAULT_EXPORTS[file] === undefined) found.push('has a default export; name it');
  }
  const passesOn = /^export\s+(?:type\s+)?(?:\*|\{[^}]*\})(?:\s+as\s+\w+)?\s+from\s/m.test(text);
  if (passesOn && !file.endsWith('/mod.ts') && PASSING_ON[file] === undefined)
    found.push('passes on what another file exports; only a mod.ts at a boundary may');
  return found;
};

/** Every violation in these files, each beginning with the file's path. */
export const inspect = (files: readonly SourceFile[]): Inspection => {
  const violations: string[] = [];
  const byLayer = new Map<string, number>();
  let imports = 0;
  for (const file of files) {
    const layer = layerOf(file.path);
    const top = file.path.split('/')[0] ?? '';
    const unbound = UNBOUND.includes(top) || !file.path.includes('/');
    const name = layer?.folder ?? top;
    byLayer.set(name, (byLayer.get(name) ?? 0) + 1);
    const report = (what: string | undefined) => {
      if (what !== undefined) violations.push(`${file.path} ${what}`);
    };
    if (layer === undefined && !unbound) report('lies in no layer; give its folder a row in test/architecture/layers.ts');
    for (const imported of importsOf(file.text)) {
      imports += 1;
      report(wrongImport(file.path, imported, layer));
    }
    report(wrongName(file.path));
    for (const what of wrongShape(file)) report(what);
  }
  return { files: files.length, imports, byLayer, violations };
};
