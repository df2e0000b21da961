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
    again = writtenAgain(value);
  } catch (cause) {
    throw new InWords('a record is no canonical JSON', { cause });
  }
  if (again !== text) throw new InWords('a record is no canonical JSON: a key is there twice, or it was written otherwise');
  return value;
}

/** What `canonicalJson` writes. Where all members stand in order the engine's own writer writes the same, several times as fast. */
function writtenAgain(value: unknown): string {
  if (!isInOrder(value)) return canonicalJson(value);
  const text = JSON.stringify(value);
  // It may have written a lone surrogate as an escape, which canonical JSON refuses.
  return text.includes('\\ud') ? canonicalJson(value) : text;
}

function isInOrder(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) {
    for (const item of value) if (!isInOrder(item)) return false;
    return true;
  }
  let before: string | null = null;
  for (const key of Object.keys(value)) {
    if (before !== null && before >= key) return false;
    before = key;
    if (!isInOrder((value as Readonly<Record<string, unknown>>)[key])) return false;
  }
  return true;
}
