import { useEffect, useLayoutEffect } from 'react';
import type { RefObject } from 'react';
import type { CardView } from '#contract/desk.ts';
import { useDeskWindow } from './desk-window.ts';
import { cardKey } from './stores/desk-store.ts';

/** Visible for this long counts as seen; contact limits count it. */
export const SEEN_MS = 300;

/** Tells the engine when a prompt was painted (the frame after the commit that shows it) and when it was seen. */
export function useExposure(card: CardView | null, element: RefObject<HTMLElement | null>): void {
  const { api } = useDeskWindow();
  const key = card === null ? null : cardKey(card);

  useLayoutEffect(() => {
    if (card === null) return;
    const report = (): void => api.painted(card, performance.timeOrigin + performance.now(), document.visibilityState === 'visible');
    if (document.visibilityState !== 'visible') {
      // No frame comes to a hidden window; that it was drawn unseen is still true.
      const timer = setTimeout(report);
      return () => clearTimeout(timer);
    }
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(report);
    });
    return () => cancelAnimationFrame(frame);
    // Once a prompt, whatever becomes of it.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [key]);

  useEffect(() => {
    const target = element.current;
    if (card === null || target === null) return;
    let onScreen = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const watch = (): void => {
      clearTimeout(timer);
      if (!onScreen || document.visibilityState !== 'visible') return;
      timer = setTimeout(() => {
        stop();
        api.seen(card);
      }, SEEN_MS);
    };
    const observer = new IntersectionObserver(
      (entries) => {
        onScreen = entries.at(-1)?.isIntersecting ?? false;
        watch();
      },
      { threshold: 0.5 },
    );
    const stop = (): void => {
      clearTimeout(timer);
      observer.disconnect();
      document.removeEventListener('visibilitychange', watch);
    };
    observer.observe(target);
    document.addEventListener('visibilitychange', watch);
    return stop;
    // oxlint-disable-next-line react/exhaustive-deps
  }, [key]);
}
