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

export async function producerSeen(tx: Tx, callId: string, source: string): Promise<readonly Span[]> {
  const row = await tx
    .selectFrom('producer_positions')
    .select(sql<string>`seen::text`.as('seen'))
    .where('call_id', '=', callId)
    .where('source', '=', source)
    .executeTakeFirst();
  return row === undefined ? [] : parseSeen(row.seen);
}

export async function noteProducer(tx: Query, callId: string, source: string, sequence: number): Promise<void> {
  await sql`
    insert into producer_positions (call_id, source, seen)
    values (${callId}, ${source}, int8multirange(int8range(${sequence}, ${sequence + 1})))
    on conflict (call_id, source) do update set seen = producer_positions.seen + excluded.seen`.execute(tx);
}

/** Locks the device's row, so that two batches of one device never overlap, and notes the numbers. */
export async function noteDevice(tx: Tx, deviceId: string, epoch: string, seqs: readonly number[]): Promise<void> {
  const spans = `{${seqs.map((n) => `[${n},${n + 1})`).join(',')}}`;
  await sql`
    insert into device_positions (device_id, epoch, seen)
    values (${deviceId}, ${epoch}, ${spans}::int8multirange)
    on conflict (device_id, epoch) do update set seen = device_positions.seen + excluded.seen`.execute(tx);
}
