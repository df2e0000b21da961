/**
 * Which desks are connected to this node and what they show, told to the tables that every node's wall is read from.
 *
 *   came, left, said ─► gathered for a tenth of a second ─► two statements, whoever many there were
 *
 * The tables are not logged: after a crash of the database they are empty. The node notices when its own row is gone, and says everything again.
 */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Socket } from 'socket.io';
import { DESK_STATE_EVENT, type DeskCallState, DeskStates } from '#contract/supervision.ts';
import type { Seat } from '../live/desk-door.ts';
import type { DeskWatcher } from '../live/desk-gateway.ts';
import type { Counters } from '../store/counters.ts';
import type { Query } from '../store/open-store.ts';

const GATHER_MS = 100;
/** A node that was not heard of for so long is taken to be dead, and its desks to be away. */
export const NODE_SILENT_MS = 8_000;
export const BEAT_MS = 2_000;
const FORGET_AFTER_MS = 24 * 3_600_000;

/** The database's own clock, in milliseconds: that of the nodes may differ. */
export const databaseMs = sql<number>`floor(extract(epoch from clock_timestamp()) * 1000)::bigint`;

interface Settings {
  readonly db: Query;
  readonly counters: Counters;
  readonly nowMs: () => number;
  readonly failed: (operation: string, error: unknown) => void;
  /** A desk of this agent is here from now on. */
  readonly came: (agentId: string) => void;
}

interface Said {
  readonly agentId: string;
  /** Null: the call is no longer this desk's. */
  readonly state: DeskCallState | null;
}

export class DeskSeats implements DeskWatcher {
  readonly event = DESK_STATE_EVENT;
  readonly #o: Settings;
  readonly #node = randomUUID();
  readonly #sockets = new Map<string, Map<Socket, Seat>>();
  /** What each desk that is connected said last, by call. */
  readonly #known = new Map<Socket, Map<string, DeskCallState>>();
  #seats = new Map<string, Seat & { readonly isHere: boolean }>();
  #said = new Map<string, Said>();
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;
  #hasBeaten = false;

  constructor(settings: Settings) {
    this.#o = settings;
  }

  came(seat: Seat, socket: Socket): void {
    const here = this.#sockets.get(seat.agentId) ?? new Map<Socket, Seat>();
    this.#sockets.set(seat.agentId, here.set(socket, seat));
    this.#put(seat);
    this.#o.came(seat.agentId);
  }

  left(seat: Seat, socket: Socket): void {
    const here = this.#sockets.get(seat.agentId);
    here?.delete(socket);
    if (here?.size === 0) this.#sockets.delete(seat.agentId);
    this.#known.delete(socket);
    this.#put(seat);
  }

  /** All running calls of a desk as they stand. What does not fit is counted and forgotten: it comes again with the next change. */
  said(seat: Seat, body: unknown): void {
    const parsed = DeskStates.safeParse(body);
    const socket = [...(this.#sockets.get(seat.agentId) ?? [])].find(([, one]) => one.deviceId === seat.deviceId)?.[0];
    if (!parsed.success || socket === undefined) return this.#o.counters.add('desks: bad state');
    const now = new Map(parsed.data.calls.map((call) => [call.callId, call]));
    const before = this.#known.get(socket);
    this.#known.set(socket, now);
    for (const callId of before?.keys() ?? []) if (!now.has(callId)) this.#said.set(callId, { agentId: seat.agentId, state: null });
    for (const [callId, state] of now) this.#said.set(callId, { agentId: seat.agentId, state });
    this.#wake();
  }

  agentIds(): readonly string[] {
    return [...this.#sockets.keys()];
  }

  socketsOf(agentId: string): readonly Socket[] {
    return [...(this.#sockets.get(agentId)?.keys() ?? [])];
  }

  /** That this node lives. Rejects when the tables cannot be written. */
  async beat(): Promise<void> {
    const { db } = this.#o;
    const { rows } = await sql<{ fresh: boolean }>`
      insert into live_nodes (node, seen_at_ms) values (${this.#node}, ${databaseMs})
      on conflict (node) do update set seen_at_ms = excluded.seen_at_ms returning (xmax = 0) as fresh`.execute(db);
    if (rows[0]?.fresh !== true) return;
    if (this.#hasBeaten) this.#sayAll();
    this.#hasBeaten = true;
    const oldMs = sql`(${databaseMs} - ${FORGET_AFTER_MS})`;
    await sql`delete from live_nodes where seen_at_ms < ${oldMs}`.execute(db);
    await sql`delete from desk_seats where coalesce(left_at_ms, 0) < ${oldMs} and node not in (select node from live_nodes)`.execute(db);
    await sql`delete from desk_states where at_ms < ${this.#o.nowMs() - FORGET_AFTER_MS}`.execute(db);
  }

  /** What was gathered is written, and nothing after it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer ?? undefined);
    await this.#flush();
  }

  #put(seat: Seat): void {
    const isHere = [...(this.#sockets.get(seat.agentId)?.values() ?? [])].some(({ deviceId }) => deviceId === seat.deviceId);
    this.#seats.set(`${seat.agentId} ${seat.deviceId}`, { ...seat, isHere });
    this.#wake();
  }

  #sayAll(): void {
    for (const here of this.#sockets.values()) for (const seat of here.values()) this.#put(seat);
    for (const [socket, states] of this.#known) {
      const { agentId } = socket.data as Seat;
      for (const [callId, state] of states) this.#said.set(callId, { agentId, state });
    }
    this.#wake();
  }

  #wake(): void {
    if (!this.#isClosed) this.#timer ??= setTimeout(() => void this.#flush(), GATHER_MS);
  }

  async #flush(): Promise<void> {
    const [seats, said] = [this.#seats, this.#said];
    this.#seats = new Map();
    this.#said = new Map();
    try {
      if (seats.size > 0) await this.#writeSeats([...seats.values()]);
      if (said.size > 0) await this.#writeStates([...said]);
    } catch (error) {
      this.#o.failed('noting where desks are', error);
      // Unless there is something newer.
      this.#seats = new Map([...seats, ...this.#seats]);
      this.#said = new Map([...said, ...this.#said]);
    }
    this.#timer = null;
    if (this.#seats.size + this.#said.size > 0) this.#wake();
  }

  /** In one order everywhere, so that no two nodes wait for each other. */
  async #writeSeats(all: readonly (Seat & { readonly isHere: boolean })[]): Promise<void> {
    await sql`
      insert into desk_seats (agent_id, device_id, node, left_at_ms)
      select agent_id, device_id, ${this.#node}, case when here then null else ${databaseMs} end
      from unnest(${all.map(({ agentId }) => agentId)}::text[], ${all.map(({ deviceId }) => deviceId)}::text[],
        ${all.map(({ isHere }) => isHere)}::boolean[]) as given (agent_id, device_id, here) order by agent_id, device_id
      on conflict (agent_id, device_id) do update set node = excluded.node, left_at_ms = excluded.left_at_ms
      where excluded.left_at_ms is null or desk_seats.node = excluded.node`.execute(this.#o.db);
  }

  async #writeStates(all: readonly (readonly [string, Said])[]): Promise<void> {
    const { db, nowMs } = this.#o;
    const there = all.filter(([, { state }]) => state !== null);
    const gone = all.filter(([, { state }]) => state === null);
    if (there.length > 0)
      await sql`
        insert into desk_states (call_id, agent_id, state, at_ms)
        select call_id, agent_id, state::jsonb, ${nowMs()}::bigint
        from unnest(${there.map(([callId]) => callId)}::text[], ${there.map(([, { agentId }]) => agentId)}::text[],
          ${there.map(([, { state }]) => JSON.stringify(state))}::text[]) as given (call_id, agent_id, state) order by call_id
        on conflict (call_id) do update set agent_id = excluded.agent_id, state = excluded.state, at_ms = excluded.at_ms`.execute(db);
    if (gone.length > 0)
      await sql`
        delete from desk_states using unnest(${gone.map(([callId]) => callId)}::text[], ${gone.map(([, { agentId }]) => agentId)}::text[])
          as given (call_id, agent_id)
        where desk_states.call_id = given.call_id and desk_states.agent_id = given.agent_id`.execute(db);
  }
}
