import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { ContestView } from '#contract/contest.ts';
import { LEAST_SENTENCE } from '#contract/text.ts';
import { useText } from '../../wording/use-text.ts';
import { FactList } from '../fact-list.tsx';
import { whyNot } from '../why-not.ts';
import { WordsField } from '../words-field.tsx';
import type { ContestsStore } from './contests-store.ts';

/** The customer's words first, then what was decided as it was frozen, who had a part in it, and the answer. */
export function ContestDetail({ store, open }: { readonly store: ContestsStore; readonly open: ContestView }) {
  const text = useText();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const { refusal, letter, busy } = useStore(store);
  return (
    <article className="queue-one" aria-labelledby="contest-title">
      <button type="button" className="button button-text queue-back" onClick={() => store.close()}>
        {text('reviews.back')}
      </button>
      <h2 className="queue-title" id="contest-title" tabIndex={-1} ref={heading}>
        {text('contests.words')}
      </h2>
      <blockquote className="review-words">
        <bdi>{open.words ?? text('contests.erased')}</bdi>
      </blockquote>
      <Decision open={open} />
      <section aria-label={text('contests.part')}>
        <h3 className="small-title">{text('contests.part')}</h3>
        <ul className="review-prompts">
          {open.tookPart.map(({ name, how }) => (
            <li key={`${name} ${how}`}>
              <span>
                <bdi>{name}</bdi> · {text(`contests.part.${how}`)}
              </span>
            </li>
          ))}
        </ul>
      </section>
      {open.answer !== null && <Answered open={open} />}
      {open.isMine && open.endedAtMs === null && (
        <>
          {open.state !== 'assigned' && (
            <button type="button" className="button" aria-disabled={busy} onClick={() => void store.take()}>
              {text('contests.take')}
            </button>
          )}
          <Answer store={store} />
          <Withdraw store={store} />
        </>
      )}
      {open.endedAtMs === null && !open.isMine && <p className="panel-note">{text('contests.not-mine')}</p>}
      {(open.state === 'answered' || open.state === 'expired') && letter === null && (
        <button type="button" className="button" onClick={() => void store.readLetter()}>
          {text('contests.letter')}
        </button>
      )}
      {letter !== null && (
        <section aria-label={text('contests.letter')}>
          <h3 className="small-title">{text('contests.letter')}</h3>
          <pre className="review-letter">{letter}</pre>
        </section>
      )}
      <div role="alert">{refusal !== null && <p className="panel-note">{whyNot(text, 'contests', refusal)}</p>}</div>
    </article>
  );
}

/** What the customer takes back is over without an answer: asked twice. */
function Withdraw({ store }: { readonly store: ContestsStore }) {
  const text = useText();
  const busy = useStore(store, (state) => state.busy);
  const [isAsked, setAsked] = useState(false);
  return (
    <div className="queue-actions">
      {!isAsked && (
        <button type="button" className="button button-text" onClick={() => setAsked(true)}>
          {text('contests.withdraw')}
        </button>
      )}
      {isAsked && (
        <>
          <p className="panel-note" role="status">
            {text('contests.withdraw.sure')}
          </p>
          <button type="button" className="button" aria-disabled={busy} onClick={() => void store.withdraw()}>
            {text('contests.withdraw.yes')}
          </button>
          <button type="button" className="button button-text" onClick={() => setAsked(false)}>
            {text('contests.withdraw.no')}
          </button>
        </>
      )}
    </div>
  );
}

function Decision({ open: { decision, requests } }: { readonly open: ContestView }) {
  const text = useText();
  if (decision === null) return <p className="panel-note">{text('overrides.no-picture')}</p>;
  return (
    <section aria-label={text('contests.decision')}>
      <h3 className="small-title">{text('contests.decision')}</h3>
      <p className="muted">
        {text(decision.reproduced ? 'overrides.reproduced' : 'overrides.not-reproduced', { revision: decision.revision })}
      </p>
      <ul className="review-prompts">
        {decision.shown.map((prompt) => (
          <li key={prompt.name}>
            <strong>
              <bdi>{prompt.do}</bdi>
            </strong>
            {prompt.because.map((because) => (
              <bdi className="muted" key={because}>
                {because}
              </bdi>
            ))}
          </li>
        ))}
        {requests.map((request) => (
          <li key={`${request.actionId} ${request.state}`}>
            <span>{text('contests.request', { action: request.actionId, state: request.state })}</span>
          </li>
        ))}
      </ul>
      <details>
        <summary>{text('overrides.facts', { count: decision.facts.length })}</summary>
        <FactList facts={decision.facts} />
      </details>
      <details>
        <summary>{text('contests.not-shown', { count: decision.notShown.length })}</summary>
        <FactList facts={decision.notShown.map(({ name, ended }) => ({ label: name, value: ended }))} />
      </details>
    </section>
  );
}

function Answered({ open: { answer } }: { readonly open: ContestView }) {
  const text = useText();
  if (answer === null) return null;
  return (
    <section aria-label={text('contests.answer')}>
      <h3 className="small-title">{text('contests.answer')}</h3>
      <p>
        {text(`contests.finding.${answer.finding}`)} · <bdi>{answer.reviewerName}</bdi>
      </p>
      {answer.reasons !== null && <bdi>{answer.reasons}</bdi>}
      {answer.remedy !== null && (
        <p>
          {text('contests.remedy')}: <bdi>{answer.remedy}</bdi>
        </p>
      )}
    </section>
  );
}

function Answer({ store }: { readonly store: ContestsStore }) {
  const text = useText();
  const [reasons, setReasons] = useState('');
  const [remedy, setRemedy] = useState('');
  const busy = useStore(store, (state) => state.busy);
  const hasReasons = reasons.trim().length >= LEAST_SENTENCE;
  const hasRemedy = remedy.trim().length >= LEAST_SENTENCE;
  return (
    <section aria-label={text('contests.answer')}>
      <h3 className="small-title">{text('contests.answer')}</h3>
      <p className="muted">{text('contests.answer.detail')}</p>
      <WordsField label={text('contests.reasons')} rows={4} most={4_000} value={reasons} onChange={setReasons} />
      <WordsField label={text('contests.remedy.field')} rows={2} most={2_000} value={remedy} onChange={setRemedy} />
      <div className="queue-actions">
        <button
          type="button"
          className="button"
          aria-disabled={busy || !hasReasons}
          onClick={() => hasReasons && void store.answer({ finding: 'stands', reasons: reasons.trim() })}
        >
          {text('contests.stands')}
        </button>
        <button
          type="button"
          className="button"
          aria-disabled={busy || !hasReasons || !hasRemedy}
          onClick={() =>
            hasReasons && hasRemedy && void store.answer({ finding: 'set-aside', reasons: reasons.trim(), remedy: remedy.trim() })
          }
        >
          {text('contests.set-aside')}
        </button>
      </div>
    </section>
  );
}
