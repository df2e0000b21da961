/** JSON from outside, before any schema looks at it. */

export type ReadJson = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly detail: string };

/** Deeper than any message of ours; deep nesting would overflow whatever walks it recursively later. */
const MAX_DEPTH = 32;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** Parses bytes as UTF-8 JSON and checks what inspectJson checks. */
export function readJson(bytes: Uint8Array): ReadJson {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return { ok: false, detail: 'must be JSON in UTF-8' };
  }
  const fault = inspectJson(value);
  return fault === null ? { ok: true, value } : { ok: false, detail: fault };
}

/**
 * What is wrong with a parsed value whatever its schema: nesting, keys that reach prototypes, text PostgreSQL cannot store.
 * Null = nothing. Goes no deeper than may be.
 */
export const inspectJson = (root: unknown): string | null => faultIn(root, 0);

function faultIn(value: unknown, depth: number): string | null {
  if (depth > MAX_DEPTH) return `must not be nested deeper than ${MAX_DEPTH}`;
  if (typeof value === 'string') return isStorable(value) ? null : 'must be well-formed Unicode without NUL';
  if (typeof value !== 'object' || value === null) return null;
  if (Array.isArray(value)) {
    for (const item of value) {
      const fault = faultIn(item, depth + 1);
      if (fault !== null) return fault;
    }
    return null;
  }
  for (const key of Object.keys(value)) {
    if (FORBIDDEN_KEYS.has(key)) return 'must not have keys that name prototypes';
    if (!isStorable(key)) return 'must have keys of well-formed Unicode without NUL';
    const fault = faultIn((value as Record<string, unknown>)[key], depth + 1);
    if (fault !== null) return fault;
  }
  return null;
}

const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\u0000');
