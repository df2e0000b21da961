import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { BREAK_VERDICTS, type BreakReview, type BrokenGlass } from '#contract/approval.ts';
import { LEAST_REASON } from '#contract/text.ts';
import { useRichText, useText } from '../../wording/use-text.ts';
import { Amount } from '../approvals/amount.tsx';
import { ApprovalEvidence } from '../approvals/approval-evidence.tsx';
import { Recommendation } from '../approvals/recommendation.tsx';
import { whyNot } from '../why-not.ts';
import { WordsField } from '../words-field.tsx';
import type { OversightStore } from './oversight-store.ts';

/** What one person let through alone, why they did, what was known, and whether it was right. */
export function BreakDetail({ store, open }: { readonly store: OversightStore; readonly open: BrokenGlass }) {
  const text = useText();
  const rich = useRichText();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const { view, refusal } = useStore(store);
  return (
    <article className="queue-one" aria-labelledby="break-title">
      <button type="button" className="button button-text queue-back" onClick={() => store.close()}>
        {text('reviews.back')}
      </button>
      <header className="approval-head">
        <h2 className="queue-title" id="break-title" tabIndex={-1} ref={heading}>
          <bdi>{open.actionName}</bdi>
        </h2>
        {open.amount !== null && (
          <p className="approval-sum">
            <Amount of={open.amount} currency={open.currency} />
          </p>
        )}
        <p className="queue-detail">
          <span>{rich('approvals.by', { name: <bdi key="name">{open.agentName}</bdi> })}</span>
          <span className="glass-title">{rich('oversight.break.by', { name: <bdi key="name">{open.byName}</bdi> })}</span>
        </p>
      </header>
      <section aria-label={text('oversight.break.why')}>
        <h3 className="small-title">{text('oversight.break.why')}</h3>
        <blockquote className="review-words">
          <bdi>{open.reason}</bdi>
        </blockquote>
      </section>
      {view !== null && <ApprovalEvidence evidence={view.evidence} onOpen={() => {}} />}
      {view !== null && view.recommendation !== null && <Recommendation told={view.recommendation} />}
      {open.isMine && <Review store={store} />}
      {open.review === null && !open.isMine && <p className="panel-note">{text('oversight.break.not-mine')}</p>}
      {open.review !== null && <Given review={open.review} />}
      <div role="alert">{refusal !== null && <p className="panel-note">{whyNot(text, 'oversight', refusal)}</p>}</div>
    </article>
  );
}

function Review({ store }: { readonly store: OversightStore }) {
  const text = useText();
  const field = useRef<HTMLTextAreaElement>(null);
  const [reason, setReason] = useState('');
  const busy = useStore(store, (state) => state.busy);
  const say = (verdict: BreakReview['verdict']): void => {
    if (reason.trim().length < LEAST_REASON) field.current?.focus();
    else void store.review({ verdict, reason: reason.trim() });
  };
  return (
    <section aria-label={text('oversight.verdict')}>
      <h3 className="small-title">{text('oversight.verdict')}</h3>
      <WordsField label={text('oversight.verdict.reason')} rows={2} most={500} value={reason} onChange={setReason} field={field} />
      <div className="queue-actions">
        {BREAK_VERDICTS.map((verdict) => (
          <button key={verdict} type="button" className="button" aria-disabled={busy} onClick={() => say(verdict)}>
            {text(`oversight.verdict.${verdict}`)}
          </button>
        ))}
      </div>
    </section>
  );
}

function Given({ review: { byName, verdict, reason } }: { readonly review: NonNullable<BrokenGlass['review']> }) {
  const text = useText();
  const rich = useRichText();
  return (
    <section aria-label={text('oversight.verdict')}>
      <h3 className="small-title">{text('oversight.verdict')}</h3>
      <p>{rich('oversight.verdict.given', { name: <bdi key="name">{byName}</bdi>, verdict: text(`oversight.verdict.${verdict}`) })}</p>
      {reason !== null && <bdi className="muted">{reason}</bdi>}
    </section>
  );
}
