/**
 * CEL text → our condition tree.
 *
 *   text ──cel-js parser──► AST ──this file──► conjuncts of Condition, or faults with their position
 *
 * Everything the tree cannot say is refused by name. The library's evaluator is never used: it throws on
 * an absent field and takes unknown for false.
 */
import { ParseError } from '@marcbachmann/cel-js';
import type { Comparison, Condition, Literal } from '#contract/condition.ts';
import type { Catalogue } from './catalogue.ts';
import { placeOf, refusedConstruct, textOfNode } from './cel-words.ts';
import { misfit } from './misfit.ts';
import { type CelNode, parseCel } from './parse-cel.ts';
import { FUNCTION_NAMES, OperandReader } from './read-operand.ts';

/** One conjunct of a condition; `offset` is where it starts in the text. Scopes may still be `this` (resolve-scope.ts). */
export interface Conjunct {
  readonly condition: Condition;
  readonly text: string;
  readonly offset: number;
}

export interface ConditionFault {
  readonly offset: number;
  readonly reason: string;
}

export interface CompiledCondition {
  readonly conjuncts: readonly Conjunct[];
  /** False when a conjunct could not be compiled, be it without a fault because a catalogue file is unreadable. */
  readonly whole: boolean;
  readonly faults: readonly ConditionFault[];
  /** Every protected field named, by full path, where it is first named. */
  readonly protected: ReadonlyMap<string, number>;
}

/** Compiles one condition against the names of a revision. Pure: equal text and catalogue give an equal result. */
export const compileCondition = (text: string, catalogue: Catalogue): CompiledCondition => {
  let root: CelNode;
  try {
    root = parseCel(text);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return { conjuncts: [], whole: false, faults: [parseFault(error, text)], protected: NONE };
  }
  const compiler = new Compiler(catalogue);
  const conjuncts: Conjunct[] = [];
  const nodes = flatten(root, '&&');
  for (const node of nodes) {
    const condition = compiler.condition(node);
    if (condition !== null) conjuncts.push({ condition, text: textOfNode(node), offset: node.start });
  }
  return { conjuncts, whole: conjuncts.length === nodes.length, faults: compiler.faults, protected: compiler.protectedFields };
};

const parseFault = (error: ParseError, text: string): ConditionFault => {
  const offset = Math.min(error.range?.start ?? 0, text.length);
  const unquoted = text.replace(/"[^"]*"|'[^']*'/g, '');
  const word = /\b(and|or|not)\b/i.exec(unquoted)?.[1]?.toLowerCase();
  const hint =
    word !== undefined
      ? `; write ${word === 'and' ? '&&' : word === 'or' ? '||' : '!'} for "${word}"`
      : /[^=!<>]=[^=]/.test(unquoted)
        ? '; write == to compare'
        : '';
  return { offset, reason: `the condition cannot be read: ${error.summary} at character ${offset + 1}${hint}` };
};

const NONE: ReadonlyMap<string, number> = new Map();

const flatten = (node: CelNode, op: '&&' | '||'): readonly CelNode[] => {
  // From left to right without recursion: a long chain leans to the left.
  const parts: CelNode[] = [];
  const waiting: CelNode[] = [node];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.op === op) waiting.push(next.args[1], next.args[0]);
    else parts.push(next);
  }
  return parts;
};

const FLIPPED: Readonly<Record<Comparison, Comparison>> = { '<': '>', '<=': '>=', '==': '==', '!=': '!=', '>=': '<=', '>': '<' };
/** Sound in three values too: a comparison with an unknown side is unknown either way. */
const NEGATED: Readonly<Record<Comparison, Comparison>> = { '<': '>=', '<=': '>', '==': '!=', '!=': '==', '>=': '<', '>': '<=' };

class Compiler {
  readonly faults: ConditionFault[] = [];
  readonly protectedFields: ReadonlyMap<string, number>;
  readonly #operands: OperandReader;

  constructor(catalogue: Catalogue) {
    this.#operands = new OperandReader(catalogue, (node, reason) => this.#refuse(node, reason));
    this.protectedFields = this.#operands.protectedFields;
  }

  /** Null after a fault. */
  condition(node: CelNode): Condition | null {
    switch (node.op) {
      case '&&':
        return this.#all(flatten(node, '&&'), 'and');
      case '||':
        return this.#all(flatten(node, '||'), 'or');
      case '!_':
        return this.#negation(node.args);
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=':
        return this.#comparison(node, node.op, node.args[0], node.args[1]);
      case 'in':
        return this.#membership(node, node.args[0], node.args[1]);
      case 'value':
        if (typeof node.args === 'boolean') return { op: 'literal', value: node.args };
        return this.#refuse(node, refusedConstruct(node));
      case 'call':
        return this.#call(node, node.args[0], node.args[1]);
      case 'id':
      case '.':
        return this.#bareField(node);
      case '?:':
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
      case '-_':
      case '[]':
      case '[?]':
      case '.?':
      case 'map':
      case 'list':
      case 'rcall':
        return this.#refuse(node, refusedConstruct(node));
    }
  }

  #all(nodes: readonly CelNode[], op: 'and' | 'or'): Condition | null {
    const of: Condition[] = [];
    let whole = true;
    for (const node of nodes) {
      const condition = this.condition(node);
      if (condition === null) whole = false;
      else if (condition.op === op) of.push(...condition.of);
      else of.push(condition);
    }
    return whole ? { op, of } : null;
  }

  #negation(node: CelNode): Condition | null {
    const of = this.condition(node);
    if (of === null) return null;
    if (of.op === 'not') return of.of;
    if (of.op === 'literal') return { op: 'literal', value: !of.value };
    if (of.op === 'compare') {
      // A bare yes/no field reads better as "is false" than as "is not true".
      if (typeof of.right === 'boolean') return { ...of, right: !of.right };
      return { ...of, is: NEGATED[of.is] };
    }
    return { op: 'not', of };
  }

  #bareField(node: CelNode): Condition | null {
    const operand = this.#operands.operand(node);
    if (operand === null) return null;
    if (operand.type === 'boolean') return { op: 'compare', left: operand.operand, is: '==', right: true };
    const name = textOfNode(node);
    const hint = operand.type === 'set' ? `ask for one of its values: "value" in ${name}` : `compare it with a value: ${name} == …`;
    return this.#refuse(node, `${name} is ${operand.words}, not yes/no; ${hint}`);
  }

  #call(node: CelNode, name: string, args: readonly CelNode[]): Condition | null {
    if (name === 'within') return this.#operands.within(node, args);
    if (name === 'said') return this.#operands.said(node, args);
    if (FUNCTION_NAMES.includes(name)) {
      return (
        this.#operands.operand(node) &&
        this.#refuse(node, `${name}() is a number: compare it with one, for example ${textOfNode(node)} < 3`)
      );
    }
    return this.#operands.unknownFunction(node, name);
  }

  #comparison(node: CelNode, is: Comparison, left: CelNode, right: CelNode): Condition | null {
    const leftValue = this.#operands.literal(left);
    const rightValue = this.#operands.literal(right);
    if (leftValue !== undefined && rightValue !== undefined) {
      return this.#refuse(node, 'two written values are compared: name a field on one side');
    }
    if (leftValue !== undefined) return this.#compare(node, right, FLIPPED[is], leftValue);
    if (rightValue !== undefined) return this.#compare(node, left, is, rightValue);
    const first = this.#operands.operand(left);
    const second = this.#operands.operand(right);
    if (first === null || second === null) return null;
    return this.#refuse(node, 'two fields are compared: compare a field with a written value');
  }

  #compare(node: CelNode, side: CelNode, is: Comparison, right: Literal): Condition | null {
    const left = this.#operands.operand(side);
    if (left === null) return null;
    const reason = misfit(left, is, right, textOfNode(side));
    if (reason !== null) return this.#refuse(node, reason);
    return { op: 'compare', left: left.operand, is, right: typeof right === 'number' ? right * (left.unitMs ?? 1) : right };
  }

  #membership(node: CelNode, left: CelNode, right: CelNode): Condition | null {
    if (right.op === 'list') return this.#inList(node, left, right.args);
    const value = this.#operands.literal(left);
    const operand = this.#operands.operand(right);
    if (operand === null) return null;
    if (operand.type !== 'set' || operand.operand.kind !== 'field') {
      return this.#refuse(node, `"in" needs a list of values or a set field on its right; ${textOfNode(right)} is ${operand.words}`);
    }
    if (typeof value !== 'string') return this.#refuse(node, `"in" needs one text in quotes on its left: "value" in ${textOfNode(right)}`);
    const unknown = this.#operands.unknownValue(operand, value, textOfNode(right));
    if (unknown !== null) return this.#refuse(node, unknown);
    return { op: 'has', path: operand.operand.path, value };
  }

  #inList(node: CelNode, left: CelNode, items: readonly CelNode[]): Condition | null {
    if (this.#operands.literal(left) !== undefined)
      return this.#refuse(node, 'a written value is looked up in a written list: name a field on the left');
    const operand = this.#operands.operand(left);
    if (operand === null) return null;
    if (items.length === 0) return this.#refuse(node, 'the list is empty, so nothing can be in it: name at least one value');
    if (operand.type === 'set') {
      return this.#refuse(node, `${textOfNode(left)} is a set: write "value" in ${textOfNode(left)}, joined by || for several`);
    }
    if (operand.type === 'boolean')
      return this.#refuse(node, `${textOfNode(left)} is yes/no: write ${textOfNode(left)} or !${textOfNode(left)}`);
    const set: (number | string)[] = [];
    for (const item of items) {
      const value = this.#operands.literal(item);
      const reason = value === undefined ? 'a list may hold only written values' : misfit(operand, '==', value, textOfNode(left));
      if (reason !== null || typeof value === 'boolean' || value === undefined)
        return this.#refuse(item, reason ?? 'a list may hold only numbers or texts');
      set.push(value);
    }
    return { op: 'in', left: operand.operand, set };
  }

  #refuse(node: CelNode, reason: string): null {
    this.faults.push({ offset: node.start, reason: `${reason} — ${placeOf(node)}` });
    return null;
  }
}
