import { useIntl } from 'react-intl';
import type { CallView } from '#contract/desk.ts';
import { useDeskWindow, useView } from '../desk-window.ts';
import { useNow } from '../use-now.ts';
import { lengthInWords } from '../wording/use-sentence.tsx';
import { inWords } from '../wording/in-words.ts';
import { isMessageId, useRichText, useText } from '../wording/use-text.ts';
import { Icon } from './icon.tsx';
import { Supervised } from './supervised.tsx';

/** Who is on the line, how sure that is, and how old what is known about them. */
export function CallHeader({ call }: { readonly call: CallView }) {
  const text = useText();
  const rich = useRichText();
  return (
    <header className="call-header">
      <div className="call-who">
        <Icon name="person" />
        <h2 className="call-name">
          {call.customerName === null ? text('call.unknown-caller') : <bdi className="clamp-1">{call.customerName}</bdi>}
        </h2>
        <span className="tag" data-identity={call.identity}>
          {call.identity === 'verified' && <Icon name="check" />}
          {text(`call.identity.${call.identity}`)}
        </span>
      </div>
      <p className="call-facts">
        <span>{text(`call.${call.direction}`)}</span>
        {call.queue !== null && <span>{rich('call.queue', { queue: <bdi key="queue">{call.queue}</bdi> })}</span>}
        <ProfileAge call={call} />
        <span>{text('call.prompts', { used: call.prompts.used, cap: call.prompts.cap })}</span>
        {call.missing > 0 && (
          <span className="call-missing">
            <Icon name="alert" />
            {text('call.missing', { count: call.missing })}
          </span>
        )}
      </p>
      {call.supervision !== undefined && <Supervised supervision={call.supervision} />}
      {call.topic !== null && <Topic topic={call.topic} />}
      {call.identity === 'unknown' && <p className="call-note">{text('call.unknown-caller.detail')}</p>}
      <OtherCalls />
    </header>
  );
}

/** What a model takes the call to be about, with the sentence that says so: the agent can see where it is wrong. */
function Topic({ topic }: { readonly topic: NonNullable<CallView['topic']> }) {
  const rich = useRichText();
  return (
    <p className="call-topic">
      <span className="call-topic-name">{rich('call.topic', { topic: <bdi key="topic">{inWords(topic.intent)}</bdi> })}</span>
      <q className="clamp-2">
        <bdi>{topic.text}</bdi>
      </q>
    </p>
  );
}

function ProfileAge({ call }: { readonly call: CallView }) {
  const text = useText();
  const intl = useIntl();
  const nowMs = useNow(30_000);
  if (call.profileAsOfMs === null) return <span>{text('call.no-profile')}</span>;
  return <span>{text('call.profile', { age: lengthInWords(intl, nowMs - call.profileAsOfMs) })}</span>;
}

function OtherCalls() {
  const text = useText();
  const { api } = useDeskWindow();
  const others = useView((view) => view.otherCalls);
  if (others.length === 0) return null;
  return (
    <ul className="other-calls" aria-label={text('calls.other')}>
      {others.map((other) => {
        const phase = `phase.${other.phase}`;
        return (
          <li key={other.callId}>
            <button type="button" className="button button-strip" onClick={() => void api.bringToFront(other.callId)}>
              <Icon name="phone" />
              {other.customerName === null ? text('call.unknown-caller') : <bdi className="clamp-1">{other.customerName}</bdi>}
              <span className="muted">{isMessageId(phase) ? text(phase) : <bdi className="clamp-1">{other.phase}</bdi>}</span>
              <span className="unseen">{text('calls.front')}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
