import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';
import { byNeed, type WallChange, type WallRow } from '#contract/supervision.ts';
import type { Api } from '../../api.ts';
import type { WallClock } from './ticker.tsx';

export interface WallState {
  /** By call; null = not known yet. A row that did not change is the same object. */
  readonly rows: ReadonlyMap<string, WallRow> | null;
  /** Calls as they are shown, the neediest first. */
  readonly order: readonly string[];
  /** The order would be another by now, and waits because somebody is at the list. */
  readonly isOrderOld: boolean;
  /** Calls besides, that are too many to show. */
  readonly left: number;
  readonly live: boolean;
}

export interface WallStore extends StoreApi<WallState> {
  follow(): () => void;
  /** Somebody scrolls, points or goes through the list: rows stay where they are for a while. */
  touched(): void;
  sortNow(): void;
  readonly clock: () => WallClock;
}

/** After the last time somebody was at the list. */
const HELD_MS = 3_000;

const sorted = (rows: ReadonlyMap<string, WallRow>): readonly string[] => [...rows.values()].toSorted(byNeed).map(({ callId }) => callId);

export function createWallStore(api: Api): WallStore {
  const store = createStore<WallState>(() => ({ rows: null, order: [], isOrderOld: false, left: 0, live: true }));
  let time: WallClock = { nowMs: 0, readAtMs: 0 };
  let touchedAtMs = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const isHeld = (): boolean => performance.now() - touchedAtMs < HELD_MS;
  const sortNow = (): void => {
    clearTimeout(timer);
    timer = undefined;
    store.setState(({ rows }) => ({ order: rows === null ? [] : sorted(rows), isOrderOld: false }));
  };
  const sortLater = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      if (isHeld()) sortLater();
      else sortNow();
    }, HELD_MS);
  };

  const take = ({ isWhole, nowMs, rows: changed, gone, left }: WallChange): void => {
    time = { nowMs, readAtMs: performance.now() };
    const { rows: before, order } = store.getState();
    const rows = new Map(isWhole ? [] : before);
    for (const callId of gone) rows.delete(callId);
    for (const row of changed) rows.set(row.callId, row);
    const wanted = sorted(rows);
    if (isWhole || !isHeld()) {
      const isSame = wanted.length === order.length && wanted.every((callId, i) => callId === order[i]);
      store.setState({ rows, order: isSame ? order : wanted, isOrderOld: false, left, live: true });
      return;
    }
    // Where they are; new ones below, so that nothing moves under a hand.
    const isIn = new Set(order);
    const came = wanted.filter((callId) => !isIn.has(callId));
    const isAllThere = came.length === 0 && order.every((callId) => rows.has(callId));
    const held = isAllThere ? order : [...order.filter((callId) => rows.has(callId)), ...came];
    const isOrderOld = wanted.some((callId, i) => callId !== held[i]);
    store.setState({ rows, order: held, isOrderOld, left, live: true });
    if (isOrderOld) sortLater();
  };

  return {
    ...store,
    clock: () => time,
    sortNow,
    touched() {
      touchedAtMs = performance.now();
    },
    follow() {
      const stop = api.followNews((news) => {
        if (news.kind === 'wall') take(news.body);
        if (news.kind === 'wall-link') store.setState({ live: news.body.live });
      });
      api.watchWall(true);
      return () => {
        stop();
        clearTimeout(timer);
        timer = undefined;
        api.watchWall(false);
      };
    },
  };
}
