/** What `sotto diagnostics` writes for support: counts, versions and states, every field closed. No row, no customer, no path. */
import { z } from 'zod';
import { CrashReport } from './fault.ts';
import { Sha256 } from './text.ts';

const Word = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/);
const Version = z.string().regex(/^[0-9][0-9A-Za-z.+-]{0,39}$/);
const Count = z.int().min(0);

const StoreDiagnosis = z.strictObject({
  /** Its folder's name, which says nothing of whose it is. */
  name: z.string().regex(/^[0-9a-f]{16}$/),
  bytes: Count,
  /** `open`, or why it could not be opened. */
  state: Word,
  opened: z
    .strictObject({
      sqlite: Version,
      /** As read back from the connection. */
      settings: z.record(Word, z.union([Word, z.int()])),
      counts: z.strictObject({ ledger: Count, unsent: Count, refused: Count }),
      chain: z.strictObject({ entries: Count, brokenAt: Count.nullable() }),
      /** The last head over all ledgers that central gave this desk, as `sotto verify --head SEQ:HASH` takes it for a witness file. */
      centralHead: z.strictObject({ seq: Count, hash: Sha256 }).nullable(),
    })
    .nullable(),
});
export type StoreDiagnosis = z.infer<typeof StoreDiagnosis>;

export const Diagnosis = z.strictObject({
  v: z.literal(1),
  madeAtMs: Count,
  versions: z.strictObject({ sotto: Version, node: Version, platform: Word, architecture: Word, core: Sha256.nullable() }),
  desks: z.array(
    z.strictObject({
      key: z.enum(['key-store', 'throw-away', 'none']),
      stores: z.array(StoreDiagnosis),
      crashes: z.array(CrashReport),
      /** Files among the crash files that are not as Sotto writes them: left out. */
      unreadableCrashes: Count,
    }),
  ),
});
export type Diagnosis = z.infer<typeof Diagnosis>;
