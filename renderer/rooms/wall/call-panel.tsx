import { useCallback, useEffect, useState } from 'react';
import type { FormEvent } from 'react';
import { useIntl } from 'react-intl';
import { useStore } from 'zustand';
import { type CallSupervision, startedAtMs } from '#contract/supervision.ts';
import { useDeskWindow } from '../../desk-window.ts';
import { Icon } from '../../views/icon.tsx';
import { inWords } from '../../wording/in-words.ts';
import { useRichText, useText } from '../../wording/use-text.ts';
import { whyNot } from '../why-not.ts';
import { SidePanel } from './side-panel.tsx';
import { Since } from './ticker.tsx';
import { useReading } from './use-reading.ts';
import type { WallStore } from './wall-store.ts';

const LOOK_MS = 2_000;

/** One call: what alerts, words to its agent, and reading along. */
export function CallPanel({
  callId,
  store,
  onClose,
}: {
  readonly callId: string;
  readonly store: WallStore;
  readonly onClose: () => void;
}) {
  const text = useText();
  const row = useStore(store, ({ rows }) => rows?.get(callId));
  return (
    <SidePanel title={row === undefined ? text('wall.over') : <bdi>{row.agentName}</bdi>} onClose={onClose}>
      {row === undefined ? (
        <p className="muted">{text('wall.over.detail')}</p>
      ) : (
        <>
          <dl className="wall-facts">
            <dt>{text('wall.lasts')}</dt>
            <dd>
              <Since atMs={startedAtMs(row)} clock={store.clock} />
            </dd>
            {row.topic !== null && (
              <>
                <dt>{text('wall.topic')}</dt>
                <dd>
                  <bdi>{inWords(row.topic)}</bdi>
                </dd>
              </>
            )}
            {row.prompt !== null && (
              <>
                <dt>{text('wall.prompt')}</dt>
                <dd>
                  <bdi>{row.prompt.name}</bdi>, {text(`urgency.${row.prompt.urgency}`)},{' '}
                  <Since atMs={row.prompt.sinceMs} clock={store.clock} />
                </dd>
              </>
            )}
            {row.awaySinceMs !== null && (
              <>
                <dt>{text('wall.away')}</dt>
                <dd>
                  <Since atMs={row.awaySinceMs} clock={store.clock} />
                </dd>
              </>
            )}
          </dl>
          {row.alerts.length > 0 && (
            <ul className="wall-raised">
              {row.alerts.map(({ ruleId, name, severity, sinceMs }) => (
                <li key={ruleId} className="wall-alert" data-severity={severity}>
                  <Icon name={severity === 'urgent' ? 'alert' : 'clock'} />
                  <bdi>{name}</bdi>
                  <Since atMs={sinceMs} clock={store.clock} />
                </li>
              ))}
            </ul>
          )}
          <Coach callId={callId} />
          <Reader callId={callId} />
        </>
      )}
    </SidePanel>
  );
}

function Coach({ callId }: { readonly callId: string }) {
  const text = useText();
  const rich = useRichText();
  const { formatTime } = useIntl();
  const { api } = useDeskWindow();
  const [words, setWords] = useState('');
  const [trouble, setTrouble] = useState<string | null>(null);
  const [said, setSaid] = useState<CallSupervision['notes']>([]);
  const look = useCallback((): void => {
    void api.central('supervision:call', { callId }).then((told) => {
      if (told.told) setSaid(told.answer.notes);
      return undefined;
    });
  }, [api, callId]);
  useEffect(() => {
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, [look]);
  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const trimmed = words.trim();
    if (trimmed === '') return;
    const told = await api.central('supervision:coach', { callId, body: { text: trimmed } });
    setTrouble(told.told ? null : whyNot(text, 'wall', told.reason));
    if (told.told) setWords('');
    look();
  };
  return (
    <form className="wall-form" onSubmit={(event) => void send(event)}>
      <label className="small-title" htmlFor="coach-words">
        {text('wall.coach')}
      </label>
      <textarea
        id="coach-words"
        className="sign-in-input wall-words"
        rows={3}
        maxLength={300}
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      <p className="muted">{text('wall.coach.detail')}</p>
      <div>
        <button type="submit" className="button button-main" disabled={words.trim() === ''}>
          {text('wall.send')}
        </button>
      </div>
      <p role="alert" className="wall-trouble">
        {trouble}
      </p>
      {said.length > 0 && (
        <ul className="wall-said">
          {said.map((note) => (
            <li key={note.noteId}>
              <bdi>{note.text ?? ''}</bdi>{' '}
              <span className="muted">
                {rich('supervised.by', { name: <bdi key="name">{note.by}</bdi>, time: formatTime(note.atMs) })} ·{' '}
                {text(note.shownAtMs === null ? 'wall.not-shown' : 'wall.shown')}
              </span>
            </li>
          ))}
        </ul>
      )}
    </form>
  );
}

function Reader({ callId }: { readonly callId: string }) {
  const text = useText();
  const [isOn, setOn] = useState(false);
  return (
    <section className="wall-reader" aria-label={text('wall.read')}>
      <button type="button" className="button" aria-pressed={isOn} onClick={() => setOn(!isOn)}>
        {text(isOn ? 'wall.read.stop' : 'wall.read')}
      </button>
      <p className="muted">{text('wall.read.detail')}</p>
      {isOn && <Lines callId={callId} />}
    </section>
  );
}

function Lines({ callId }: { readonly callId: string }) {
  const text = useText();
  const { state, lines, trouble } = useReading(callId);
  return (
    <>
      <p role="status">{trouble === null ? (state === 'reading' ? '' : text('wall.read.telling')) : whyNot(text, 'wall', trouble)}</p>
      {lines.length > 0 && (
        <ol className="wall-lines" tabIndex={0} aria-label={text('transcript.title')}>
          {lines.map(({ seq, speaker, text: words }) => (
            <li key={seq} data-speaker={speaker}>
              <span className="small-title">{text(speaker === 'agent' ? 'speaker.of-agent' : 'speaker.customer')}</span> <bdi>{words}</bdi>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
