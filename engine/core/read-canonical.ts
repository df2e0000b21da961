import { InWords } from '#contract/fault.ts';
import { canonicalJson } from './canonical-json.ts';

/**
 * The value of a text that is canonical JSON to the last character. A record that names a key twice, or orders its members otherwise,
 * would say one thing to this reader and another to the next. Throws an InWords, without a word of the text, for every other text.
 */
export function readCanonical(text: string): unknown {
  let value: unknown;
  let again: string;
  try {
    value = JSON.parse(text);
    again = canonicalJson(value);
  } catch (cause) {
    throw new InWords('a record is no canonical JSON', { cause });
  }
  if (again !== text) throw new InWords('a record is no canonical JSON: a key is there twice, or it was written otherwise');
  return value;
}
