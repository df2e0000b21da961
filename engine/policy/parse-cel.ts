/** CEL text → syntax tree. Only read, never evaluated: the library takes unknown for false and throws on an absent field. */
import { type ASTNode, Environment } from '@marcbachmann/cel-js';

interface CelArgs {
  readonly value: Extract<ASTNode, { op: 'value' }>['args'];
  readonly id: string;
  readonly '.': readonly [CelNode, string];
  readonly '.?': readonly [CelNode, string];
  readonly '[]': readonly [CelNode, CelNode];
  readonly '[?]': readonly [CelNode, CelNode];
  readonly call: readonly [string, readonly CelNode[]];
  readonly rcall: readonly [string, CelNode, readonly CelNode[]];
  readonly list: readonly CelNode[];
  readonly map: readonly (readonly [CelNode, CelNode])[];
  readonly '?:': readonly [CelNode, CelNode, CelNode];
  readonly '!_': CelNode;
  readonly '-_': CelNode;
}
type BinaryOperator = Exclude<ASTNode['op'], keyof CelArgs>;
type Arguments = CelArgs & Readonly<Record<BinaryOperator, readonly [CelNode, CelNode]>>;

/** What is read of a node of the library's tree. `input` is the whole text, `start` and `end` where the node stands in it. */
export type CelNode = {
  readonly [Op in ASTNode['op']]: {
    readonly op: Op;
    readonly args: Arguments[Op];
    readonly start: number;
    readonly end: number;
    readonly input: string;
  };
}[ASTNode['op']];

const parser = new Environment({ limits: { maxAstNodes: 600, maxDepth: 24, maxListElements: 256, maxCallArguments: 8 } });

/** Throws the library's ParseError for what is no CEL, and for a text beyond the limits. */
export const parseCel = (text: string): CelNode => parseComparison(text) ?? parser.parse(text).ast;

/** `profile.tenureMonths >= 12`, `profile.plan == "plus"`, `profile.plan in ["basic", "plus"]`. */
const COMPARISON =
  /^(profile|journey|model|call)\.((?!(?:in|true|false|null) )[A-Za-z]\w*) (>=|<=|==|!=|>|<|in) (?:([0-9]{1,15}(?:\.[0-9]{1,15})?)|("[^"\\\n\r]*")|\[("[^"\\\n\r]*"(?:, ?"[^"\\\n\r]*")*)\])$/;
const LISTED = /"([^"]*)"/g;

/**
 * The one comparison most conditions are, as the library reads it, ten times as fast; null for anything else. That both give
 * the same tree is a property in test/policy/condition-properties.test.ts.
 */
export const parseComparison = (text: string): CelNode | null => {
  const match = COMPARISON.exec(text);
  if (match === null) return null;
  const [, root = '', name = '', is = '', number, quoted, list] = match;
  const end = text.length;
  const dot = root.length;
  const field: CelNode = {
    op: '.',
    args: [{ op: 'id', args: root, start: 0, end: dot, input: text }, name],
    start: 0,
    end: dot + 1 + name.length,
    input: text,
  };
  if (is === 'in') {
    if (list === undefined) return null;
    const start = end - list.length - 2;
    const values = [...list.matchAll(LISTED)].map(({ 0: whole, 1: value = '', index }): CelNode => {
      const from = start + 1 + index;
      return { op: 'value', args: value, start: from, end: from + whole.length, input: text };
    });
    return { op: 'in', args: [field, { op: 'list', args: values, start, end, input: text }], start: 0, end, input: text };
  }
  if (list !== undefined || !isComparison(is)) return null;
  const value = quoted === undefined ? numberOf(number ?? '') : quoted.slice(1, -1);
  const right: CelNode = { op: 'value', args: value, start: end - (quoted ?? number ?? '').length, end, input: text };
  return { op: is, args: [field, right], start: 0, end, input: text };
};

const isComparison = (is: string): is is '>=' | '<=' | '==' | '!=' | '>' | '<' => is !== 'in';

/** Whole numbers are of arbitrary length in the tree. */
const numberOf = (text: string): number | bigint => (text.includes('.') ? Number(text) : BigInt(text));
