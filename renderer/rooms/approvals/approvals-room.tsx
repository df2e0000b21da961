import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useDeskWindow } from '../../desk-window.ts';
import { Calm } from '../../views/calm.tsx';
import { useText } from '../../wording/use-text.ts';
import { QueueRoom } from '../queue-room.tsx';
import { ApprovalDetail } from './approval-detail.tsx';
import { ApprovalRow } from './approval-row.tsx';
import { createApprovalsStore } from './approvals-store.ts';

/** What waits for this person's word: all of it beside the one that is looked at. */
export function ApprovalsRoom() {
  const text = useText();
  const { api } = useDeskWindow();
  const [store] = useState(() => createApprovalsStore(api));
  useEffect(() => store.follow(), [store]);
  const { items, openId, trouble, ...clock } = useStore(store);
  return (
    <QueueRoom
      room="approvals"
      isOpen={openId !== null}
      trouble={trouble}
      side={
        <>
          {items !== null && items.length === 0 && openId === null && (
            <Calm icon="check" title={text('approvals.none')} detail={text('approvals.none.detail')} />
          )}
          {items !== null && items.length > 0 && (
            <ul className="queue-list">
              {items.map((item) => (
                <li key={item.approvalId}>
                  <ApprovalRow item={item} clock={clock} isOpen={item.approvalId === openId} onOpen={() => store.open(item.approvalId)} />
                </li>
              ))}
            </ul>
          )}
        </>
      }
    >
      {openId === null ? (
        items !== null && items.length > 0 && <p className="queue-pick muted">{text('approvals.pick')}</p>
      ) : (
        <ApprovalDetail key={openId} store={store} />
      )}
    </QueueRoom>
  );
}
