import type { LearntBundle } from '#contract/learning.ts';
import type { ServedBundle } from '#contract/served-bundle.ts';
import type { RevisionBundle } from '#contract/policy.ts';
import type { BundleStatement } from '#contract/signature.ts';
import { canonicalJson } from '#core';

/** What is said of a revision, a model or a base when it is signed: what it is and what it follows. Its hash covers the rest. */
export const statementOf = (bundle: RevisionBundle | ServedBundle | LearntBundle, replaces: number | null): BundleStatement =>
  'manifest' in bundle
    ? {
        kind: bundle.manifest.kind === 'adaptive' ? 'learnt' : 'model',
        name: bundle.manifest.id,
        version: bundle.manifest.version,
        hash: bundle.hash,
        replaces,
      }
    : { kind: 'revision', name: 'revision', version: bundle.version, hash: bundle.hash, replaces };

/** The bytes that are signed. */
export const statementBytes = (statement: BundleStatement): Uint8Array => new TextEncoder().encode(canonicalJson({ ...statement }));
