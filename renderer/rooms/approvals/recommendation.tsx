import { useState } from 'react';
import type { ApprovalView } from '#contract/approval.ts';
import { gateMessage } from '../../views/gate-words.ts';
import { useText } from '../../wording/use-text.ts';

/** What the engine thinks, and why not something else. */
export function Recommendation({ told }: { readonly told: NonNullable<ApprovalView['recommendation']> }) {
  const text = useText();
  const [isOpen, setOpen] = useState(false);
  return (
    <section className="recommendation" aria-label={text('approvals.engine')}>
      <h3 className="small-title">{text('approvals.engine')}</h3>
      <p>
        <strong>{text(told.recommends ? 'approvals.engine.yes' : 'approvals.engine.no')}</strong>
      </p>
      {told.reasons.length > 0 && (
        <ul className="reasons-told">
          {told.reasons.map((reason) => (
            <li key={reason}>
              <bdi>{reason}</bdi>
            </li>
          ))}
        </ul>
      )}
      {told.whyNot.length > 0 && (
        <button type="button" className="button evidence-part" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <span>{text('approvals.why-not')}</span>
          <span className="muted">{told.whyNot.length}</span>
        </button>
      )}
      {isOpen && (
        <dl className="facts evidence-body">
          {told.whyNot.map((action) => (
            <div key={action.actionId}>
              <dt>
                <bdi>{action.name}</bdi>
              </dt>
              <dd>
                {text(gateMessage(action))}
                {action.rule !== null && (
                  <>
                    {' · '}
                    <bdi>{action.rule}</bdi>
                  </>
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}
