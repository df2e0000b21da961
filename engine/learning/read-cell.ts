/** A cell of a table as the value of a field of a known type. An empty cell is unknown. */
import type { FieldDefinition } from '#contract/policy.ts';
import type { FieldValue } from '#contract/profile.ts';

const TRUE = new Set(['true', 'yes', '1']);
const FALSE = new Set(['false', 'no', '0']);

export const isTruth = (text: string): boolean => TRUE.has(text.toLowerCase()) || FALSE.has(text.toLowerCase());

/** Decimal notation only: what Number() would also take (hexadecimal, blanks, Infinity) is a mistake in a table. */
export const isDecimal = (text: string): boolean => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text));

const setOf = (text: string): readonly string[] => {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  return bare
    .split(/[|;,]/)
    .map((item) => item.trim().replace(/^"(.*)"$/, '$1'))
    .filter((item) => item !== '');
};

/** `undefined` = the text does not fit the type; `null` = unknown. A set is `a|b`, `a;b` or `["a","b"]`; `[]` is the empty one. */
export const readCell = (type: FieldDefinition['type'], raw: string): FieldValue | null | undefined => {
  const text = raw.trim();
  if (text === '') return null;
  switch (type) {
    case 'number':
      return isDecimal(text) ? Number(text) : undefined;
    case 'boolean':
      return isTruth(text) ? TRUE.has(text.toLowerCase()) : undefined;
    case 'enum':
    case 'text':
    case 'time':
      return text;
    case 'set':
      return [...setOf(text)];
  }
};
