/**
 * YAML text → plain data that remembers its lines.
 *
 * Only what a policy needs is let through: maps with text keys, lists and scalars of the YAML 1.2 core
 * schema. Anchors, aliases, tags and duplicate keys are refused, so no short text can grow into a large
 * one and no key can be silently overruled.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument, type YAMLMap } from 'yaml';
import type { FaultList } from './fault-list.ts';
import { MAX_DEPTH, type PolicySource, type SourcePath } from './policy-source.ts';

/** Reads one file. Faults go to `faults`; null when there is nothing to check further. */
export const readYaml = (file: string, text: string, faults: FaultList): PolicySource | null => {
  const lines = new LineCounter();
  // Duplicate keys are found below in linear time; the library compares each key with each.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false, version: '1.2', schema: 'core' });
  const lineOf = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  const problems = [...document.errors, ...document.warnings];
  for (const problem of problems.slice(0, 20)) faults.add(file, lineOf(problem.pos[0]), `cannot be read as YAML: ${problem.message}`);
  if (problems.length > 0) return null;
  const root = document.contents;
  if (root === null) {
    faults.add(file, 1, 'the file is empty: write its content, or [] for an empty list and {} for an empty map');
    return null;
  }
  const before = faults.count;
  const value = new PlainReader(file, lineOf, faults).read(root, 0);
  if (faults.count > before) return null;
  return {
    file,
    value,
    lineAt: (path, offset) => {
      const node = nodeAt(root, path);
      return lineOf(offset === undefined ? node.range[0] : sourceOffset(node, text, offset));
    },
    lineOfKey: (path, key) => {
      const node = nodeAt(root, path);
      const pair = isMap(node) ? pairOf(node, key) : undefined;
      return lineOf((pair?.key ?? node).range[0]);
    },
  };
};

class PlainReader {
  readonly #file: string;
  readonly #lineOf: (offset: number) => number;
  readonly #faults: FaultList;

  constructor(file: string, lineOf: (offset: number) => number, faults: FaultList) {
    this.#file = file;
    this.#lineOf = lineOf;
    this.#faults = faults;
  }

  read(node: ParsedNode, depth: number): unknown {
    if (isAlias(node)) return this.#refuse(node, `alias *${node.source} is not allowed: write the value out`);
    if (node.anchor !== undefined) return this.#refuse(node, `anchor &${node.anchor} is not allowed: write the value out where it is used`);
    if (node.tag !== undefined) {
      return this.#refuse(node, `tag ${node.tag} is not allowed: write the value without it`);
    }
    if (isScalar(node)) return node.value;
    if (depth >= MAX_DEPTH) return this.#refuse(node, `nested more than ${MAX_DEPTH} levels deep: no policy needs that`);
    if (isSeq(node)) return node.items.map((item) => this.read(item, depth + 1));
    return this.#readMap(node, depth);
  }

  #readMap(node: YAMLMap.Parsed, depth: number): unknown {
    const plain: Record<string, unknown> = Object.create(null);
    for (const { key, value } of node.items) {
      const name = isScalar(key) && key.anchor === undefined ? wordOfKey(key.value) : null;
      if (name === null) {
        this.#refuse(key, 'a key must be a plain word');
        continue;
      }
      if (name in plain) this.#refuse(key, `key "${name}" is there twice: keep one`);
      // `key:` with nothing after it is null, which every schema refuses with the key's name.
      plain[name] = value === null ? null : this.read(value, depth + 1);
    }
    return plain;
  }

  #refuse(node: ParsedNode, reason: string): null {
    this.#faults.add(this.#file, this.#lineOf(node.range[0]), reason);
    return null;
  }
}

const wordOfKey = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;

const pairOf = (map: YAMLMap.Parsed, key: string | number) =>
  map.items.find((pair) => isScalar(pair.key) && wordOfKey(pair.key.value) === String(key));

const nodeAt = (root: ParsedNode, path: SourcePath): ParsedNode => {
  let node = root;
  for (const step of path) {
    const next = isMap(node) ? pairOf(node, step)?.value : isSeq(node) ? node.items[Number(step)] : undefined;
    if (next === undefined || next === null) break;
    node = next;
  }
  return node;
};

/**
 * Where in the file the character at `offset` of a text stands. Folding and indenting change only white
 * space, so the n-th visible character of the value is the n-th visible one of the source.
 */
const sourceOffset = (node: ParsedNode, text: string, offset: number): number => {
  const [start, end] = node.range;
  if (!isScalar(node) || typeof node.value !== 'string' || !text.slice(start, end).includes('\n')) return start;
  let at = start;
  if (text[at] === '|' || text[at] === '>') at = text.indexOf('\n', at);
  else if (text[at] === '"' || text[at] === "'") at++;
  let visible = node.value.slice(0, offset).replace(/\s+/g, '').length;
  while (at < end) {
    if (!/\s/.test(text[at] ?? '') && visible-- === 0) break;
    at++;
  }
  return at;
};
