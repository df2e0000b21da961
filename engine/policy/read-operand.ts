/** The leaves of a condition: fields, written values and the six functions a policy may call. */
import { Speaker } from '#contract/call-events.ts';
import type { CheckedField } from '#contract/checked-policy.ts';
import type { Condition, CountScope, Literal, Operand } from '#contract/condition.ts';
import { CHANNELS, Channel, OUTCOME_KINDS, OutcomeKind } from '#contract/profile.ts';
import { words } from '#core';
import type { Catalogue } from './catalogue.ts';
import { refusedConstruct, textOfNode } from './cel-words.ts';
import { didYouMean, suggestion } from './nearest-name.ts';
import type { CelNode } from './parse-cel.ts';
import { DAY_MS, HOUR_MS, readDuration } from './read-duration.ts';
import { THIS } from './resolve-scope.ts';

/** History is kept for this long (contract/profile.ts); a count over more could never be known. */
export const LONGEST_HISTORY_MS = 400 * DAY_MS;

export const FUNCTION_NAMES: readonly string[] = ['within', 'daysSince', 'hoursSince', 'count', 'countVia', 'said'];

/** Something a condition compares, with what is known of its values. */
export interface TypedOperand {
  readonly operand: Operand;
  readonly type: CheckedField['type'];
  readonly values?: readonly string[];
  /** `a number`, `an enum field`. */
  readonly words: string;
  /** Milliseconds per unit the author writes. */
  readonly unitMs?: number;
  readonly wholeFromZero?: boolean;
}

const SPEAKERS = [...Speaker.options, 'anyone'] as const;
const SCOPES = ['this', 'this-group', 'this-issue', 'any'] as const;

export class OperandReader {
  readonly protectedFields = new Map<string, number>();
  readonly #catalogue: Catalogue;
  readonly #refuse: (node: CelNode, reason: string) => null;

  /** `refuse` notes a fault and gives null. */
  constructor(catalogue: Catalogue, refuse: (node: CelNode, reason: string) => null) {
    this.#catalogue = catalogue;
    this.#refuse = refuse;
  }

  /** A written value, or undefined for anything else. */
  literal(node: CelNode): Literal | undefined {
    if (node.op === '-_') {
      const value = this.literal(node.args);
      return typeof value === 'number' ? 0 - value : undefined;
    }
    if (node.op !== 'value') return undefined;
    const { args } = node;
    if (typeof args === 'string' || typeof args === 'boolean' || typeof args === 'number') return args;
    // Whole numbers arrive as bigint; one that a double cannot hold exactly would be silently rounded.
    return typeof args === 'bigint' && Number.isSafeInteger(Number(args)) ? Number(args) : undefined;
  }

  operand(node: CelNode): TypedOperand | null {
    switch (node.op) {
      case 'id':
      case '.':
        return this.#field(node);
      case 'call':
        return this.#function(node, node.args[0], node.args[1]);
      case '!_':
      case '&&':
      case '||':
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=':
      case 'in':
        return this.#refuse(node, 'a condition cannot be compared: join conditions with && and ||');
      case 'value':
        if (typeof node.args === 'bigint')
          return this.#refuse(node, `the number ${node.args} is too large: at most ${Number.MAX_SAFE_INTEGER}`);
        if (node.args !== null && typeof node.args === 'object')
          return this.#refuse(node, 'bytes and unsigned numbers are not used: write a plain text or number');
        return this.#refuse(node, refusedConstruct(node));
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

  /** `within(f, "14d")`: f lies in the past, at most that long ago. */
  within(node: CelNode, args: readonly CelNode[]): Condition | null {
    if (!this.#takes(node, 'within', args, ['a time field', 'a length such as "14d"'])) return null;
    const field = this.#timeField(args[0]);
    const windowMs = this.#duration(args[1]);
    if (field === null || windowMs === null) return null;
    const left: Operand = { kind: 'since', path: field.path };
    return {
      op: 'and',
      of: [
        { op: 'compare', left, is: '>=', right: 0 },
        { op: 'compare', left, is: '<=', right: windowMs },
      ],
    };
  }

  /** `said("customer", "topic-or-phrase")`. */
  said(node: CelNode, args: readonly CelNode[]): Condition | null {
    if (!this.#takes(node, 'said', args, ['"customer", "agent" or "anyone"', 'a topic of phrases.yaml or a phrase'])) return null;
    const by = this.#oneOf(args[0], SPEAKERS, 'who said it');
    const wanted = this.#text(args[1], 'a topic of phrases.yaml or a phrase');
    if (by === null || wanted === null) return null;
    const topic = this.#catalogue.topics.get(wanted);
    if (topic !== undefined) return { op: 'said', by, phrases: topic };
    if (/^[a-z0-9]+(-[a-z0-9]+)+$/.test(wanted)) {
      if (!this.#catalogue.topicsComplete) return null;
      return this.#refuse(
        node,
        `phrases.yaml has no topic "${wanted}"${suggestion(wanted, this.#catalogue.topics.keys())}; a phrase is written as words with blanks`,
      );
    }
    if (words(wanted).length === 0) return this.#refuse(node, 'the phrase has no word in it: write what is said');
    return { op: 'said', by, phrases: [wanted] };
  }

  unknownFunction(node: CelNode, name: string): null {
    return this.#refuse(node, `there is no function ${name}()${suggestion(name, FUNCTION_NAMES)}`);
  }

  unknownValue(of: TypedOperand, value: string, name: string): string | null {
    if (of.values === undefined || of.values.includes(value)) return null;
    if (name === 'call.topics') {
      return this.#catalogue.topicsComplete ? `phrases.yaml has no topic "${value}"${suggestion(value, of.values)}` : null;
    }
    return OperandReader.unknownEnumValue(of, value, name);
  }

  static unknownEnumValue(of: TypedOperand, value: string, name: string): string | null {
    if (of.values === undefined || of.values.includes(value)) return null;
    return `${name} never has the value "${value}"${suggestion(value, of.values)}`;
  }

  #field(node: CelNode): TypedOperand | null {
    const path = pathOf(node);
    if (path === null) return this.#refuse(node, 'only a field such as profile.tenureMonths may be named here');
    const { fields, brokenFields, fieldsComplete } = this.#catalogue;
    const field = fields.get(path);
    if (field === undefined) {
      if (brokenFields.has(path) || (!fieldsComplete && !path.startsWith('call.'))) return null;
      const hint = path.startsWith('history.')
        ? '; history is asked with count()'
        : didYouMean(path, fields.keys()) || '; declare it in fields.yaml';
      return this.#refuse(node, `unknown field ${path}${hint}`);
    }
    if (field.kind === 'protected' && !this.protectedFields.has(path)) this.protectedFields.set(path, node.start);
    return operandOf(field);
  }

  #function(node: CelNode, name: string, args: readonly CelNode[]): TypedOperand | null {
    switch (name) {
      case 'daysSince':
      case 'hoursSince': {
        if (!this.#takes(node, name, args, ['a time field'])) return null;
        const field = this.#timeField(args[0]);
        if (field === null) return null;
        const unitMs = name === 'daysSince' ? DAY_MS : HOUR_MS;
        return { operand: { kind: 'since', path: field.path }, type: 'number', words: 'a number', unitMs };
      }
      case 'count':
        if (!this.#takes(node, name, args, ['a kind of outcome', 'a scope', 'a window such as "30d"'])) return null;
        return this.#count(args[0], args[1], null, args[2]);
      case 'countVia':
        if (!this.#takes(node, name, args, ['a kind of outcome', 'a scope', 'a channel', 'a window such as "30d"'])) return null;
        return this.#count(args[0], args[1], args[2], args[3]);
      case 'within':
      case 'said':
        return this.#refuse(node, `${name}() is already yes/no: write it alone, or with ! before it`);
      default:
        return this.unknownFunction(node, name);
    }
  }

  #count(
    kind: CelNode | undefined,
    scope: CelNode | undefined,
    via: CelNode | undefined | null,
    window: CelNode | undefined,
  ): TypedOperand | null {
    const outcome = this.#oneOf(kind, OUTCOME_KINDS, 'the kind of outcome');
    const counted = this.#scope(scope);
    const channel = via === null ? undefined : this.#oneOf(via, CHANNELS, 'the channel');
    const windowMs = this.#duration(window);
    if (outcome === null || counted === null || channel === null || windowMs === null) return null;
    if (windowMs > LONGEST_HISTORY_MS && window !== undefined)
      return this.#refuse(window, 'history is kept for 400 days: count over at most "400d"');
    return {
      operand: {
        kind: 'count',
        outcome: OutcomeKind.parse(outcome),
        scope: counted,
        ...(channel === undefined ? {} : { channel: Channel.parse(channel) }),
        windowMs,
      },
      type: 'number',
      words: 'a number',
      wholeFromZero: true,
    };
  }

  #scope(node: CelNode | undefined): CountScope | null {
    const text = this.#text(node, 'a scope');
    if (text === null || node === undefined) return null;
    switch (text) {
      case 'this':
        return { of: 'action', name: THIS };
      case 'this-group':
        return { of: 'group', name: THIS };
      case 'this-issue':
        return { of: 'issue', name: THIS };
      case 'any':
        return { of: 'any' };
    }
    const [of, name] = [text.slice(0, Math.max(0, text.indexOf(':'))), text.slice(text.indexOf(':') + 1)];
    if (of !== 'action' && of !== 'group' && of !== 'issue') {
      return this.#refuse(
        node,
        `the scope "${text}" is not known${didYouMean(text, SCOPES)}; use ${SCOPES.join(', ')}, action:ID, group:NAME or issue:NAME`,
      );
    }
    const known = of === 'action' ? this.#catalogue.actions : of === 'group' ? this.#catalogue.groups : this.#catalogue.issues;
    if (!known.has(name)) return this.#refuse(node, `there is no ${of} "${name}"${suggestion(name, known)}`);
    return { of, name };
  }

  #timeField(node: CelNode | undefined): { readonly path: string } | null {
    if (node === undefined) return null;
    const field = this.operand(node);
    if (field === null) return null;
    if (field.operand.kind === 'field' && field.type === 'time') return { path: field.operand.path };
    return this.#refuse(node, `${textOfNode(node)} is ${field.words}; a time field is needed here`);
  }

  #duration(node: CelNode | undefined): number | null {
    const text = this.#text(node, 'a length such as "14d"');
    if (text === null || node === undefined) return null;
    const ms = readDuration(text);
    return ms ?? this.#refuse(node, `"${text}" is not a length of time: write a whole number and s, m, h or d, such as "14d"`);
  }

  #oneOf<T extends string>(node: CelNode | undefined, known: readonly T[], what: string): T | null {
    const text = this.#text(node, what);
    if (text === null || node === undefined) return null;
    const found = known.find((candidate) => candidate === text);
    return found ?? this.#refuse(node, `${what} "${text}" is not known${didYouMean(text, known) || `; use one of ${known.join(', ')}`}`);
  }

  #text(node: CelNode | undefined, what: string): string | null {
    if (node === undefined) return null;
    const value = this.literal(node);
    return typeof value === 'string' ? value : this.#refuse(node, `${what} must be a text in quotes`);
  }

  #takes(node: CelNode, name: string, args: readonly CelNode[], wanted: readonly string[]): boolean {
    if (args.length === wanted.length) return true;
    this.#refuse(
      node,
      `${name}() takes ${wanted.length} ${wanted.length === 1 ? 'value' : 'values'} (${wanted.join(', ')}), not ${args.length}`,
    );
    return false;
  }
}

/** Built-in sets of any text: what menus offer, and what a model of text tells. */
const OPEN_SETS: ReadonlySet<string> = new Set(['call.ivr', 'call.intents']);

/** A field as an operand. */
export const operandOf = ({ path, type, values }: CheckedField): TypedOperand => ({
  operand: { kind: 'field', path },
  type,
  words: `${type === 'enum' ? 'an' : 'a'} ${type} field`,
  ...(values === undefined || (OPEN_SETS.has(path) && values.length === 0) ? {} : { values }),
});

/** `a.b.c` of nested accesses, or null when something else than names is in it. */
const pathOf = (node: CelNode): string | null => {
  if (node.op === 'id') return node.args;
  if (node.op !== '.') return null;
  const base = pathOf(node.args[0]);
  return base === null ? null : `${base}.${node.args[1]}`;
};
