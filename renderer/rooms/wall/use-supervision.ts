import { useCallback, useEffect, useState } from 'react';
import type { SupervisionView } from '#contract/supervision.ts';
import { useDeskWindow } from '../../desk-window.ts';

export interface Supervision {
  /** Null: not known yet, or not told to whoever sits here. */
  readonly view: SupervisionView | null;
  readonly again: () => void;
}

/** What stands beside the wall, asked for when it is opened and after each change. */
export function useSupervision(): Supervision {
  const { api } = useDeskWindow();
  const [view, setView] = useState<SupervisionView | null>(null);
  const again = useCallback((): void => {
    void api.central('supervision:view', {}).then((told) => {
      if (told.told) setView(told.answer);
      return undefined;
    });
  }, [api]);
  useEffect(again, [again]);
  return { view, again };
}
