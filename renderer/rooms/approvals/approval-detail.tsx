import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import type { ApprovalView } from '#contract/approval.ts';
import { useRooms, useSeat } from '../../desk-window.ts';
import { useRichText, useText } from '../../wording/use-text.ts';
import { whyNot } from '../why-not.ts';
import { ApprovalAssign } from './approval-assign.tsx';
import { ApprovalEvidence } from './approval-evidence.tsx';
import { ApprovalSeed } from './approval-seed.tsx';
import { ApprovalTalk } from './approval-talk.tsx';
import { ApprovalVerdict } from './approval-verdict.tsx';
import { Amount } from './amount.tsx';
import type { ApprovalsStore } from './approvals-store.ts';
import { BreakGlass } from './break-glass.tsx';
import { FirstJudgement } from './first-judgement.tsx';
import { Recommendation } from './recommendation.tsx';
import { TimeLeft } from './time-left.tsx';

/** One request, in the order it is to be looked at: what is asked, the evidence, one's own judgement, then what the engine thinks, then the verdict. */
export function ApprovalDetail({ store }: { readonly store: ApprovalsStore }) {
  const text = useText();
  const frame = useRef<HTMLElement>(null);
  const { view, refusal, ...clock } = useStore(store);
  const oversees = useRooms(({ offered }) => offered.includes('oversight'));
  const isOwn = useSeat(({ person }) => person?.agentId === view?.agentId);
  useEffect(() => frame.current?.focus({ preventScroll: true }), []);
  return (
    <section className="queue-one" aria-label={text('approvals.one')} tabIndex={-1} ref={frame}>
      <button type="button" className="button button-text queue-back" onClick={() => store.close()}>
        {text('approvals.back')}
      </button>
      {view !== null && (
        <>
          <Ask view={view} clock={clock} />
          <ApprovalEvidence evidence={view.evidence} onOpen={(evidence) => store.look(evidence)} />
          <ApprovalTalk store={store} view={view} />
          {view.endedAtMs === null &&
            view.judgement === null &&
            view.state !== 'approved' &&
            (view.may.includes('decide') && !isOwn ? (
              <FirstJudgement store={store} />
            ) : (
              <p className="panel-note">{text(isOwn ? 'approvals.own' : 'approvals.others')}</p>
            ))}
          {view.recommendation !== null && <Recommendation told={view.recommendation} />}
          {view.recommendation === null && view.judgement !== null && <p className="muted">{text('approvals.untold')}</p>}
          <ApprovalVerdict store={store} view={view} />
          <ApprovalAssign store={store} view={view} />
          <BreakGlass store={store} view={view} />
          {oversees && !isOwn && <ApprovalSeed key={view.approvalId} view={view} />}
        </>
      )}
      <div role="alert">{refusal !== null && <p className="panel-note">{whyNot(text, 'approvals', refusal)}</p>}</div>
    </section>
  );
}

function Ask({ view, clock }: { readonly view: ApprovalView; readonly clock: Parameters<typeof TimeLeft>[0]['clock'] }) {
  const text = useText();
  const rich = useRichText();
  return (
    <header className="approval-head">
      <h2 className="queue-title">
        <bdi>{view.actionName}</bdi>
      </h2>
      {view.amount !== null && (
        <p className="approval-sum">
          <Amount of={view.amount} currency={view.currency} />
        </p>
      )}
      <p className="queue-detail">
        <span>
          {rich('approvals.by', { name: <bdi key="name">{view.agentName}</bdi> })}
          {view.needed > 1 && <> · {text('approvals.needed', { count: view.needed })}</>}
        </span>
        {view.endedAtMs === null ? <TimeLeft item={view} clock={clock} /> : <strong>{text(`approvals.state.${view.state}`)}</strong>}
      </p>
    </header>
  );
}
