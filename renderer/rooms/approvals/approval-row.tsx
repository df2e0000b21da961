import type { ApprovalItem } from '#contract/approval.ts';
import { useRichText, useText } from '../../wording/use-text.ts';
import { Amount } from './amount.tsx';
import type { Clock } from './time-left.tsx';
import { TimeLeft } from './time-left.tsx';

/** One request: what is asked, by whom, who has it, and how long there still is. */
export function ApprovalRow({
  item,
  clock,
  isOpen,
  onOpen,
}: {
  readonly item: ApprovalItem;
  readonly clock: Clock;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
}) {
  const text = useText();
  const rich = useRichText();
  return (
    <button type="button" className="queue-row" data-approval={item.approvalId} aria-current={isOpen ? 'true' : undefined} onClick={onOpen}>
      <span className="queue-name">
        <bdi>{item.actionName}</bdi>
        {item.amount !== null && (
          <span>
            <Amount of={item.amount} currency={item.currency} />
          </span>
        )}
      </span>
      <span className="queue-detail">
        <span>
          {rich('approvals.by', { name: <bdi key="name">{item.agentName}</bdi> })}
          {item.state === 'escalated' && <> · {text('approvals.state.escalated')}</>}
          {item.state !== 'escalated' && item.assigneeName !== null && (
            <> · {rich('approvals.with', { who: <bdi key="who">{item.assigneeName}</bdi> })}</>
          )}
        </span>
        <TimeLeft item={item} clock={clock} />
      </span>
    </button>
  );
}
