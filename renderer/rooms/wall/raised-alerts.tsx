import { useEffect, useState } from 'react';
import type { RaisedAlert } from '#contract/supervision.ts';
import { useDeskWindow } from '../../desk-window.ts';
import { useRichText, useText } from '../../wording/use-text.ts';

/** Alerts that were raised within the last day, asked for anew whenever one begins or is over. */
export function RaisedAlerts() {
  const text = useText();
  const rich = useRichText();
  const { api } = useDeskWindow();
  /** Null: not known yet, or not told to whoever sits here. */
  const [raised, setRaised] = useState<readonly RaisedAlert[] | null>(null);
  useEffect(() => {
    let isOpen = true;
    const ask = (): void => {
      void api.central('supervision:raised', {}).then((told) => {
        if (told.told && isOpen) setRaised(told.answer.items);
        return undefined;
      });
    };
    ask();
    const stop = api.followNews(({ kind }) => {
      if (kind === 'alert' || kind === 'link') ask();
    });
    return () => {
      isOpen = false;
      stop();
    };
  }, [api]);
  if (raised === null) return null;
  return (
    <section aria-label={text('wall.raised')}>
      <h3 className="small-title">{text('wall.raised')}</h3>
      {raised.length === 0 && <p className="muted">{text('wall.raised.none')}</p>}
      <ul className="wall-rules">
        {raised.map(({ raisedId, name, agentName, severity, sinceMs, endedAtMs }) => (
          <li key={raisedId} data-raised={severity} data-over={endedAtMs !== null}>
            <span>
              <bdi className="wall-rule-name">{name}</bdi>
              <span className="muted">
                {rich('wall.raised.of', { name: <bdi key="name">{agentName}</bdi> })} ·{' '}
                {endedAtMs === null ? text('wall.raised.since', { sinceMs }) : text('wall.raised.over', { sinceMs, endedMs: endedAtMs })} ·{' '}
                {text(`wall.severity.${severity}`)}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
