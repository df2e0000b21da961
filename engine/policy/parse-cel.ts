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

/** Values of one written list. */
export const MAX_LISTED = 256;

const parser = new Environment({ limits: { maxAstNodes: 600, maxDepth: 24, maxListElements: MAX_LISTED, maxCallArguments: 8 } });

/** Throws the library's ParseError for what is no CEL, and for a text beyond the limits. */
export const parseCel = (text: string): CelNode => parser.parse(text).ast;
