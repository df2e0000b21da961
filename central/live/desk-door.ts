/**
 * The door of the live lane: who is let in, and how many come in at once. What coming in costs (two signatures, the tables, the calls a
 * desk resumes) is paid by a few desks at a time, so that after an outage the first are at work within a second, and events for those
 * who are in do not wait behind thousands who are not.
 *
 *   handshake ─► line ─► one of AT_ONCE: checked, connected, resumed ─► the next
 *                 └► longer than LONGEST_WAIT_MS: closed, and it comes again with its jitter
 */
import type { Namespace, Socket } from 'socket.io';
import { DESK_NAMESPACE, DeskHandshake, LIVE_PROTOCOL, OLDER_PROTOCOLS } from '#contract/live.ts';
import type { Authenticate } from '../access/directory.ts';
import { mayConnect } from '../access/scope.ts';
import { Admission } from '../store/admission.ts';
import type { Counters } from '../store/counters.ts';
import { refused } from './refused.ts';

export const DESK_ENDPOINT = `SOCKET ${DESK_NAMESPACE}`;

const AT_ONCE = 24;
/** The library closes who has not come in within ten seconds. */
const LONGEST_WAIT_MS = 8_000;
/** A desk that is connected and does not say what it has holds nobody up for longer. */
const RESUMED_WITHIN_MS = 1_000;

/** Who is at the other end, as it was let in. */
export interface Seat {
  readonly agentId: string;
  readonly deviceId: string;
  readonly personId: string;
}

interface Settings {
  readonly desks: Namespace;
  readonly authenticate: Authenticate;
  readonly counters: Counters;
  readonly failed: (operation: string, error: unknown) => void;
}

type Next = (refusal?: Error) => void;

interface Coming {
  readonly socket: Socket;
  readonly next: Next;
}

export class DeskDoor {
  readonly #settings: Settings;
  readonly #line: Admission<Coming, null>;
  readonly #inside = new Map<Socket, () => void>();

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#line = new Admission(
      { workers: AT_ONCE, groupWeight: 1, paceMs: 0, mostWaiting: Number.POSITIVE_INFINITY, longestWaitMs: LONGEST_WAIT_MS },
      (all) => Promise.all(all.map((coming) => this.#letIn(coming))),
    );
    settings.desks.use((socket, next) => void this.#knock({ socket, next }));
  }

  /** Desks in line. */
  get waiting(): number {
    return this.#line.waiting;
  }

  /** It has what it resumed with: the next may come. */
  resumed(socket: Socket): void {
    this.#inside.get(socket)?.();
  }

  async #knock(coming: Coming): Promise<void> {
    const entered = await this.#line.enter(coming, 1);
    if (entered.ok) return;
    this.#settings.counters.add('desks: put off');
    // A word of refusal would send it for new tokens first.
    coming.socket.conn.close();
  }

  /** Never rejects. */
  async #letIn({ socket, next }: Coming): Promise<null> {
    if (socket.conn.readyState !== 'open') return null;
    try {
      const reason = await this.#seat(socket);
      if (reason !== null) {
        this.#settings.counters.add(`desks: refused ${reason}`);
        next(refused(reason));
        return null;
      }
    } catch (error) {
      this.#settings.failed('admitting a desk', error);
      next(refused('unavailable'));
      return null;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, RESUMED_WITHIN_MS);
    this.#inside.set(socket, resolve);
    socket.conn.once('close', resolve);
    next();
    await promise;
    clearTimeout(timer);
    this.#inside.delete(socket);
    socket.conn.off('close', resolve);
    return null;
  }

  /** Null = admitted, and the socket's data says who it is. */
  async #seat(socket: Socket): Promise<string | null> {
    const handshake = DeskHandshake.safeParse(socket.handshake.auth);
    if (!handshake.success) return 'bad-handshake';
    const { protocol, token, deviceToken, deviceId } = handshake.data;
    // Two tokens for each of thousands, which are read once.
    socket.handshake.auth = {};
    if (![LIVE_PROTOCOL, ...OLDER_PROTOCOLS].includes(protocol)) return 'other-protocol';
    const { authenticate } = this.#settings;
    const [principal, device] = await Promise.all([authenticate(token), authenticate(deviceToken)]);
    if (principal === null) return 'bad-token';
    if (principal.kind !== 'person' || principal.agentId === null || !mayConnect(DESK_ENDPOINT, principal)) return 'not-an-agent';
    if (device?.kind !== 'device') return 'not-a-device';
    if (principal.deviceId !== deviceId || device.deviceId !== deviceId) return 'other-device';
    socket.data = { agentId: principal.agentId, deviceId, personId: principal.personId } satisfies Seat;
    return null;
  }
}
