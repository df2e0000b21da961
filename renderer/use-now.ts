import { useEffect, useReducer } from 'react';
import { useDesk, useDeskWindow } from './desk-window.ts';
import { deskNowMs } from './stores/desk-store.ts';

/** The engine's time in ms since 1970, drawn anew each `stepMs`. A virtual clock moves only when the engine says so. */
export function useNow(stepMs = 1_000): number {
  const { desk } = useDeskWindow();
  const virtual = useDesk(({ view }) => view === null || view.virtualClock);
  useDesk(({ view }) => view?.nowMs);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    if (virtual) return;
    const timer = setInterval(redraw, stepMs);
    return () => clearInterval(timer);
  }, [virtual, stepMs]);
  return deskNowMs(desk.getState());
}
