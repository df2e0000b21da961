/**
 * Several batches into the tables in one transaction: one statement for each table, however many batches and items there are.
 *
 *   note the numbers (locks the devices' rows) ─► insert, or compare hashes ─► effects ─► dead letters ─► countersign the ledgers' heads
 */
import type { CountersignedHead } from '#contract/ledger.ts';
import type { DecisionRecord } from '#contract/decision-record.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { OutboxReceipt, StandingHead } from '#contract/sync.ts';
import type { SigningKey } from '../access/signing-key.ts';
import type { Counters } from '../store/counters.ts';
import type { Tx } from '../store/open-store.ts';
import { type DeviceNumbers, noteDevices } from '../store/positions.ts';
import { applyOutcomes, type OutcomeRules } from './apply-outcomes.ts';
import { type Burial, bury } from './dead-letters.ts';
import { noteHeads, type Said } from './ledger-heads.ts';
import type { ParsedItem } from './parse-item.ts';
import { type Incoming, type Stored, storeItems } from './store-items.ts';

/** A batch whose items are checked. */
export interface CheckedBatch {
  readonly deviceId: string;
  readonly epoch: string;
  /** Where the device's ledger stands. */
  readonly head: StandingHead | null;
  readonly items: readonly ParsedItem[];
}

export type ItemReceipt = OutboxReceipt['items'][number];

export interface Done {
  readonly receipts: readonly ItemReceipt[];
  /** Those that are new. */
  readonly outcomes: readonly Outcome[];
  readonly decisions: readonly DecisionRecord[];
  readonly head: CountersignedHead | null;
}

export interface StoringRules {
  readonly rules: OutcomeRules;
  readonly counters: Counters;
  readonly key: SigningKey;
  readonly nowMs: () => number;
}

/** What became of each batch, in their order. */
export async function storeBatches(tx: Tx, batches: readonly CheckedBatch[], settings: StoringRules): Promise<readonly Done[]> {
  const atMs = settings.nowMs();
  await noteDevices(tx, numbersOf(batches));
  const incoming = new Map<ParsedItem, Incoming>();
  for (const { deviceId, items } of batches) for (const parsed of items) if (parsed.ok) incoming.set(parsed, { parsed, deviceId });
  const stored = await storeItems(tx, [...incoming.values()], atMs);

  const burials: Burial[] = [];
  const done = batches.map(({ deviceId, epoch, items }) => {
    const outcomes: Outcome[] = [];
    const decisions: DecisionRecord[] = [];
    const receipts = items.map((parsed): ItemReceipt => {
      const item = incoming.get(parsed);
      const what = item === undefined ? undefined : stored.get(item);
      const refusal = refusalOf(parsed, what);
      if (refusal !== null) {
        burials.push({ deviceId, epoch, ...refusal, atMs });
        return { id: refusal.id, result: 'refused', reason: refusal.reason };
      }
      const { id } = parsed.ok ? parsed.item : parsed;
      if (what?.result !== 'stored') return { id, result: 'duplicate' };
      if (what.kept?.kind === 'outcome') outcomes.push(what.kept.outcome);
      if (what.kept?.kind === 'decision') decisions.push(what.kept.decision);
      return { id, result: 'stored' };
    });
    return { receipts, outcomes, decisions };
  });

  await applyOutcomes(
    tx,
    done.flatMap(({ outcomes }) => outcomes),
    new Map(done.flatMap(({ decisions }) => decisions.map(({ id, policy }) => [id, policy] as const))),
    settings.rules,
    atMs,
  );
  const heads = await countersign(tx, batches, settings, atMs, burials);
  await bury(tx, burials);
  return done.map((each, n) => ({ ...each, head: heads[n] ?? null }));
}

/** One entry per device and epoch. */
function numbersOf(batches: readonly CheckedBatch[]): readonly DeviceNumbers[] {
  const numbers = new Map<string, { readonly deviceId: string; readonly epoch: string; readonly seqs: number[] }>();
  for (const { deviceId, epoch, items } of batches) {
    const seqs = items.map((parsed) => (parsed.ok ? parsed.item.seq : parsed.seq)).filter((seq) => seq > 0);
    if (seqs.length === 0) continue;
    const key = JSON.stringify([deviceId, epoch]);
    const known = numbers.get(key) ?? { deviceId, epoch, seqs: [] };
    known.seqs.push(...seqs);
    numbers.set(key, known);
  }
  return [...numbers.values()];
}

type Refused = Omit<Burial, 'deviceId' | 'epoch' | 'atMs'> & { readonly reason: NonNullable<ItemReceipt['reason']> };

/** Null: it is stored. */
function refusalOf(parsed: ParsedItem, what: Stored | undefined): Refused | null {
  if (!parsed.ok) {
    const { id, seq, kind, hash, reason, detail } = parsed;
    return { id, seq, kind, hash, reason, detail, firstHash: null };
  }
  if (what?.result !== 'conflict') return null;
  const { id, seq, kind, hash } = parsed.item;
  return { id, seq, kind, hash, reason: 'conflict', detail: 'the id belongs to other content, which stays', firstHash: what.firstHash };
}

/** The heads as they stand now, batch by batch; a ledger that was another one before is added to the burials. */
async function countersign(
  tx: Tx,
  batches: readonly CheckedBatch[],
  { key, counters }: StoringRules,
  atMs: number,
  burials: Burial[],
): Promise<readonly (CountersignedHead | null)[]> {
  const said = batches.map(({ deviceId, epoch, head, items }): Said | null =>
    head === null || !items.some((parsed) => (parsed.ok ? parsed.item.seq : parsed.seq) > 0) ? null : { deviceId, epoch, atMs, head },
  );
  const given = said.filter((each) => each !== null);
  if (given.length === 0) return said.map(() => null);
  const noted = (await noteHeads(tx, key, given)).values();
  return said.map((each) => {
    if (each === null) return null;
    const { last, contradicted } = noted.next().value ?? { last: null, contradicted: null };
    if (contradicted !== null) {
      counters.add('outbox: another ledger');
      const { deviceId, epoch, head } = each;
      const detail = 'the ledger was another one when its head here was countersigned';
      const { entries: seq, hash } = head;
      burials.push({ deviceId, epoch, id: 'head', seq, kind: 'head', hash, reason: 'conflict', detail, firstHash: contradicted, atMs });
    }
    return last;
  });
}
