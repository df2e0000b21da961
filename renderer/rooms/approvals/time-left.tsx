import { useEffect, useReducer } from 'react';
import type { ApprovalItem } from '#contract/approval.ts';
import { useText } from '../../wording/use-text.ts';
import { type ApprovalsState, centralNowMs } from './approvals-store.ts';

/** What central's time is counted from. */
export type Clock = Pick<ApprovalsState, 'nowMs' | 'readAtMs'>;

/** The time left in words: minutes while there are some, then seconds; after the breach how long it is over. */
export function TimeLeft({ item, clock }: { readonly item: Pick<ApprovalItem, 'requestedAtMs' | 'deadlineAtMs'>; readonly clock: Clock }) {
  const text = useText();
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const timer = setInterval(redraw, 1_000);
    return () => clearInterval(timer);
  }, []);
  const leftMs = item.deadlineAtMs - centralNowMs(clock);
  const seconds = Math.trunc(Math.abs(leftMs) / 1_000);
  const urgency = leftMs < 0 ? 'over' : leftMs < (item.deadlineAtMs - item.requestedAtMs) / 5 ? 'soon' : 'calm';
  const time = text(seconds < 60 ? 'approvals.seconds' : seconds < 7_200 ? 'approvals.minutes' : 'approvals.hours', {
    count: seconds < 60 ? seconds : seconds < 7_200 ? Math.trunc(seconds / 60) : Math.trunc(seconds / 3_600),
  });
  return (
    <span className="time-left" data-urgency={urgency}>
      {text(leftMs < 0 ? 'approvals.over' : 'approvals.left', { time })}
    </span>
  );
}
