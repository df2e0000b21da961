import { memo } from 'react';
import type { TimelineEntry } from '#contract/desk.ts';
import { sameFields } from '../same-fields.ts';
import { callTime } from '../wording/call-time.ts';
import { isMessageId, useText } from '../wording/use-text.ts';

/** Entries drawn at most, newest first. */
const MAX_ENTRIES = 100;

export function Timeline({ entries }: { readonly entries: readonly TimelineEntry[] }) {
  const text = useText();
  return (
    <div className="scroller" role="group" aria-label={text('timeline.title')} tabIndex={0}>
      {entries.length === 0 && <p className="muted">{text('timeline.empty')}</p>}
      <ol className="timeline">
        {entries
          .slice(-MAX_ENTRIES)
          .toReversed()
          .map((entry) => (
            <TimelineRow key={entry.id} entry={entry} />
          ))}
      </ol>
    </div>
  );
}

interface RowProps {
  readonly entry: TimelineEntry;
}

/** Drawn again only when it says something else: a card must not wait for all that happened before it. */
export const TimelineRow = memo(
  function TimelineRow({ entry }: RowProps) {
    const text = useText();
    const id = `timeline.${entry.kind}`;
    return (
      <li className="event" data-kind={entry.kind.split('.')[0]}>
        <span className="event-time">{callTime(entry.callTimeS)}</span>
        <span className="event-words">
          {/* A kind this window does not know yet is shown by its own name rather than hidden. */}
          {isMessageId(id) ? text(id) : <bdi className="clamp-1">{entry.kind}</bdi>}
          {entry.detail !== null && <bdi className="event-detail">{entry.detail}</bdi>}
        </span>
      </li>
    );
  },
  (before, after) => sameFields(before.entry, after.entry),
);
