/** One line of a file of requests, or what is wrong with it: the path, never the value, because values are customers'. */
import { DecisionRequest } from '#contract/decision-request.ts';

export type ReadRequest =
  | { readonly ok: true; readonly request: DecisionRequest }
  | {
      readonly ok: false;
      /** Of the first thing that is wrong; empty for the line as a whole. */
      readonly path: string;
      readonly reason: string;
    };

const bad = (path: string, reason: string): ReadRequest => ({ ok: false, path, reason });

/** `text` is null where the bytes were no UTF-8. */
export const readRequest = (text: string | null): ReadRequest => {
  if (text === null) return bad('', 'is no UTF-8');
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    // The parser quotes what it read; only the place may be told.
    const at = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    return bad('', at === undefined ? 'is no JSON' : `is no JSON at character ${Number(at) + 1}`);
  }
  const parsed = DecisionRequest.safeParse(raw);
  if (parsed.success) return { ok: true, request: parsed.data };
  const issue = parsed.error.issues[0];
  if (issue === undefined) throw new Error('a request does not fit its schema and yet nothing is wrong with it');
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys')
    return bad([path, issue.keys[0] ?? ''].filter((part) => part !== '').join('.'), 'is no part of a request');
  return bad(path, issue.code === 'invalid_union' ? 'fits none of its forms' : issue.message);
};
