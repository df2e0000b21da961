import { useCall, useUi, useView } from '../desk-window.ts';
import { useMedia, WIDE } from '../use-media.ts';
import { useText } from '../wording/use-text.ts';
import { CallContext } from './call-context.tsx';
import { Chips } from './chips.tsx';
import { Panels } from './panels.tsx';
import { PlaceView } from './place-view.tsx';
import { ReceiptView } from './receipt-view.tsx';
import { Strip } from './strip.tsx';
import { Tools } from './tools.tsx';
import { TroubleNote } from './trouble-note.tsx';
import { WaitingRequests } from './waiting-requests.tsx';
import { useAnnouncements } from './use-announcements.ts';

/** The agent's window: strip, one card in its place, what is small below it, the call beside it. */
export function Desk() {
  useAnnouncements();
  const text = useText();
  const wide = useMedia(WIDE);
  const call = useCall();
  const level = useView((view) => view.session.level);
  const unsent = useView((view) => view.outbox.unsent);
  const open = useUi((state) => state.panel !== null);
  return (
    <div className="desk" data-level={level} data-panel={open} data-unsent={unsent}>
      <Strip />
      <div className="columns">
        <main className="guide" aria-label={text('place.label')}>
          <PlaceView />
          {/* The receipt comes and goes: what is above it must not move under the pointer. */}
          <Chips />
          <ReceiptView />
          <WaitingRequests />
          <TroubleNote />
          <Tools />
        </main>
        <Panels />
        {call !== null && <CallContext call={call} wide={wide} />}
      </div>
    </div>
  );
}
