import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { ContestItem } from '#contract/contest.ts';
import { useDeskWindow } from '../../desk-window.ts';
import { Calm } from '../../views/calm.tsx';
import { useText } from '../../wording/use-text.ts';
import { QueueRoom } from '../queue-room.tsx';
import { ContestDetail } from './contest-detail.tsx';
import { createContestsStore } from './contests-store.ts';
import { NewContest } from './new-contest.tsx';

const DAY_MS = 86_400_000;

/** Decisions that their customers contest: the next deadline first, and beside it the one that is looked at. */
export function ContestsRoom() {
  const text = useText();
  const { api } = useDeskWindow();
  const [store] = useState(() => createContestsStore(api));
  useEffect(() => store.follow(), [store]);
  const { items, nowMs, open, trouble } = useStore(store);
  return (
    <QueueRoom
      room="contests"
      isOpen={open !== null}
      trouble={trouble}
      side={
        <>
          {items !== null && items.length === 0 && (
            <Calm icon="check" title={text('contests.none')} detail={text('contests.none.detail')} />
          )}
          {items !== null && items.length > 0 && (
            <ul className="queue-list">
              {items.map((item) => (
                <li key={item.contestId} data-contest={item.contestId}>
                  <button
                    type="button"
                    className="queue-row"
                    aria-current={open?.contestId === item.contestId}
                    onClick={() => void store.look(item.contestId)}
                  >
                    <span className="queue-name">
                      <span>{text('contests.of', { day: new Date(item.receivedAtMs).toISOString().slice(0, 10) })}</span>
                      <Left item={item} nowMs={nowMs} />
                    </span>
                    <span className="queue-detail">
                      <span>{text(`contests.state.${item.state}`)}</span>
                      <span>{item.assigneeName === null ? '' : text('contests.with', { name: item.assigneeName })}</span>
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          )}
        </>
      }
    >
      {open === null ? <NewContest store={store} /> : <ContestDetail key={open.contestId} store={store} open={open} />}
    </QueueRoom>
  );
}

/** Days to the next deadline in words; after it how many it is over. */
function Left({ item, nowMs }: { readonly item: ContestItem; readonly nowMs: number }) {
  const text = useText();
  if (item.endedAtMs !== null) return null;
  const leftMs = item.deadlineAtMs - nowMs;
  const days = Math.trunc(Math.abs(leftMs) / DAY_MS);
  const urgency = leftMs < 0 ? 'over' : leftMs < (item.deadlineAtMs - item.receivedAtMs) / 5 ? 'soon' : 'calm';
  return (
    <span className="time-left" data-urgency={urgency}>
      {text(leftMs < 0 ? 'contests.over' : 'contests.left', { days })}
    </span>
  );
}
