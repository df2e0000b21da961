import { memo } from 'react';
import { useStore } from 'zustand';
import { startedAtMs } from '#contract/supervision.ts';
import { Icon } from '../../views/icon.tsx';
import { useText } from '../../wording/use-text.ts';
import { Since } from './ticker.tsx';
import type { WallStore } from './wall-store.ts';
import { inWords } from '../../wording/in-words.ts';

export interface WallRowProps {
  readonly callId: string;
  readonly store: WallStore;
  readonly isOpen: boolean;
  readonly isFirst: boolean;
}

/** One running call. It draws itself anew when its own row changed, and at no other time. */
export const WallRowView = memo(function WallRowView({ callId, store, isOpen, isFirst }: WallRowProps) {
  const text = useText();
  const row = useStore(store, ({ rows }) => rows?.get(callId));
  if (row === undefined) return null;
  const [alert] = row.alerts;
  return (
    <div className="wall-item" role="listitem" data-call={callId} data-severity={alert?.severity}>
      <button type="button" className="wall-row" aria-expanded={isOpen} tabIndex={isOpen || isFirst ? 0 : -1}>
        <span className="wall-agent">
          <bdi className="clamp-1">{row.agentName}</bdi>
        </span>
        <span className="wall-time">
          {row.phase !== 'active' && <span className="tag">{text(`phase.${row.phase}`)}</span>}
          <span className="unseen">{text('wall.lasts')}</span>
          <Since atMs={startedAtMs(row)} clock={store.clock} />
        </span>
        <span className="wall-alerts">
          {alert !== undefined && (
            <span className="wall-alert" data-severity={alert.severity}>
              <Icon name={alert.severity === 'urgent' ? 'alert' : 'clock'} />
              <bdi className="clamp-1">{alert.name}</bdi>
              {row.alerts.length > 1 && <span className="wall-more">{text('wall.more', { count: row.alerts.length - 1 })}</span>}
            </span>
          )}
          {row.awaySinceMs !== null && (
            <span className="wall-away">
              <Icon name="offline" />
              {text('wall.away')}
            </span>
          )}
          {row.approvals !== null && (
            <span className="wall-waits">
              <Icon name="pause" />
              {text('wall.waits', { count: row.approvals.waiting })}
            </span>
          )}
        </span>
        <span className="wall-topic">{row.topic === null ? '' : <bdi className="clamp-1">{inWords(row.topic)}</bdi>}</span>
        <span className="wall-prompt">
          {row.prompt !== null && (
            <>
              <Icon name={row.prompt.urgency} />
              <span className="unseen">{text(`urgency.${row.prompt.urgency}`)}</span>
              <bdi className="clamp-1">{row.prompt.name}</bdi>
            </>
          )}
        </span>
        <span className="wall-rung">{row.rung === null ? '' : text(`card.rung.${row.rung}`)}</span>
      </button>
    </div>
  );
});
