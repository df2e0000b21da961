import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';
import type { CardView, DeskView } from '#contract/desk.ts';
import type { Api } from '../api.ts';
import { mergeChange } from './merge-change.ts';

export interface DeskState {
  /** Null until the engine has answered for the first time. */
  readonly view: DeskView | null;
  /** `performance.now()` when `view.nowMs` arrived. */
  readonly readAtMs: number;
  /** The engine does not answer or sends what cannot be read. */
  readonly trouble: boolean;
}
export type DeskStore = StoreApi<DeskState>;

export const createDeskStore = (): DeskStore => createStore<DeskState>(() => ({ view: null, readAtMs: 0, trouble: false }));

/** Feeds the store from the engine until the returned function is called. */
export function followDesk(store: DeskStore, api: Api): () => void {
  return api.openDesk({
    onView: (view) => store.setState({ view, readAtMs: performance.now(), trouble: false }),
    onChange: (change) =>
      store.setState(({ view, readAtMs }) =>
        view === null ? {} : { view: mergeChange(view, change), readAtMs: change.nowMs === undefined ? readAtMs : performance.now() },
      ),
    onTrouble: () => store.setState({ trouble: true }),
  });
}

/** The engine's time now, in ms since 1970. A virtual clock moves only with what the engine sends. */
export const deskNowMs = ({ view, readAtMs }: DeskState): number => {
  if (view === null) return 0;
  return view.virtualClock ? view.nowMs : view.nowMs + (performance.now() - readAtMs);
};

/** What makes two views of a prompt the same prompt. */
export const cardKey = (card: Pick<CardView, 'decisionId' | 'actionId'>): string => `${card.decisionId} ${card.actionId}`;

/** Whether there is an engine to answer to. */
export const isEngineReady = ({ view, trouble }: DeskState): boolean => !trouble && view?.engine.state === 'ready';
