import { useEffect, useState } from 'react';
import type { Reading } from '#contract/supervision.ts';
import { useDeskWindow } from '../../desk-window.ts';

export interface ReadingState {
  readonly state: Reading['state'] | null;
  readonly lines: Reading['lines'];
  /** Central's word for its no. */
  readonly trouble: string | null;
}

const AGAIN_MS = 1_000;
const NOTHING: ReadingState = { state: null, lines: [], trouble: null };

/** Reads a call along while it is drawn. Nobody asks any more, and the reading is over: the agent sees it end. */
export function useReading(callId: string): ReadingState {
  const { api } = useDeskWindow();
  const [reading, setReading] = useState(NOTHING);
  useEffect(() => {
    let isOver = false;
    let after = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      const told = await api.central('supervision:read', { callId, after });
      if (isOver) return;
      if (told.told) {
        const { state, lines } = told.answer;
        after = lines.at(-1)?.seq ?? after;
        setReading((before) => ({ state, lines: [...before.lines, ...lines], trouble: null }));
      } else setReading((before) => ({ ...before, state: null, trouble: told.reason }));
      timer = setTimeout(() => void ask(), AGAIN_MS);
    };
    void ask();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [api, callId]);
  return reading;
}
