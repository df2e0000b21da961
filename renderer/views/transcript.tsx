import { memo, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { CallView, TranscriptLine } from '#contract/desk.ts';
import { sameFields } from '../same-fields.ts';
import { callTime } from '../wording/call-time.ts';
import { useText } from '../wording/use-text.ts';

/** Lines drawn at most; a call of an hour has a thousand and nobody scrolls that far while talking. */
const MAX_LINES = 200;
/** This close to the end, new lines keep the end in view. */
const NEAR_END_PX = 48;

/** What was said, as text and nothing but text. */
export function Transcript({ call }: { readonly call: CallView }) {
  const text = useText();
  const scroller = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const lines = call.transcript.slice(-MAX_LINES);
  const hidden = call.transcript.length - lines.length;

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && following) element.scrollTop = element.scrollHeight;
    // New lines are what moves the end.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [call.transcript, following]);

  useEffect(() => {
    const element = scroller.current;
    if (element === null || !following) return;
    // A panel that opens beside it takes room away: the end stays in view.
    const observer = new ResizeObserver(() => {
      element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [following]);

  return (
    <div className="transcript">
      <div
        className="scroller"
        ref={scroller}
        role="group"
        aria-label={text('transcript.title')}
        tabIndex={0}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) =>
          setFollowing(scrollHeight - scrollTop - clientHeight < NEAR_END_PX)
        }
      >
        {hidden > 0 && <p className="muted">{text('transcript.earlier', { count: hidden })}</p>}
        {lines.length === 0 && !call.capturePaused && <p className="muted">{text('transcript.empty')}</p>}
        <ol className="lines">
          {lines.map((line) => (
            <Line key={line.utteranceId} line={line} />
          ))}
        </ol>
        {call.capturePaused && <p className="muted">{text('transcript.paused')}</p>}
      </div>
      {!following && (
        <button type="button" className="button button-latest" onClick={() => setFollowing(true)}>
          {text('transcript.latest')}
        </button>
      )}
    </div>
  );
}

interface LineProps {
  readonly line: TranscriptLine;
}

/** Drawn again only when it says something else: a card must not wait for all that was said before it. */
const Line = memo(
  function Line({ line }: LineProps) {
    const text = useText();
    return (
      <li className="line" data-speaker={line.speaker} data-final={line.final}>
        <span className="line-who">
          {text(`speaker.${line.speaker}`)}
          <span className="line-time">{callTime(line.startMs / 1_000)}</span>
        </span>
        <bdi className="line-text">{line.text}</bdi>
      </li>
    );
  },
  (before, after) => sameFields(before.line, after.line),
);
