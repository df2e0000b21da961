/**
 * RFC 8785 canonical JSON: members sorted by UTF-16 code units, numbers and strings as ECMAScript writes them, no white space.
 * Members whose value is `undefined` are left out. Throws a TypeError for what JSON cannot hold faithfully:
 * NaN, infinities, lone surrogates, undefined in an array, functions, symbols, bigints.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return text(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`canonical JSON has no ${value}: write null or leave it out`);
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? list(value) : members(value as Readonly<Record<string, unknown>>);
    case 'undefined':
    case 'function':
    case 'symbol':
    case 'bigint':
      throw new TypeError(`canonical JSON has no ${typeof value}: write null or leave it out`);
  }
}

function text(value: string): string {
  if (!value.isWellFormed()) throw new TypeError('canonical JSON has no lone surrogates: mend or refuse the text first');
  return JSON.stringify(value);
}

function list(values: readonly unknown[]): string {
  let out = '[';
  for (let i = 0; i < values.length; i++) out += i === 0 ? canonicalJson(values[i]) : `,${canonicalJson(values[i])}`;
  return `${out}]`;
}

function members(value: Readonly<Record<string, unknown>>): string {
  let out = '{';
  for (const key of Object.keys(value).toSorted()) {
    const member = value[key];
    if (member === undefined) continue;
    out += `${out.length > 1 ? ',' : ''}${text(key)}:${canonicalJson(member)}`;
  }
  return `${out}}`;
}
