import { useId, useState } from 'react';
import { useStore } from 'zustand';
import type { ApprovalView } from '#contract/approval.ts';
import { useText } from '../../wording/use-text.ts';
import type { ApprovalsStore } from './approvals-store.ts';

/** Who has it: taken by whoever looks at it, or given to somebody else who may decide it. */
export function ApprovalAssign({ store, view: { may, candidates } }: { readonly store: ApprovalsStore; readonly view: ApprovalView }) {
  const text = useText();
  const fieldId = useId();
  const [chosen, setChosen] = useState('');
  const busy = useStore(store, (state) => state.busy);
  const mayGive = may.includes('assign') && candidates.length > 0;
  if (!may.includes('take') && !mayGive) return null;
  const personId = candidates.some((one) => one.personId === chosen) ? chosen : candidates[0]?.personId;
  return (
    <section aria-label={text('approvals.assign')}>
      <h3 className="small-title">{text('approvals.assign')}</h3>
      <div className="queue-actions">
        {may.includes('take') && (
          <button type="button" className="button" aria-disabled={busy} onClick={() => void store.say('approvals:assign', {})}>
            {text('approvals.take')}
          </button>
        )}
        {mayGive && (
          <form
            className="ask-row"
            onSubmit={(event) => {
              event.preventDefault();
              if (personId !== undefined) void store.say('approvals:assign', { personId });
            }}
          >
            <label className="unseen" htmlFor={fieldId}>
              {text('approvals.give.to')}
            </label>
            <select id={fieldId} className="sign-in-input" value={personId} onChange={({ target }) => setChosen(target.value)}>
              {candidates.map((one) => (
                <option key={one.personId} value={one.personId}>
                  {one.name}
                </option>
              ))}
            </select>
            <button type="submit" className="button" aria-disabled={busy}>
              {text('approvals.give')}
            </button>
          </form>
        )}
      </div>
    </section>
  );
}
