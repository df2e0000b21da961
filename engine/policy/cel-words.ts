/** What is shown to an author about a piece of CEL: its own text, and a name for what is not in the subset. */
import type { CelNode } from './parse-cel.ts';

/**
 * The author's text of one node. The parser's ranges leave out the brackets around an operand, so
 * brackets are added until they balance; line breaks become single blanks.
 */
export const textOfNode = (node: CelNode): string => {
  const { input } = node;
  let { start, end } = node;
  if (!BRACKET_OR_BREAK.test(input)) return input.slice(start, end).trim();
  for (let balance = bracketBalance(input.slice(start, end)); balance.missing > 0 || balance.open > 0; ) {
    const left = balance.missing > 0 ? input.lastIndexOf('(', start - 1) : start;
    const right = balance.open > 0 ? input.indexOf(')', end) + 1 : end;
    if (left < 0 || right < 1) break;
    start = left;
    end = right;
    balance = bracketBalance(input.slice(start, end));
  }
  return input
    .slice(start, end)
    .replace(/\s*\n\s*/g, ' ')
    .trim();
};

const BRACKET_OR_BREAK = /[()\n]/;

/** Brackets left open, and closing ones without an opening one; those in quotes do not count. */
const bracketBalance = (text: string): { readonly open: number; readonly missing: number } => {
  let open = 0;
  let missing = 0;
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const letter = text[i] ?? '';
    if (quote !== '') {
      if (letter === '\\') i++;
      else if (letter === quote) quote = '';
    } else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === '(') open++;
    else if (letter === ')') {
      if (open > 0) open--;
      else missing++;
    }
  }
  return { open, missing };
};

/** `at character 7 ("a + b")`. */
export const placeOf = (node: CelNode): string => {
  const text = textOfNode(node);
  return `at character ${node.start + 1} (${text.length > 60 ? `${text.slice(0, 60)}…` : text})`;
};

/** A name for a construct of CEL that conditions may not use, and what to do instead. */
export const refusedConstruct = (node: CelNode): string => {
  switch (node.op) {
    case '?:':
      return 'the choice "? :" is not allowed: write two conditions with && and ||';
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '-_':
      return `arithmetic ("${node.op === '-_' ? '-' : node.op}") is not allowed: compare a field with a number that is already worked out`;
    case '[]':
    case '[?]':
      return 'indexing "[…]" is not allowed: name a field of fields.yaml';
    case '.?':
      return 'optional access ".?" is not allowed: a missing field is simply unknown';
    case 'map':
      return 'a map "{…}" is not allowed';
    case 'list':
      return 'a list is only allowed to the right of "in"';
    case 'rcall':
      return MACROS.has(node.args[0])
        ? `the macro .${node.args[0]}() is not allowed: name the values with "in"`
        : `the method .${node.args[0]}() is not allowed${node.args[0] === 'matches' ? ': there are no regular expressions; use == or "in", or a topic of phrases.yaml' : ''}`;
    case 'call':
      return `there is no function ${node.args[0]}()`;
    case 'value':
      return node.args === null
        ? 'null is not used: a missing field is unknown by itself'
        : `the value ${String(node.args)} stands alone: compare it with a field`;
    case 'id':
    case '.':
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
      return 'a condition is not allowed here';
  }
};

const MACROS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);
