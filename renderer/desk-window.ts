import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { CallView, DeskView } from '#contract/desk.ts';
import type { Api } from './api.ts';
import { createAnswersStore } from './stores/answers-store.ts';
import type { AnswersState, AnswersStore } from './stores/answers-store.ts';
import { Announcer } from './stores/announcer.ts';
import { createDeskStore, followDesk } from './stores/desk-store.ts';
import type { DeskState, DeskStore } from './stores/desk-store.ts';
import { createPlaceStore } from './stores/place-store.ts';
import type { PlaceStore } from './stores/place-store.ts';
import type { Place } from './stores/settle-place.ts';
import { askSeat, createSeatStore } from './stores/seat-store.ts';
import type { SeatState, SeatStore } from './stores/seat-store.ts';
import { createUiStore } from './stores/ui-store.ts';
import type { UiState, UiStore } from './stores/ui-store.ts';

/** What one window is made of besides its views. */
export interface DeskWindow {
  readonly api: Api;
  readonly seat: SeatStore;
  readonly desk: DeskStore;
  readonly answers: AnswersStore;
  readonly place: PlaceStore;
  readonly ui: UiStore;
  readonly announcer: Announcer;
  close(): void;
}

export function openDeskWindow(api: Api, liveRegion: HTMLElement): DeskWindow {
  const desk = createDeskStore();
  const answers = createAnswersStore(api, desk);
  const place = createPlaceStore(desk, answers);
  const announcer = new Announcer(liveRegion);
  const seat = createSeatStore();
  let isClosed = false;
  let unfollow: (() => void) | null = null;
  void askSeat(seat, api, () => {
    if (!isClosed) unfollow = followDesk(desk, api);
  });
  return {
    api,
    seat,
    desk,
    answers,
    place,
    ui: createUiStore(),
    announcer,
    close: () => {
      isClosed = true;
      unfollow?.();
      place.close();
      announcer.close();
    },
  };
}

export const DeskWindowContext = createContext<DeskWindow | null>(null);

export function useDeskWindow(): DeskWindow {
  const window = useContext(DeskWindowContext);
  if (window === null) throw new Error('A view was used outside the desk window.');
  return window;
}

export const useDesk = <T>(select: (state: DeskState) => T): T => useStore(useDeskWindow().desk, select);
export const useSeat = <T>(select: (state: SeatState) => T): T => useStore(useDeskWindow().seat, select);
export const usePlace = <T>(select: (state: Place) => T): T => useStore(useDeskWindow().place, select);
export const useAnswers = <T>(select: (state: AnswersState) => T): T => useStore(useDeskWindow().answers, select);
export const useUi = <T>(select: (state: UiState) => T): T => useStore(useDeskWindow().ui, select);

/** The view, inside everything that is drawn only once there is one. */
export function useView<T>(select: (view: DeskView) => T): T {
  return useDesk(({ view }) => {
    if (view === null) throw new Error('A view of the desk was drawn before the engine had answered.');
    return select(view);
  });
}
export const useCall = (): CallView | null => useView((view) => view.call);
