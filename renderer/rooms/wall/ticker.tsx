import { useEffect, useRef } from 'react';
import { centralNowMs } from '../approvals/approvals-store.ts';
import { type TextOf, useText } from '../../wording/use-text.ts';

/** Central's time when it last said it, and the window's own then. */
export interface WallClock {
  readonly nowMs: number;
  readonly readAtMs: number;
}

const TICK_MS = 1_000;
const ticking = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** One timer for all of them; each writes only when its words change. */
function tick(work: () => void): () => void {
  ticking.add(work);
  timer ??= setInterval(() => {
    for (const one of ticking) one();
  }, TICK_MS);
  return () => {
    ticking.delete(work);
    if (ticking.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Seconds, then minutes, then hours: a step of it, and its words. */
const stepOf = (seconds: number): readonly [unit: 'seconds' | 'minutes' | 'hours', count: number] =>
  seconds < 60
    ? ['seconds', Math.trunc(seconds / 5) * 5]
    : seconds < 7_200
      ? ['minutes', Math.trunc(seconds / 60)]
      : ['hours', Math.trunc(seconds / 3_600)];

const wordsOf = (text: TextOf, ms: number): string => {
  const [unit, count] = stepOf(Math.max(0, ms) / 1_000);
  return text(`approvals.${unit}`, { count });
};

/** How long something has lasted. Five hundred rows have one each, so it writes itself, without drawing its row again. */
export function Since({ atMs, clock }: { readonly atMs: number; readonly clock: () => WallClock }) {
  const text = useText();
  const ref = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    let shown = '';
    const write = (): void => {
      const [unit, count] = stepOf(Math.max(0, centralNowMs(clock()) - atMs) / 1_000);
      const step = `${unit} ${count}`;
      if (step === shown || ref.current === null) return;
      shown = step;
      ref.current.textContent = text(`approvals.${unit}`, { count });
    };
    return tick(write);
  }, [atMs, clock, text]);
  return (
    <span ref={ref} className="since">
      {wordsOf(text, centralNowMs(clock()) - atMs)}
    </span>
  );
}
