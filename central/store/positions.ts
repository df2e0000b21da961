/** Which numbers of a numbered stream were seen: an int8multirange a stream, whose holes are the gaps. */
import { sql } from 'kysely';
import type { Query, Tx } from './open-store.ts';

/** From and to, both inclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** PostgreSQL writes a multirange of whole numbers as `{[1,5),[7,8)}`. */
export function parseSeen(text: string): readonly Span[] {
  return [...text.matchAll(/\[(\d+),(\d+)\)/g)].map(([, from, to]) => ({ from: Number(from), to: Number(to) - 1 }));
}

/** What is missing between 1 and the highest number seen. */
export function gapsOf(seen: readonly Span[]): readonly Span[] {
  const gaps: Span[] = [];
  let next = 1;
  for (const span of seen) {
    if (span.from > next) gaps.push({ from: next, to: span.from - 1 });
    next = span.to + 1;
  }
  return gaps;
}

export const isSeen = (seen: readonly Span[], n: number): boolean => seen.some(({ from, to }) => from <= n && n <= to);

export const highestSeen = (seen: readonly Span[]): number => seen.at(-1)?.to ?? 0;

export async function noteProducer(tx: Query, callId: string, source: string, sequence: number): Promise<void> {
  await sql`
    insert into producer_positions (call_id, source, seen)
    values (${callId}, ${source}, int8multirange(int8range(${sequence}, ${sequence + 1})))
    on conflict (call_id, source) do update set seen = producer_positions.seen + excluded.seen`.execute(tx);
}

export interface DeviceNumbers {
  readonly deviceId: string;
  readonly epoch: string;
  readonly seqs: readonly number[];
}

/** Locks the devices' rows, so that two batches of one device never overlap, and notes the numbers. At most one entry per device and epoch. */
export async function noteDevices(tx: Tx, devices: readonly DeviceNumbers[]): Promise<void> {
  if (devices.length === 0) return;
  // In one order everywhere: transactions that share devices wait for each other instead of clashing.
  const sorted = devices.toSorted((a, b) => compare(a.deviceId, b.deviceId) || compare(a.epoch, b.epoch));
  await sql`
    insert into device_positions (device_id, epoch, seen)
    select device_id, epoch, seen::int8multirange from unnest(
      ${sorted.map(({ deviceId }) => deviceId)}::text[], ${sorted.map(({ epoch }) => epoch)}::text[],
      ${sorted.map(({ seqs }) => multirange(seqs))}::text[]) as sent (device_id, epoch, seen)
    on conflict (device_id, epoch) do update set seen = device_positions.seen + excluded.seen`.execute(tx);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Numbers that follow each other are one range: as PostgreSQL would keep them anyway. */
function multirange(seqs: readonly number[]): string {
  const spans: string[] = [];
  let from = Number.NaN;
  let next = Number.NaN;
  for (const n of seqs.toSorted((a, b) => a - b)) {
    if (n === next - 1) continue;
    if (n !== next) {
      if (!Number.isNaN(from)) spans.push(`[${from},${next})`);
      from = n;
    }
    next = n + 1;
  }
  if (!Number.isNaN(from)) spans.push(`[${from},${next})`);
  return `{${spans.join(',')}}`;
}
