/** What a revision would do to the decisions that were taken: told from the records themselves, while everything else goes on. */
import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { CheckedRevision } from '#contract/checked-policy.ts';
import { DecisionRecord } from '#contract/decision-record.ts';
import * as core from '#core';
import { BlastRadius, type BlastReport } from '#policy';
import type { Query } from '../store/open-store.ts';
import { type RecordedModel, RecordSituations, type Replacement } from './record-situations.ts';

/** The newest are looked at, at most this many. */
export const MOST_RECORDS = 1_000;
/** Decided between two turns of the loop: about a millisecond each. */
const AT_ONCE = 5;

const decoder = new TextDecoder();
/** Nothing that is decided here is kept, so no core is named. */
export const NAMELESS: core.Core = {
  hash: '0'.repeat(64),
  sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  text: (bytes) => decoder.decode(bytes),
};

/** Customers are grouped by what is not protected. */
const groupsOf = (revisions: readonly CheckedRevision[]): readonly string[] => {
  const fields = revisions.flatMap(({ fields: all }) => all);
  const paths = fields.filter(
    ({ path, type, kind }) => path.startsWith('profile.') && kind !== 'protected' && (type === 'enum' || type === 'boolean'),
  );
  return [...new Set(paths.map(({ path }) => path))].toSorted();
};

const decider = (revision: CheckedRevision): core.Decider => new core.Decider(core.compileRevision(revision), NAMELESS);

/** Records that cannot be used are left out; the report says how many were looked at. */
export async function blastOfRecords(
  db: Query,
  before: CheckedRevision,
  after: CheckedRevision,
  replacement: Replacement | null = null,
): Promise<BlastReport> {
  const rows = await db
    .selectFrom('decisions')
    .select('body')
    .where('policy', '=', before.hash)
    .orderBy('at_ms', 'desc')
    .limit(MOST_RECORDS)
    .execute();
  const records = rows.flatMap(({ body }) => readRecord(body) ?? []);
  const models = await modelsOf(db, [...new Set(records.flatMap((record) => record.models))]);
  const situations = new RecordSituations(core, decider(before), decider(after), models, replacement);
  const blast = new BlastRadius(before, after, groupsOf([before, after]));
  for (const [i, record] of records.entries()) {
    const compared = situations.compare(record);
    if (compared.ok) blast.add(compared.situation);
    if (i % AT_ONCE === 0) await turn();
  }
  return blast.report();
}

/** Null: what it was about is erased. */
function readRecord(body: string): DecisionRecord | null {
  try {
    return DecisionRecord.parse(core.readCanonical(body));
  } catch {
    return null;
  }
}

async function modelsOf(db: Query, hashes: readonly string[]): Promise<readonly RecordedModel[]> {
  if (hashes.length === 0) return [];
  const rows = await db
    .selectFrom('models')
    .select(['hash', 'manifest', 'onnx'])
    .where('hash', 'in', [...hashes])
    .execute();
  const learnt = await db
    .selectFrom('learnt_models')
    .select(['hash', 'manifest'])
    .where('hash', 'in', [...hashes])
    .execute();
  return [
    ...rows.flatMap(({ hash, manifest, onnx }) => (manifest.kind === 'intent' ? [] : [{ hash, manifest, onnx: Buffer.from(onnx) }])),
    ...learnt,
  ];
}
