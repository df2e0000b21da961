import { useEffect, useId, useState } from 'react';
import { useStore } from 'zustand';
import type { ApprovalView } from '#contract/approval.ts';
import { useDeskWindow, useView } from '../desk-window.ts';
import { ApprovalTalk } from '../rooms/approvals/approval-talk.tsx';
import { type ApprovalsStore, createApprovalsStore } from '../rooms/approvals/approvals-store.ts';
import { whyNot } from '../rooms/why-not.ts';
import { cardKey as keyOf } from '../stores/desk-store.ts';
import { useText } from '../wording/use-text.ts';
import { PanelFrame } from './panel-frame.tsx';

/** What the agent asked for and somebody else decides: to answer them, to ask for less, or to take it back. */
export function RequestPanel({ cardKey }: { readonly cardKey: string }) {
  const text = useText();
  const { api } = useDeskWindow();
  const approvalId = useView(({ cards }) => cards.find((card) => keyOf(card) === cardKey)?.approval?.approvalId);
  const changedAtMs = useView(({ cards }) => cards.find((card) => keyOf(card) === cardKey)?.approval?.atMs);
  const [store] = useState(() => createApprovalsStore(api));
  const view = useStore(store, (state) => state.view);
  const refusal = useStore(store, (state) => state.refusal);
  useEffect(() => {
    // The same one, with something new, is asked for anew.
    if (approvalId !== undefined && changedAtMs !== undefined) store.open(approvalId);
  }, [store, approvalId, changedAtMs]);
  const isOpen = view !== null && view.endedAtMs === null;
  return (
    <PanelFrame title={text('approval.title')}>
      {view !== null && <ApprovalTalk store={store} view={view} isAgent />}
      {isOpen && view.amount !== null && <Less key={view.approvalId} store={store} view={view} amount={view.amount} />}
      {isOpen && (
        <button type="button" className="button" onClick={() => void store.say('approvals:withdraw', {})}>
          {text('approval.withdraw')}
        </button>
      )}
      {view !== null && !isOpen && <p className="panel-lead">{text(`approvals.state.${view.state}`)}</p>}
      <div role="alert">{refusal !== null && <p className="panel-note">{whyNot(text, 'approvals', refusal)}</p>}</div>
    </PanelFrame>
  );
}

/** Another amount is another request: whoever agreed to the former is asked anew. */
function Less({ store, view, amount }: { readonly store: ApprovalsStore; readonly view: ApprovalView; readonly amount: number }) {
  const text = useText();
  const fieldId = useId();
  const [asked, setAsked] = useState(String(amount));
  const wanted = Number(asked);
  return (
    <form
      className="sign-in-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted > 0) void store.say('approvals:change', { amount: wanted });
      }}
    >
      <label htmlFor={fieldId} className="small-title">
        {text('approval.amount')}
        {view.currency !== null && ` (${view.currency})`}
      </label>
      <div className="ask-row">
        <input
          id={fieldId}
          className="sign-in-input"
          type="number"
          inputMode="decimal"
          min={0}
          step="any"
          value={asked}
          onChange={(event) => setAsked(event.target.value)}
        />
        <button type="submit" className="button" disabled={!(wanted > 0) || wanted === view.amount}>
          {text('approval.change')}
        </button>
      </div>
      <p className="muted">{text('approval.amount.detail')}</p>
    </form>
  );
}
