import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, inspect, type SourceFile } from './find-violations.ts';
import { DEFAULT_EXPORTS, LAYERS, PASSING_ON, TOP } from './layers.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const CODE = /\.(?:[cm]?[jt]s|[jt]sx)$/;
const NOT_OURS = new Set(['node_modules', 'out', 'dist', 'coverage']);
/** A walk that found less than this looked in the wrong place. */
const LEAST_FILES = 250;
const LEAST_IMPORTS = 600;

const filesBelow = (folder: string): SourceFile[] =>
  readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry): SourceFile[] => {
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) || entry.name.startsWith('.') ? [] : filesBelow(name);
    return CODE.test(entry.name) && !entry.name.startsWith('.') ? [{ path: name, text: readFileSync(path.join(ROOT, name), 'utf8') }] : [];
  });

describe('the architecture', () => {
  const files = filesBelow('');
  const inspection = inspect(files);

  it('was looked at: enough files, enough imports, every layer', () => {
    expect(inspection.files).toBeGreaterThanOrEqual(LEAST_FILES);
    expect(inspection.imports).toBeGreaterThanOrEqual(LEAST_IMPORTS);
    for (const { folder } of LAYERS) expect(inspection.byLayer.get(folder) ?? 0, folder).toBeGreaterThan(0);
  });

  it('is kept: layers, packages, names, sizes, exports', () => {
    expect(inspection.violations).toEqual([]);
  });

  it('finds as many import statements as there are lines that begin one', () => {
    // Another, cruder count: a pattern that fell silent on some form of import would show here.
    const crude = files.reduce(
      (sum, { text }) => sum + (text.match(/^(?:import\b(?!\.|\()|\} from ').*?(?:from |import )?['"][^'"]+['"];$/gm)?.length ?? 0),
      0,
    );
    expect(crude).toBeGreaterThan(LEAST_IMPORTS / 2);
    expect(inspection.imports).toBeGreaterThanOrEqual(crude);
  });

  it('has nothing at the top but what belongs there', () => {
    const strangers = readdirSync(ROOT).filter((name) => !name.startsWith('.') && !TOP.includes(name));
    expect(strangers).toEqual([]);
  });

  it('makes no exception for a file that is not there', () => {
    const excepted = [DEFAULT_EXPORTS, PASSING_ON].flatMap((list) => Object.keys(list));
    expect(excepted.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });
});

const found = (file: string, text: string): string => inspect([{ path: file, text }]).violations.join('\n');

describe('the architecture check catches', () => {
  const planted: readonly (readonly [string, string, string, string])[] = [
    ['Node in the core', 'engine/core/arbitrate.ts', "import { readFileSync } from 'node:fs';", 'may not touch Node'],
    ['Node without its prefix', 'central/start.ts', "import fs from 'fs';", 'without node: in front'],
    ['a package in the core', 'engine/core/arbitrate.ts', "import { z } from 'zod';", 'may import none'],
    [
      'an adapter in the core',
      'engine/core/arbitrate.ts',
      "import { openStore } from '#adapters/sqlite/open-store.ts';",
      'may import #contract',
    ],
    ['anything of ours in the contract', 'engine/contract/model.ts', "import { exp } from '#core';", 'nothing of ours'],
    ['another adapter’s library', 'engine/adapters/onnx/onnx-scorer.ts', "import Database from 'better-sqlite3';", '"better-sqlite3"'],
    ['the core in an adapter', 'engine/adapters/sqlite/ledger.ts', "import { canonicalJson } from '#core';", '#core'],
    ['an adapter in the composition', 'engine/intake.ts', "import { OnnxScorer } from '#adapters/onnx/onnx-scorer.ts';", '#adapters'],
    ['an adapter in the shell', 'main/shell/main.ts', "import { openStore } from '#adapters/sqlite/open-store.ts';", '#adapters'],
    ['the renderer reaching for Node', 'renderer/views/card.tsx', "import path from 'node:path';", 'may not touch Node'],
    ['the renderer reaching for the core', 'renderer/views/card.tsx', "import { exp } from '#core';", 'may import #contract'],
    ['central reaching for the desk', 'central/start.ts', "import { lockDown } from '#main/shell/lock-down.ts';", '#main'],
    ['a type alone', 'engine/core/arbitrate.ts', "import type { Server } from 'node:http';", 'may not touch Node'],
    ['an import over several lines', 'engine/core/arbitrate.ts', "import {\n  a,\n  b,\n} from 'lodash';", '"lodash"'],
    ['an import for its effect', 'engine/core/arbitrate.ts', "import 'reflect-metadata';", '"reflect-metadata"'],
    ['an import at run time', 'engine/core/arbitrate.ts', "export const a = async () => import('node:fs');", 'may not touch Node'],
    ['require', 'renderer/api.ts', "const fs = require('fs');", 'without node: in front'],
    [
      'a way round a boundary',
      'engine/policy/check.ts',
      "import { canonicalJson } from '../core/canonical-json.ts';",
      'leaves engine/policy',
    ],
    ['a way into a part of the engine', 'engine/intake.ts', "import { redact } from './core/redaction/redact.ts';", 'leaves engine'],
    ['a way out of a top folder', 'main/shell/main.ts', "import { a } from '../../central/a.ts';", 'leaves main'],
    ['passing on', 'engine/core/all.ts', "export { a } from './a.ts';", 'passes on'],
    ['passing everything on', 'central/index.ts', "export * from './a.ts';", 'passes on'],
    ['a default export', 'central/a.ts', 'export default 1;', 'default export'],
    ['a default export by another name', 'central/a.ts', 'const a = 1;\nexport { a as default };', 'default export'],
    ['an empty name', 'central/string-utils.ts', '', '"utils"'],
    ['an empty folder name', 'central/common/a.ts', '', '"common"'],
    ['a name not in kebab-case', 'central/orderManager.ts', '', 'kebab-case'],
    ['a file that is too long', 'central/a.ts', 'x\n'.repeat(401), '401 lines'],
    ['a folder in no layer', 'scripts/a.ts', '', 'lies in no layer'],
  ];
  it.each(planted)('%s', (_, file, text, words) => expect(found(file, text)).toContain(words));

  it('nothing in what is allowed', () => {
    expect(planted.length).toBeGreaterThanOrEqual(25);
    const good: SourceFile[] = [
      { path: 'engine/core/a.ts', text: "import { type B } from './b.ts';\nimport type { CallState } from '#contract/call-state.ts';\n" },
      { path: 'engine/core/mod.ts', text: "export { a } from './a.ts';\n" },
      { path: 'main/cli/commands/a.ts', text: "import { b } from '../b.ts';\nimport { c } from '#adapters/sqlite/c.ts';\n" },
      {
        path: 'central/a.ts',
        text: "// import x from 'left-pad';\nconst s = \"import x from 'left-pad'\";\n/**\n * import('left-pad')\n */\n",
      },
    ];
    expect(inspect(good).violations).toEqual([]);
    expect(inspect(good).imports).toBe(5);
  });

  it('imports in every form', () => {
    const text = [
      "import a from 'a';",
      "import type { B } from 'b';",
      "import { c, type D } from 'c';",
      "import * as e from 'e';",
      "export * from 'f';",
      "export type { G } from 'g';",
      "import 'h';",
      'import {\n  i,\n} from "i";',
      "const j = await import('j');",
      "const k = require('k');",
      "type L = typeof import('l');",
    ].join('\n');
    expect(importsOf(text).toSorted()).toEqual('abcefghijkl'.split(''));
  });
});
