import { useEffect, useId, useState } from 'react';
import type { FormEvent } from 'react';
import { useIntl } from 'react-intl';
import { useDeskWindow, useSeat } from '../desk-window.ts';
import type { KnownPerson, Offer } from '../stores/seat-store.ts';
import { useRichText, useText } from '../wording/use-text.ts';
import { Icon } from './icon.tsx';

/** Nobody sits here: who it is now. Nothing of whoever sat here before is in this window. */
export function SignIn() {
  const text = useText();
  const { api } = useDeskWindow();
  const people = useSeat((state) => state.people);
  const inputId = useId();
  const [name, setName] = useState('');
  const [entering, setEntering] = useState<string | null>(null);
  const [offer, setOffer] = useState<Offer | 'asking'>('asking');
  const [refused, setRefused] = useState<string | null>(null);

  useEffect(() => {
    let isHere = true;
    void api.offer().then((found) => {
      if (isHere) setOffer(found);
      return undefined;
    });
    return () => {
      isHere = false;
    };
  }, [api]);

  const enter = (agentId: string | null): void => {
    if (entering !== null) return;
    setEntering(agentId ?? IN_BROWSER);
    setRefused(null);
    void api.enter(agentId).then((answer) => {
      // On yes the window is loaded anew.
      if (!answer.entered) {
        setEntering(null);
        setRefused(answer.words === '' ? text('sign-in.failed') : answer.words);
      }
      return undefined;
    });
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (name.trim() !== '') enter(name.trim());
  };

  return (
    <main className="alone">
      <div className="sign-in">
        <div>
          <p className="small-title">Sotto</p>
          <h1 className="sign-in-title">{text('sign-in.title')}</h1>
        </div>
        {people.length > 0 && (
          <ul className="people" aria-label={text('sign-in.known')}>
            {people.map((person) => (
              <li key={person.agentId}>
                <Known person={person} isEntering={entering === person.agentId} onChoose={() => enter(person.agentId)} />
              </li>
            ))}
          </ul>
        )}
        {offer !== 'asking' && offer?.by === 'browser' ? (
          <InBrowser provider={offer.name} isWaiting={entering !== null} onBegin={() => enter(null)} onCancel={() => api.cancelEnter()} />
        ) : null}
        {offer !== 'asking' && offer?.by !== 'browser' ? (
          <form className="sign-in-form" onSubmit={submit}>
            <label htmlFor={inputId} className="small-title">
              {text(people.length > 0 ? 'sign-in.other' : 'sign-in.id')}
            </label>
            <div className="sign-in-row">
              <input
                id={inputId}
                className="sign-in-input"
                value={name}
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                maxLength={128}
                placeholder={text('sign-in.example')}
                onChange={(event) => setName(event.target.value)}
              />
              <button type="submit" className="button button-main" disabled={name.trim() === ''} aria-disabled={entering !== null}>
                {text('sign-in.enter')}
              </button>
            </div>
          </form>
        ) : null}
        <div role="alert">
          {refused !== null && (
            <section className="note note-refusal" aria-label={text('sign-in.refused')}>
              <Icon name="alert" />
              <p className="note-words">
                <bdi>{refused}</bdi>
              </p>
            </section>
          )}
        </div>
        <p className="sign-in-note">{text('sign-in.note')}</p>
      </div>
    </main>
  );
}

/** Not the id of anybody. */
const IN_BROWSER = '';

/** The browser asks who it is; this window waits, and can stop waiting. */
function InBrowser({
  provider,
  isWaiting,
  onBegin,
  onCancel,
}: {
  readonly provider: string;
  readonly isWaiting: boolean;
  readonly onBegin: () => void;
  readonly onCancel: () => void;
}) {
  const text = useText();
  const rich = useRichText();
  return (
    <div className="sign-in-form">
      <div className="sign-in-row">
        <button type="button" className="button button-main" aria-disabled={isWaiting} onClick={onBegin}>
          <span>{rich('sign-in.browser', { provider: <bdi>{provider}</bdi> })}</span>
        </button>
        {isWaiting && (
          <button type="button" className="button" onClick={onCancel}>
            {text('sign-in.cancel')}
          </button>
        )}
      </div>
      <p className="sign-in-note" role="status">
        {isWaiting ? text('sign-in.in-browser') : ''}
      </p>
    </div>
  );
}

function Known({
  person: { name, signedInAtMs, offlineUntilMs },
  isEntering,
  onChoose,
}: {
  readonly person: KnownPerson;
  readonly isEntering: boolean;
  readonly onChoose: () => void;
}) {
  const text = useText();
  const intl = useIntl();
  const moment = (atMs: number): string =>
    intl.formatDate(atMs, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return (
    <button type="button" className="person" onClick={onChoose}>
      <Icon name="person" />
      <span className="person-words">
        <bdi className="person-name">{name}</bdi>
        <span className="person-detail">
          {isEntering ? text('sign-in.entering') : text('sign-in.last', { time: moment(signedInAtMs) })}
          {!isEntering && (
            <span>
              {offlineUntilMs === null ? text('sign-in.needs-central') : text('sign-in.offline-until', { time: moment(offlineUntilMs) })}
            </span>
          )}
        </span>
      </span>
    </button>
  );
}
