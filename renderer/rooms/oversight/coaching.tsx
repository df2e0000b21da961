import { useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { useIntl } from 'react-intl';
import { useStore } from 'zustand';
import type { CoachingLooks } from '#contract/override-review.ts';
import { LEAST_REASON } from '#contract/text.ts';
import { useRichText, useText } from '../../wording/use-text.ts';
import { FiguresTable } from '../overrides/figures-table.tsx';
import { written } from '../written.ts';
import type { OversightStore } from './oversight-store.ts';

/** Figures of one agent: in coaching alone, with a reason, and the agent sees who looked. */
export function Coaching({ store }: { readonly store: OversightStore }) {
  const text = useText();
  const { looks, figures } = useStore(store);
  if (looks === null) return null;
  return (
    <section aria-label={text('oversight.coaching')}>
      <h2 className="small-title">{text('oversight.coaching')}</h2>
      <p className="muted">{text('oversight.coaching.detail')}</p>
      {looks.agents.length > 0 && <Look store={store} agents={looks.agents} />}
      {figures !== null &&
        (figures.rows.length === 0 ? <p className="muted">{text('overrides.few')}</p> : <FiguresTable figures={figures} />)}
      {looks.looks.length > 0 && <Looks looks={looks} />}
    </section>
  );
}

function Look({ store, agents }: { readonly store: OversightStore; readonly agents: CoachingLooks['agents'] }) {
  const text = useText();
  const reason = useRef<HTMLInputElement>(null);
  const busy = useStore(store, (state) => state.busy);
  // What somebody looks at by mistake is written down too: without a reason nothing is asked.
  const [isMissing, setMissing] = useState(false);
  const look = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const why = written(given, 'reason');
    setMissing(why.length < LEAST_REASON);
    if (why.length < LEAST_REASON) reason.current?.focus();
    else void store.coach(written(given, 'agent'), why);
  };
  return (
    <form className="wall-form" noValidate onSubmit={look}>
      <label>
        {text('overrides.figure.agent')}
        <select className="sign-in-input" name="agent">
          {agents.map(({ agentId, name }) => (
            <option key={agentId} value={agentId}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        {text('oversight.coaching.reason')}
        <input className="sign-in-input" name="reason" maxLength={500} autoComplete="off" aria-invalid={isMissing} ref={reason} />
      </label>
      <button type="submit" className="button" aria-disabled={busy}>
        {text('oversight.coaching.look')}
      </button>
    </form>
  );
}

function Looks({ looks: { looks, agents } }: { readonly looks: CoachingLooks }) {
  const text = useText();
  const rich = useRichText();
  const { formatDate } = useIntl();
  const nameOf = (agentId: string): string => agents.find((agent) => agent.agentId === agentId)?.name ?? agentId;
  return (
    <>
      <h3 className="small-title">{text('oversight.coaching.looks')}</h3>
      <ul className="talk">
        {looks.map(({ by, agentId, reason, atMs }) => (
          <li key={`${atMs} ${by} ${agentId}`}>
            <span>
              {rich('oversight.coaching.who', { who: <bdi key="who">{by}</bdi>, name: <bdi key="name">{nameOf(agentId)}</bdi> })} ·{' '}
              <time dateTime={new Date(atMs).toISOString()}>{formatDate(atMs, { dateStyle: 'medium', timeStyle: 'short' })}</time>
            </span>
            <bdi className="muted">{reason}</bdi>
          </li>
        ))}
      </ul>
    </>
  );
}
