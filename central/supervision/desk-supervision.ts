/**
 * Tells desks what supervisors say on their calls and who reads along, whichever node they did it at: what is in the tables is looked at a few
 * times a second, and a desk is told the whole of a call when it is other than what that desk last said it shows.
 */
import { sql } from 'kysely';
import type { Socket } from 'socket.io';
import {
  type CallReader,
  type CallSupervised,
  type CoachingNote,
  MAX_NOTES,
  MAX_READERS,
  Shown,
  SUPERVISION_EVENT,
} from '#contract/supervision.ts';
import { OnceMore } from '../once-more.ts';
import type { Counters } from '../store/counters.ts';
import type { Query } from '../store/open-store.ts';
import { databaseMs, type DeskSeats } from './desk-seats.ts';

export const LOOK_AT_COACHING_MS = 500;
const SHOWN_WITHIN_MS = 5_000;
/** Whose reading is over hears so from looks within this time. */
const OVER_FOR_MS = 10_000;

interface Settings {
  readonly db: Query;
  readonly seats: DeskSeats;
  readonly nowMs: () => number;
  readonly counters: Counters;
}

interface Row {
  readonly call_id: string;
  readonly agent_id: string;
  readonly notes: readonly CoachingNote[] | null;
  readonly readers: readonly CallReader[] | null;
}

export class DeskSupervision {
  readonly #o: Settings;
  /** What each desk said it shows, by call. */
  readonly #shown = new WeakMap<Socket, Map<string, string>>();
  /** Agents whose desks are here anew: they are told also what was shown before. */
  #fresh = new Set<string>();
  readonly #looking = new OnceMore(() => this.#look());

  constructor(settings: Settings) {
    this.#o = settings;
  }

  came(agentId: string): void {
    this.#fresh.add(agentId);
  }

  /** Rejects when the tables cannot be read. */
  look(): Promise<void> {
    return this.#looking.run();
  }

  async #look(): Promise<void> {
    const { seats, db } = this.#o;
    const agentIds = seats.agentIds();
    if (agentIds.length === 0) return;
    const fresh = [...this.#fresh];
    this.#fresh = new Set();
    const { rows } = await sql<Row>`
      with touched as (
        select call_id, agent_id from coaching_notes where agent_id = any(${agentIds}::text[]) and shown_at_ms is null
        union select call_id, agent_id from transcript_reads
          where until_ms > ${databaseMs} - ${OVER_FOR_MS} and agent_id = any(${agentIds}::text[])
        union select n.call_id, n.agent_id from coaching_notes n where n.agent_id = any(${fresh}::text[]) and n.at_ms > ${this.#o.nowMs() - 86_400_000}
      )
      select c.call_id, c.agent_id,
        (select json_agg(json_build_object('noteId', note_id, 'by', name, 'text', text, 'atMs', at_ms) order by at_ms desc) from (
          select n.*, p.name from coaching_notes n join people p on p.person_id = n.author
          where n.call_id = c.call_id and n.agent_id = c.agent_id and n.text is not null order by n.at_ms desc limit ${MAX_NOTES}) as last) as notes,
        (select json_agg(json_build_object('readId', read_id, 'by', name, 'sinceMs', from_ms) order by from_ms) from (
          select r.*, p.name from transcript_reads r join people p on p.person_id = r.reader
          where r.call_id = c.call_id and r.agent_id = c.agent_id and r.until_ms > ${databaseMs} order by r.from_ms limit ${MAX_READERS}) as now) as readers
      from touched join calls c using (call_id, agent_id) where c.phase in ('offered', 'active', 'held')`.execute(db);
    for (const row of rows) for (const socket of seats.socketsOf(row.agent_id)) this.#tell(socket, row);
  }

  #tell(socket: Socket, { call_id: callId, notes, readers }: Row): void {
    const supervised: CallSupervised = { callId, notes: [...(notes ?? [])], readers: [...(readers ?? [])] };
    const text = JSON.stringify(supervised);
    const shown = this.#shown.get(socket) ?? new Map<string, string>();
    this.#shown.set(socket, shown);
    if (shown.get(callId) === text) return;
    shown.set(callId, text);
    const again = (): void => {
      if (shown.get(callId) === text) shown.delete(callId);
    };
    socket
      .timeout(SHOWN_WITHIN_MS)
      .emitWithAck(SUPERVISION_EVENT, supervised)
      .then(async (reply: unknown) => {
        const said = Shown.safeParse(reply);
        const isOfCall = said.success && said.data.callId === callId;
        if (isOfCall) await this.#note(supervised, said.data);
        if (!isOfCall || !isAllShown(supervised, said.data)) again();
        return undefined;
      })
      .catch(() => {
        // Gone, too slow, or older than this message: it is told again with the next look, where it is still there.
        again();
        this.#o.counters.add('desks: supervision not shown');
      });
  }

  async #note({ notes, readers }: CallSupervised, said: Shown): Promise<void> {
    const { db, nowMs } = this.#o;
    const noteIds = notes.map(({ noteId }) => noteId).filter((id) => said.notes.includes(id));
    const readIds = readers.map(({ readId }) => readId).filter((id) => said.readers.includes(id));
    if (noteIds.length > 0)
      await sql`update coaching_notes set shown_at_ms = ${nowMs()}::bigint where note_id = any(${noteIds}::text[]) and shown_at_ms is null`.execute(
        db,
      );
    if (readIds.length > 0)
      await sql`update transcript_reads set shown_at_ms = ${databaseMs} where read_id = any(${readIds}::text[]) and shown_at_ms is null`.execute(
        db,
      );
  }
}

const isAllShown = ({ notes, readers }: CallSupervised, said: Shown): boolean =>
  notes.every(({ noteId }) => said.notes.includes(noteId)) && readers.every(({ readId }) => said.readers.includes(readId));
