import { useId, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { ApprovalView } from '#contract/approval.ts';
import { LEAST_SENTENCE } from '#contract/text.ts';
import { useText } from '../../wording/use-text.ts';
import { WordsField } from '../words-field.tsx';
import type { ApprovalsStore } from './approvals-store.ts';

/** A right of its own: through now, on one person's word, who says why. It is opened first, so that no key and no slip does it. */
export function BreakGlass({ store, view }: { readonly store: ApprovalsStore; readonly view: ApprovalView }) {
  const text = useText();
  const bodyId = useId();
  const [isOpen, setOpen] = useState(false);
  const { breakGlass: broken, may, askedHash } = view;
  if (broken !== null)
    return (
      <section className="glass" aria-label={text('approvals.glass.broken')}>
        <h3 className="small-title glass-title">{text('approvals.glass.broken')}</h3>
        <bdi>{broken.reason}</bdi>
      </section>
    );
  if (!may.includes('break-glass')) return null;
  return (
    <section className="glass" aria-label={text('approvals.glass')}>
      <button
        type="button"
        className="button evidence-part glass-title"
        aria-expanded={isOpen}
        aria-controls={isOpen ? bodyId : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        {text('approvals.glass')}
      </button>
      {isOpen && (
        <div id={bodyId} className="glass-body">
          <Break store={store} askedHash={askedHash} />
        </div>
      )}
    </section>
  );
}

function Break({ store, askedHash }: { readonly store: ApprovalsStore; readonly askedHash: string }) {
  const text = useText();
  const field = useRef<HTMLTextAreaElement>(null);
  const [reason, setReason] = useState('');
  const busy = useStore(store, (state) => state.busy);
  const breakNow = (): void => {
    if (reason.trim().length < LEAST_SENTENCE) field.current?.focus();
    else void store.say('approvals:break-glass', { askedHash, reason: reason.trim() });
  };
  return (
    <>
      <p className="muted">{text('approvals.glass.detail')}</p>
      <WordsField label={text('approvals.glass.reason')} rows={2} most={500} value={reason} onChange={setReason} field={field} />
      <div className="queue-actions">
        <button type="button" className="button glass-now" aria-disabled={busy} onClick={breakNow}>
          {text('approvals.glass.now')}
        </button>
      </div>
    </>
  );
}
