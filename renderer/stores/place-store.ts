import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';
import { isAnswered } from './answers-store.ts';
import type { AnswersStore } from './answers-store.ts';
import { isEngineReady } from './desk-store.ts';
import type { DeskStore } from './desk-store.ts';
import { EMPTY_PLACE, settlePlace } from './settle-place.ts';
import type { Place } from './settle-place.ts';

/** How long after a key press the card does not change: the next key was meant for what was on screen. */
export const KEY_HOLD_MS = 400;

export interface PlaceStore extends StoreApi<Place> {
  /** Whether the pointer is over the card. */
  hover(on: boolean): void;
  /** Whether the focus is inside the card. */
  focus(on: boolean): void;
  keyPressed(): void;
  /** Shows what waits, because the agent asked for it. */
  showNext(): void;
  close(): void;
}

export function createPlaceStore(desk: DeskStore, answers: AnswersStore): PlaceStore {
  const store = createStore<Place>(() => EMPTY_PLACE);
  let hovered = false;
  let focused = false;
  let keyed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const settle = (attended = hovered || focused): void => {
    const state = desk.getState();
    store.setState((place) =>
      settlePlace(place, state.view, isEngineReady(state), { attended, keyed }, (card) => isAnswered(answers.getState(), card)),
    );
  };
  const unsubscribe = [desk.subscribe(() => settle()), answers.subscribe(() => settle())];
  return {
    ...store,
    hover: (on) => {
      hovered = on;
      settle();
    },
    focus: (on) => {
      focused = on;
      settle();
    },
    keyPressed: () => {
      keyed = true;
      clearTimeout(timer);
      timer = setTimeout(() => {
        keyed = false;
        settle();
      }, KEY_HOLD_MS);
    },
    showNext: () => {
      clearTimeout(timer);
      keyed = false;
      settle(false);
    },
    close: () => {
      clearTimeout(timer);
      for (const stop of unsubscribe) stop();
    },
  };
}
