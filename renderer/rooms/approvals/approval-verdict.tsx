import { useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { ApprovalView } from '#contract/approval.ts';
import { LEAST_REASON } from '#contract/text.ts';
import { CommandButton } from '../../views/command-button.tsx';
import { useRichText, useText } from '../../wording/use-text.ts';
import { useRoomCommands } from '../use-room-commands.ts';
import { WordsField } from '../words-field.tsx';
import type { ApprovalsStore } from './approvals-store.ts';

/** Yes, or no with a reason; what others said comes after one's own. */
export function ApprovalVerdict({ store, view }: { readonly store: ApprovalsStore; readonly view: ApprovalView }) {
  const text = useText();
  // Of one that is open nobody is told any verdict before they gave theirs.
  const canDecide = view.endedAtMs === null && view.judgement !== null && view.verdicts.length === 0 && view.may.includes('decide');
  return (
    <section aria-label={text('approvals.verdict')}>
      {canDecide && <Decide store={store} askedHash={view.askedHash} />}
      {view.verdicts.length > 0 && <Given view={view} />}
    </section>
  );
}

function Decide({ store, askedHash }: { readonly store: ApprovalsStore; readonly askedHash: string }) {
  const text = useText();
  const field = useRef<HTMLTextAreaElement>(null);
  const [reason, setReason] = useState('');
  const busy = useStore(store, (state) => state.busy);
  const approve = (): void => void store.say('approvals:verdict', { verdict: 'approved', askedHash });
  const decline = (): void => {
    if (reason.trim().length < LEAST_REASON) field.current?.focus();
    else void store.say('approvals:verdict', { verdict: 'declined', askedHash, reason: reason.trim() });
  };
  useRoomCommands({ approve, decline });
  return (
    <>
      <h3 className="small-title">{text('approvals.verdict')}</h3>
      <WordsField label={text('approvals.reason')} rows={2} most={500} value={reason} onChange={setReason} field={field} />
      <div className="queue-actions">
        <CommandButton command="approve" className="button button-main" disabled={busy} onPress={approve}>
          {text('approvals.approve')}
        </CommandButton>
        <CommandButton command="decline" className="button" disabled={busy} onPress={decline}>
          {text('approvals.decline')}
        </CommandButton>
      </div>
    </>
  );
}

function Given({ view: { verdicts } }: { readonly view: ApprovalView }) {
  const text = useText();
  const rich = useRichText();
  return (
    <>
      <h3 className="small-title">{text('approvals.given')}</h3>
      <ul className="talk">
        {verdicts.map(({ approver, name, verdict, reason }) => (
          <li key={approver}>
            <span>{rich(`approvals.given.${verdict}`, { name: <bdi key="name">{name}</bdi> })}</span>
            {reason !== null && <bdi className="muted">{reason}</bdi>}
          </li>
        ))}
      </ul>
    </>
  );
}
