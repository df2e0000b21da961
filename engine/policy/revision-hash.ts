import { canonicalJson } from '#core';
import type { PolicyFile } from '#contract/policy.ts';
import { compareText } from './compare-text.ts';

/**
 * The identity of a revision: SHA-256 over the RFC 8785 canonical JSON of its files sorted by path.
 * `sha256` gives 64 lower-case hexadecimal digits of the text's UTF-8. Throws a TypeError for files that
 * are not well-formed Unicode, which no file read as UTF-8 is.
 */
export const revisionHash = (files: readonly PolicyFile[], sha256: (text: string) => string): string =>
  sha256(canonicalJson(files.toSorted((a, b) => compareText(a.path, b.path)).map(({ path, text }) => ({ path, text }))));
