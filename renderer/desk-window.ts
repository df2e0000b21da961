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
import { createRoomsStore, hasRooms } from './stores/rooms-store.ts';
import type { RoomsState, RoomsStore } from './stores/rooms-store.ts';
import { askSeat, createSeatStore } from './stores/seat-store.ts';
import type { SeatState, SeatStore } from './stores/seat-store.ts';
import { createUiStore } from './stores/ui-store.ts';
import type { UiState, UiStore } from './stores/ui-store.ts';

/** What one window is made of besides its views. */
export interface DeskWindow {
  readonly api: Api;
  readonly seat: SeatStore;
  readonly rooms: RoomsStore;
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
  const rooms = createRoomsStore();
  const following: (() => void)[] = [];
  let isClosed = false;
  void askSeat(seat, api, (person) => {
    if (isClosed) return;
    if (person !== null) rooms.begin(person.rooms);
    const { offered } = rooms.getState();
    if (offered.includes('calls')) following.push(followDesk(desk, api));
    if (hasRooms(rooms.getState())) following.push(api.followNews((news) => rooms.take(news)));
  });
  return {
    api,
    seat,
    rooms,
    desk,
    answers,
    place,
    ui: createUiStore(),
    announcer,
    close: () => {
      isClosed = true;
      for (const stop of following) stop();
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
export const useRooms = <T>(select: (state: RoomsState) => T): T => useStore(useDeskWindow().rooms, select);
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
