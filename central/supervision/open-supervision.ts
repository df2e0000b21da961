/** Supervision at this node, put together: the wall, alerts as they are raised, and what is said to desks. */
import type { FastifyInstance } from 'fastify';
import type { Server } from 'socket.io';
import { type RaisedAlert, SUPERVISOR_NAMESPACE } from '#contract/supervision.ts';
import type { Access } from '../access/open-access.ts';
import { supervisionRoutes } from '../http/supervision-routes.ts';
import type { DeskGateway } from '../live/desk-gateway.ts';
import type { NodeNews } from '../live/node-news.ts';
import type { Revisions } from '../policy/revisions.ts';
import type { runEvery } from '../run-every.ts';
import type { Counters } from '../store/counters.ts';
import type { Store } from '../store/open-store.ts';
import { rulesInForce } from './alert-rules.ts';
import { BEAT_MS, DeskSeats } from './desk-seats.ts';
import { DeskSupervision, LOOK_AT_COACHING_MS } from './desk-supervision.ts';
import { AlertFeed, LOOK_FOR_ALERTS_MS, raiseAlerts } from './raised-alerts.ts';
import { readWall } from './read-wall.ts';
import { LOOK_AT_WALL_MS, WallGateway } from './wall-gateway.ts';

interface Settings {
  readonly store: Store;
  /** Connections that nothing waits for which is not live. */
  readonly lane: Store;
  readonly sockets: Server;
  readonly gateway: DeskGateway;
  readonly revisions: Revisions;
  readonly counters: Counters;
  readonly access: Pick<Access, 'authenticate' | 'admitted'>;
  readonly nowMs: () => number;
  readonly failed: (operation: string, error: unknown) => void;
  readonly news: NodeNews;
  /** An alert began or is over, of an agent in these teams. */
  readonly raised: (alert: RaisedAlert, teams: readonly string[]) => void;
}

export interface SupervisionHere {
  routes(server: FastifyInstance): void;
  /** This node lives, from now on: before the first desk connects. */
  start(): Promise<void>;
  /** What is to be done again and again. */
  readonly jobs: Parameters<typeof runEvery>[0];
  /** Looks what was said on calls anywhere. Rejects when the tables cannot be read. */
  look(): Promise<void>;
  close(): Promise<void>;
}

export function openSupervision({
  store,
  lane,
  sockets,
  gateway,
  revisions,
  counters,
  access,
  nowMs,
  failed,
  news,
  raised,
}: Settings): SupervisionHere {
  const { db } = lane;
  const seats = new DeskSeats({ db, counters, nowMs, failed, came: (agentId) => desks.came(agentId) });
  const desks = new DeskSupervision({ db, seats, nowMs, counters });
  gateway.watch(seats);
  const wall = new WallGateway({
    supervisors: sockets.of(SUPERVISOR_NAMESPACE),
    counters,
    ...access,
    nowMs,
    failed,
    async read(reach) {
      const names = await revisions.actionNames();
      return readWall(db, reach, await rulesInForce(db), (id) => names.get(id) ?? id, nowMs());
    },
  });
  const alerts = new AlertFeed(db, raised);
  return {
    start: () => seats.beat(),
    jobs: [
      [BEAT_MS, () => seats.beat(), (error) => failed('telling that this node lives', error)],
      [LOOK_AT_WALL_MS, () => wall.look(), (error) => failed('reading the wall', error)],
      [LOOK_FOR_ALERTS_MS, () => raiseAlerts(lane, nowMs()).then(() => alerts.look()), (error) => failed('raising alerts', error)],
      [LOOK_AT_COACHING_MS, () => desks.look(), (error) => failed('looking what supervisors say', error)],
    ],
    routes: (server) =>
      supervisionRoutes(server, {
        store,
        counters,
        revisions,
        nowMs,
        said() {
          desks.look().catch((error: unknown) => failed('looking what supervisors say', error));
          news.tell({ look: 'supervision' });
        },
      }),
    look: () => desks.look(),
    close: () => seats.close(),
  };
}
