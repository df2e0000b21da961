/** The exported ledger: what docs/LEDGER.md describes and main/verify/verify.mjs reads. One JSON object a line, members in this order. */
import { z } from 'zod';
import { KeyId, Signature } from './signature.ts';
import { AtMs, Id, Sha256 } from './text.ts';

/** How many entries a chain has, and its hash after the last; 64 zeros before the first. */
export const LedgerHead = z.strictObject({ entries: z.int().min(0), hash: Sha256 });
export type LedgerHead = z.infer<typeof LedgerHead>;

/** A head as central has countersigned it: at that time the chain of this device, in this epoch, came to this. */
export const CountersignedHead = z.strictObject({
  deviceId: Id,
  epoch: z.string().regex(/^[!-~]{1,64}$/),
  ...LedgerHead.shape,
  /** By central's clock. */
  atMs: AtMs,
  keyId: KeyId,
  ed25519: Signature.shape.ed25519,
});
export type CountersignedHead = z.infer<typeof CountersignedHead>;

/** What central signs, in UTF-8. */
export const headText = ({ deviceId, epoch, entries, hash, atMs }: Omit<CountersignedHead, 'keyId' | 'ed25519'>): string =>
  ['sotto-head-1', deviceId, epoch, entries, hash, atMs].join('\n');

export const LedgerFirstLine = z.strictObject({
  sotto: z.literal('ledger'),
  v: z.literal(2),
  entries: z.int().min(0),
  head: Sha256,
  /** The last that central has countersigned of this ledger; null = none yet. */
  countersigned: CountersignedHead.nullable(),
});
export type LedgerFirstLine = z.infer<typeof LedgerFirstLine>;

export const LedgerLine = z.strictObject({
  /** From 1 without holes. */
  pos: z.int().min(1),
  kind: z.enum(['decision', 'repeat', 'outcome']),
  id: Id,
  /** SHA-256 of salt and body. */
  commitment: Sha256,
  /** 64 hexadecimal digits; empty for an entry from before salts; null with the body once it was erased. */
  salt: z.union([Sha256, z.literal('')]).nullable(),
  /** Canonical JSON of the decision, repeat or outcome. */
  body: z.string().nullable(),
  /** SHA-256 of the hash before, kind, id and commitment, joined by line feeds. */
  hash: Sha256,
});
export type LedgerLine = z.infer<typeof LedgerLine>;
