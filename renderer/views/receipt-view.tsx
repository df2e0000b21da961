import { useEffect, useRef, useState } from 'react';
import type { RejectReason } from '#contract/policy.ts';
import { useAnswers, useDeskWindow, useView } from '../desk-window.ts';
import { REASON_MS, UNDO_MS } from '../stores/answers-store.ts';
import type { Receipt } from '../stores/answers-store.ts';
import { focusInView } from '../focus-in-view.ts';
import { useNow } from '../use-now.ts';
import { useText } from '../wording/use-text.ts';
import { CommandButton } from './command-button.tsx';
import { Icon } from './icon.tsx';

/** The last answer, under the card: that it is saved, how to take it back, and afterwards why. The card's place is free for what comes next. */
export function ReceiptView() {
  const receipt = useAnswers((state) => state.receipt);
  const refusal = useAnswers((state) => state.refusal);
  return (
    <>
      {refusal !== null && <RefusalNote />}
      {receipt !== null && <ReceiptNote key={receipt.outcomeId} receipt={receipt} />}
    </>
  );
}

function RefusalNote() {
  const text = useText();
  const { answers } = useDeskWindow();
  const refusal = useAnswers((state) => state.refusal);
  if (refusal === null) return null;
  return (
    <section className="note note-refusal" aria-label={text('refusal.title')}>
      <Icon name="alert" />
      <div className="note-words">
        <p>
          <strong>{text('refusal.title')}</strong> · <bdi className="clamp-1">{refusal.name}</bdi>
        </p>
        <p>{refusal.detail === '' ? text(`refusal.${refusal.reason}`) : <bdi className="clamp-3">{refusal.detail}</bdi>}</p>
      </div>
      <button
        type="button"
        className="button button-strip button-icon"
        aria-label={text('refusal.dismiss')}
        onClick={() => answers.setState({ refusal: null })}
      >
        <Icon name="close" />
      </button>
    </section>
  );
}

function ReceiptNote({ receipt }: { readonly receipt: Receipt }) {
  const text = useText();
  const { answers } = useDeskWindow();
  const note = useRef<HTMLElement>(null);
  const [attended, setAttended] = useState(false);
  const nowMs = useNow();
  const undoUntilMs =
    useView((view) => view.cards.find((card) => card.outcomeId === receipt.outcomeId)?.undoUntilMs) ?? receipt.savedAtMs + UNDO_MS;
  const canUndo = receipt.state === 'saved' && nowMs < undoUntilMs;
  const asking = receipt.reasons.length > 0;
  const over = nowMs >= receipt.savedAtMs + (asking ? REASON_MS : UNDO_MS) && !canUndo && !attended;

  useEffect(() => {
    // The button that was pressed is gone, or undo is over: where the focus would be lost it comes here, never to the next card.
    // oxlint-disable-next-line react/exhaustive-deps
    if (document.activeElement === document.body) focusInView(note.current);
  }, [canUndo]);
  useEffect(() => {
    if (over) answers.dismiss();
  }, [over, answers]);

  return (
    <section
      className="note note-receipt"
      data-outcome={receipt.outcomeId}
      ref={note}
      tabIndex={-1}
      aria-label={text('receipt.label')}
      onPointerEnter={() => setAttended(true)}
      onPointerLeave={() => setAttended(note.current?.contains(document.activeElement) ?? false)}
      onFocus={() => setAttended(true)}
      onBlur={() => setAttended(false)}
    >
      <div className="note-row">
        <Icon name={receipt.state === 'retracted' ? 'undo' : 'check'} />
        <p className="note-words">
          <strong>{text(`receipt.${receipt.state === 'retracted' ? 'retracted' : receipt.kind}`)}</strong>
          {asking ? <span className="note-name">{text('receipt.reason')}</span> : <bdi className="note-name">{receipt.name}</bdi>}
        </p>
        {canUndo && (
          <CommandButton command="undo" className="button button-strip" onPress={() => void answers.undo()}>
            <Icon name="undo" />
            {text('receipt.undo')}
          </CommandButton>
        )}
      </div>
      {receipt.reason !== null && (
        <p className="note-given">{text('receipt.reason.given', { reason: text(`reason.${receipt.reason}`) })}</p>
      )}
      {asking && <Reasons reasons={receipt.reasons} />}
    </section>
  );
}

/** Asked after the dismissal, never before: keys 1 to 5 while it has the focus, Escape skips. */
function Reasons({ reasons }: { readonly reasons: readonly RejectReason[] }) {
  const text = useText();
  const { answers } = useDeskWindow();
  const group = useRef<HTMLDivElement>(null);
  useEffect(() => focusInView(group.current), []);
  const leave = (then: () => void): void => {
    const note = group.current?.closest<HTMLElement>('.note');
    then();
    focusInView(note ?? null);
  };
  const give = (reason: RejectReason): void => leave(() => void answers.giveReason(reason));
  return (
    <div
      className="reasons"
      role="group"
      aria-label={text('receipt.reason.label')}
      tabIndex={-1}
      ref={group}
      onKeyDown={(event) => {
        if (event.altKey || event.ctrlKey || event.metaKey) return;
        const chosen = /^[1-5]$/.test(event.key) ? reasons[Number(event.key) - 1] : undefined;
        if (event.key !== 'Escape' && chosen === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        if (chosen === undefined) leave(() => answers.skipReason());
        else give(chosen);
      }}
    >
      {reasons.map((reason, index) => (
        <button key={reason} type="button" data-reason={reason} className="button button-reason" onClick={() => give(reason)}>
          <kbd aria-hidden="true">{index + 1}</kbd>
          {text(`reason.${reason}`)}
        </button>
      ))}
      <button type="button" className="button button-reason button-text" onClick={() => leave(() => answers.skipReason())}>
        <kbd aria-hidden="true">Esc</kbd>
        {text('receipt.reason.skip')}
      </button>
    </div>
  );
}
