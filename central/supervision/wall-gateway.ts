/**
 * The live wall of supervisors. While somebody watches, the node reads what is so a few times a second, and tells each what is other than what
 * they were told last. One message is on its way to each at most: what changes meanwhile goes with the next, as it then is.
 */
import type { Namespace, Socket } from 'socket.io';
import { byNeed, MAX_WALL_PART, MAX_WALL_ROWS, SUPERVISOR_NAMESPACE, type WallChange } from '#contract/supervision.ts';
import type { PersonPrincipal } from '../access/directory.ts';
import { type PersonLane, servePeople } from '../live/person-lane.ts';
import type { SeenCall, WallReach } from './read-wall.ts';

export const LOOK_AT_WALL_MS = 250;
const TAKEN_WITHIN_MS = 10_000;

interface Settings extends Pick<PersonLane, 'counters' | 'authenticate' | 'admitted' | 'failed'> {
  readonly supervisors: Namespace;
  readonly read: (reach: WallReach) => Promise<readonly SeenCall[]>;
  readonly nowMs: () => number;
}

interface Watcher {
  readonly principal: PersonPrincipal;
  /** What they were told, by call. */
  readonly told: Map<string, string>;
  isNew: boolean;
  isTaking: boolean;
  left: number;
}

export class WallGateway {
  readonly #o: Settings;
  readonly #watchers = new Map<Socket, Watcher>();
  #nextMs = 0;

  constructor(settings: Settings) {
    this.#o = settings;
    servePeople({
      ...settings,
      name: SUPERVISOR_NAMESPACE,
      namespace: settings.supervisors,
      refusal: 'not-a-supervisor',
      came: (socket, principal) => {
        this.#watchers.set(socket, { principal, told: new Map(), isNew: true, isTaking: false, left: 0 });
        this.#nextMs = 0;
      },
      left: (socket) => this.#watchers.delete(socket),
    });
  }

  /** Reads and tells, where somebody watches and the last reading did not take too long. Rejects when the tables cannot be read. */
  async look(): Promise<void> {
    const free = [...this.#watchers].filter(([, { isTaking }]) => !isTaking);
    const startMs = performance.now();
    if (free.length === 0 || startMs < this.#nextMs) return;
    const principals = free.map(([, { principal }]) => principal);
    const calls = await this.#o.read({
      teams: [...new Set(principals.flatMap(({ teams }) => teams))],
      agentIds: principals.flatMap(({ agentId }) => agentId ?? []),
    });
    const seen = calls.map((call) => ({ ...call, text: JSON.stringify(call.row) }));
    for (const [socket, watcher] of free) this.#tell(socket, watcher, seen);
    // Half of the time at most, whatever else the database has to do.
    this.#nextMs = performance.now() + (performance.now() - startMs);
  }

  #tell(socket: Socket, watcher: Watcher, all: readonly (SeenCall & { readonly text: string })[]): void {
    const { principal, told } = watcher;
    const within = all.filter(
      ({ row, teams }) => row.agentId === principal.agentId || teams.some((team) => principal.teams.includes(team)),
    );
    const shown = within.length <= MAX_WALL_ROWS ? within : within.toSorted((a, b) => byNeed(a.row, b.row)).slice(0, MAX_WALL_ROWS);
    const changed = shown.filter(({ row, text }) => told.get(row.callId) !== text);
    const ids = new Set(shown.map(({ row }) => row.callId));
    const gone = [...told.keys()].filter((callId) => !ids.has(callId));
    const left = within.length - shown.length;
    if (!watcher.isNew && changed.length + gone.length === 0 && left === watcher.left) return;
    for (const { row, text } of changed) told.set(row.callId, text);
    for (const callId of gone) told.delete(callId);
    const parts: WallChange[] = [];
    for (let from = 0; from === 0 || from < changed.length; from += MAX_WALL_PART) {
      const rows = changed.slice(from, from + MAX_WALL_PART).map(({ row }) => row);
      parts.push({ isWhole: watcher.isNew && from === 0, nowMs: this.#o.nowMs(), rows, gone: from === 0 ? gone : [], left });
    }
    watcher.isNew = false;
    watcher.left = left;
    watcher.isTaking = true;
    Promise.all(parts.map((part) => socket.timeout(TAKEN_WITHIN_MS).emitWithAck('wall', part)))
      .then(() => {
        watcher.isTaking = false;
        return undefined;
      })
      .catch(() => {
        // Gone or too slow: it begins a new wall when it is back.
        this.#o.counters.add('supervisors: did not take what changed');
        socket.disconnect(true);
      });
  }
}
