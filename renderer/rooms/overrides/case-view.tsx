import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { OVERRIDE_VERDICTS, type OverrideCase } from '#contract/override-review.ts';
import { useText } from '../../wording/use-text.ts';
import { FactList } from '../fact-list.tsx';
import { whyNot } from '../why-not.ts';
import { WordsField } from '../words-field.tsx';
import type { OverridesStore } from './overrides-store.ts';

/** What the agent saw at that second, as it was, and what whoever looks at it finds. Nobody's name is in it. */
export function CaseView({ store, open }: { readonly store: OverridesStore; readonly open: OverrideCase }) {
  const text = useText();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const refusal = useStore(store, (state) => state.refusal);
  return (
    <article className="queue-one" aria-labelledby="case-title">
      <button type="button" className="button button-text queue-back" onClick={() => store.close()}>
        {text('reviews.back')}
      </button>
      <h2 className="queue-title" id="case-title" tabIndex={-1} ref={heading}>
        <bdi>{open.actionName}</bdi>
      </h2>
      <p>
        {open.kind === 'overridden' && open.chosenActionName !== null
          ? text('overrides.took', { name: open.chosenActionName })
          : text(`overrides.kind.${open.kind}`)}
        {open.reason !== null && ` · ${text(`reason.${open.reason}`)}`}
      </p>
      {open.note !== null && (
        <blockquote className="review-words">
          <bdi>{open.note}</bdi>
        </blockquote>
      )}
      <Picture open={open} />
      <Verdicts store={store} open={open} />
      <div role="alert">{refusal !== null && <p className="panel-note">{whyNot(text, 'overrides', refusal)}</p>}</div>
    </article>
  );
}

function Picture({ open: { picture, seenAtMs, atMs } }: { readonly open: OverrideCase }) {
  const text = useText();
  if (picture === null) return <p className="panel-note">{text('overrides.no-picture')}</p>;
  return (
    <section aria-label={text('overrides.picture')}>
      <h3 className="small-title">{text('overrides.picture')}</h3>
      <p className="muted">
        {text(picture.reproduced ? 'overrides.reproduced' : 'overrides.not-reproduced', { revision: picture.revision })}
        {seenAtMs !== null && ` · ${text('overrides.looked', { seconds: Math.max(0, Math.round((atMs - seenAtMs) / 1_000)) })}`}
      </p>
      <ul className="review-prompts">
        {picture.shown.map((prompt) => (
          <li key={prompt.actionId}>
            <strong>
              <bdi>{prompt.do}</bdi>
            </strong>
            {prompt.say !== null && (
              <q>
                <bdi>{prompt.say}</bdi>
              </q>
            )}
            {prompt.because.map((because) => (
              <bdi className="muted" key={because}>
                {because}
              </bdi>
            ))}
          </li>
        ))}
      </ul>
      {picture.chosenEnded !== null && <p>{text('overrides.ended', { ended: picture.chosenEnded })}</p>}
      <details>
        <summary>{text('overrides.facts', { count: picture.facts.length })}</summary>
        <FactList facts={picture.facts} />
      </details>
    </section>
  );
}

function Verdicts({ store, open }: { readonly store: OverridesStore; readonly open: OverrideCase }) {
  const text = useText();
  const [note, setNote] = useState('');
  const busy = useStore(store, (state) => state.busy);
  const isDone = open.mine !== null || open.verdicts.length > 0;
  return (
    <section aria-label={text('overrides.verdict')}>
      <h3 className="small-title">{text('overrides.verdict')}</h3>
      {isDone ? (
        <ul className="review-prompts">
          {open.verdicts.map((one) => (
            <li key={`${one.atMs} ${one.verdict} ${one.isMine}`}>
              <span>{text(one.isMine ? 'overrides.mine' : 'overrides.other', { verdict: text(`overrides.verdict.${one.verdict}`) })}</span>
              {one.note !== null && <bdi className="muted">{one.note}</bdi>}
            </li>
          ))}
        </ul>
      ) : (
        <>
          <WordsField label={text('overrides.note')} rows={2} most={500} value={note} onChange={setNote} />
          <div className="queue-actions">
            {OVERRIDE_VERDICTS.map((verdict) => (
              <button
                key={verdict}
                type="button"
                className="button"
                aria-disabled={busy}
                onClick={() => void store.judge(verdict, note.trim())}
              >
                {text(`overrides.verdict.${verdict}`)}
              </button>
            ))}
          </div>
        </>
      )}
    </section>
  );
}
