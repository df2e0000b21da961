import { useStore } from 'zustand';
import type { BrokenGlass } from '#contract/approval.ts';
import { useRichText, useText } from '../../wording/use-text.ts';
import { TimeLeft } from '../approvals/time-left.tsx';
import type { OversightStore } from './oversight-store.ts';

/** Requests that one person let through alone: those nobody has looked at first. */
export function BreakList({ store, breaks }: { readonly store: OversightStore; readonly breaks: readonly BrokenGlass[] }) {
  const text = useText();
  const rich = useRichText();
  const { openId, ...clock } = useStore(store);
  return (
    <section aria-label={text('oversight.breaks')}>
      <h2 className="small-title">{text('oversight.breaks')}</h2>
      <p className="muted">{text(breaks.length === 0 ? 'oversight.breaks.none' : 'oversight.breaks.detail')}</p>
      {breaks.length > 0 && (
        <ul className="queue-list">
          {breaks.map((one) => (
            <li key={one.approvalId} data-break={one.approvalId}>
              <button
                type="button"
                className="queue-row"
                aria-current={one.approvalId === openId}
                onClick={() => void store.look(one.approvalId)}
              >
                <span className="queue-name">
                  <bdi>{one.actionName}</bdi>
                </span>
                <span className="queue-detail">
                  <span>{rich('oversight.break.by', { name: <bdi key="name">{one.byName}</bdi> })}</span>
                  {one.review === null ? (
                    <TimeLeft item={{ requestedAtMs: one.atMs, deadlineAtMs: one.reviewDueMs }} clock={clock} />
                  ) : (
                    <span>{text(`oversight.verdict.${one.review.verdict}`)}</span>
                  )}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
