import { useIntl } from 'react-intl';
import { type ContestableDecisions, OPEN_CONTESTS } from '#contract/contest.ts';
import { useText } from '../wording/use-text.ts';
import type { Contestable } from './contest-form.tsx';

type Told = ContestableDecisions['decisions'][number];

/** A decision of central's records: when it was, and what was shown. */
export const contestable = (decision: Told): Contestable => ({
  decisionId: decision.decisionId,
  what: <ToldDecision decision={decision} />,
  isContested: OPEN_CONTESTS.some((state) => state === decision.state),
});

function ToldDecision({ decision: { atMs, shown } }: { readonly decision: Told }) {
  const text = useText();
  const { formatDate } = useIntl();
  return (
    <>
      <time className="muted" dateTime={new Date(atMs).toISOString()}>
        {formatDate(atMs, { dateStyle: 'medium', timeStyle: 'short' })}
      </time>
      {shown.length === 0 && <span className="contest-card">{text('contest.nothing-shown')}</span>}
      {shown.map((name) => (
        <bdi key={name} className="contest-card">
          {name}
        </bdi>
      ))}
    </>
  );
}
