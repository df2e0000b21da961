import { useStore } from 'zustand';
import { JUDGEMENTS } from '#contract/approval.ts';
import { useText } from '../../wording/use-text.ts';
import type { ApprovalsStore } from './approvals-store.ts';

/** What they think by themselves. Until it is said central tells nobody what the engine thinks. */
export function FirstJudgement({ store }: { readonly store: ApprovalsStore }) {
  const text = useText();
  const busy = useStore(store, (state) => state.busy);
  return (
    <section aria-label={text('approvals.judge')}>
      <h3 className="small-title">{text('approvals.judge')}</h3>
      <p className="muted">{text('approvals.judge.detail')}</p>
      <div className="queue-actions">
        {JUDGEMENTS.map((judgement) => (
          <button
            key={judgement}
            type="button"
            className="button"
            aria-disabled={busy}
            onClick={() => void store.say('approvals:judge', { judgement })}
          >
            {text(`approvals.judge.${judgement}`)}
          </button>
        ))}
      </div>
    </section>
  );
}
