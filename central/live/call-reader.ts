/** Reads what is new on calls, for many streams with one query: under load a desk's events cost a share of a query, not two of their own. */
import { sql } from 'kysely';
import type { CallEvent } from '#contract/call-events.ts';
import { Gathering } from '../store/gathering.ts';
import type { Query } from '../store/open-store.ts';
import type { CallRow } from '../store/tables.ts';

interface Asked {
  readonly callId: string;
  readonly afterSeq: number;
  /** Events at most. */
  readonly room: number;
}

export interface CallNews {
  readonly call: CallRow;
  /** Null while the caller is unknown, or not known here. */
  readonly profileVersion: number | null;
  readonly events: readonly { readonly seq: number; readonly event: CallEvent }[];
}

/** What asks while queries are under way goes together with the next. */
const SETTINGS = { workers: 2, atOnce: 200, paceMs: 25 };

export class CallReader {
  readonly #asking: Gathering<Asked, CallNews | null>;

  constructor(db: Query) {
    this.#asking = new Gathering((asked) => readNews(db, asked), SETTINGS);
  }

  /** The call as it is, and its events after `afterSeq`, at most `room`; null = there is no such call. Rejects when the table cannot be read. */
  read(callId: string, afterSeq: number, room: number): Promise<CallNews | null> {
    return this.#asking.ask({ callId, afterSeq, room });
  }
}

type NewsRow = CallRow & {
  readonly n: number;
  readonly profile_version: number | null;
  readonly news: readonly { readonly seq: number; readonly event: CallEvent }[] | null;
};

async function readNews(db: Query, asked: readonly Asked[]): Promise<readonly (CallNews | null)[]> {
  const { rows } = await sql<NewsRow>`
    select asked.n, calls.*, customers.version as profile_version, news.events as news
    from unnest(${asked.map(({ callId }) => callId)}::text[], ${asked.map(({ afterSeq }) => afterSeq)}::integer[],
      ${asked.map(({ room }) => room)}::integer[]) with ordinality as asked (call_id, after_seq, room, n)
    join calls on calls.call_id = asked.call_id
    left join customers on customers.customer_id = calls.customer_id
    left join lateral (
      select json_agg(json_build_object('seq', seq, 'event', body) order by seq) as events from (
        select seq, body from call_events where call_events.call_id = asked.call_id and seq > asked.after_seq order by seq limit asked.room
      ) as next
    ) as news on true`.execute(db);
  const found = new Map(rows.map((row) => [row.n, row]));
  return asked.map((_, index) => {
    const row = found.get(index + 1);
    if (row === undefined) return null;
    const { n: _n, profile_version, news, ...call } = row;
    return { call, profileVersion: profile_version, events: news ?? [] };
  });
}
