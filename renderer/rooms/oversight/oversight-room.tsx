import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useDeskWindow } from '../../desk-window.ts';
import { useText } from '../../wording/use-text.ts';
import { QueueRoom } from '../queue-room.tsx';
import { whyNot } from '../why-not.ts';
import { BreakDetail } from './break-detail.tsx';
import { BreakList } from './break-list.tsx';
import { Coaching } from './coaching.tsx';
import { MeterTable } from './meter-table.tsx';
import { OrganisationAlerts } from './organisation-alerts.tsx';
import { createOversightStore } from './oversight-store.ts';

/** Whether those who decide do it with care: what one person let through alone, the rubber-stamp meter, and single agents' figures in coaching. */
export function OversightRoom() {
  const text = useText();
  const { api } = useDeskWindow();
  const [store] = useState(() => createOversightStore(api));
  useEffect(() => store.follow(), [store]);
  const { breaks, meter, openId, trouble, refusal } = useStore(store);
  const open = breaks?.find(({ approvalId }) => approvalId === openId) ?? null;
  return (
    <QueueRoom
      room="oversight"
      isOpen={open !== null}
      trouble={trouble}
      side={breaks !== null && <BreakList store={store} breaks={breaks} />}
    >
      {open !== null && <BreakDetail key={open.approvalId} store={store} open={open} />}
      {open === null && (
        <div className="reviews-more">
          <div role="alert">{refusal !== null && <p className="panel-note">{whyNot(text, 'oversight', refusal)}</p>}</div>
          {meter !== null && <MeterTable meter={meter} />}
          <Coaching store={store} />
          <OrganisationAlerts />
        </div>
      )}
    </QueueRoom>
  );
}
