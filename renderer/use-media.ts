import { useSyncExternalStore } from 'react';

/** Enough room for the call beside the card. */
export const WIDE = '(min-width: 900px)';

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = matchMedia(query);
      list.addEventListener('change', changed);
      return () => list.removeEventListener('change', changed);
    },
    () => matchMedia(query).matches,
  );
}
