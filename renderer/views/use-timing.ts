import { useEffect, useState } from 'react';
import type { TimingView } from '#contract/desk.ts';
import { useDeskWindow } from '../desk-window.ts';

const AGAIN_MS = 2_000;

/** Where the desk's decisions spend their time, asked for again while somebody looks at it; null until the engine has answered. */
export function useTiming(): TimingView | null {
  const { api } = useDeskWindow();
  const [timing, setTiming] = useState<TimingView | null>(null);
  useEffect(() => {
    let isOpen = true;
    const ask = (): void => {
      api.timing().then(
        (told) => isOpen && setTiming(told),
        (cause: unknown) => api.reportFault(cause, 'desk:timing'),
      );
    };
    ask();
    const timer = setInterval(ask, AGAIN_MS);
    return () => {
      isOpen = false;
      clearInterval(timer);
    };
  }, [api]);
  return timing;
}
