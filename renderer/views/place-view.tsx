import { useEffect, useRef } from 'react';
import type { CallView, DeskView } from '#contract/desk.ts';
import { useCall, useDesk, useDeskWindow, usePlace, useUi, useView } from '../desk-window.ts';
import { cardKey } from '../stores/desk-store.ts';
import { isGone } from '../stores/settle-place.ts';
import { useExposure } from '../use-exposure.ts';
import { isMessageId, useRichText, useText } from '../wording/use-text.ts';
import { AfterCall } from './after-call.tsx';
import { Calm } from './calm.tsx';
import { Card } from './card.tsx';
import type { IconName } from './icon.tsx';

/** The one place. Its size never changes; what is in it is replaced. */
export function PlaceView() {
  const { place } = useDeskWindow();
  const text = useText();
  const slot = useRef<HTMLElement>(null);
  const shown = usePlace((state) => state.shown);
  const next = usePlace((state) => state.next);
  const call = useCall();
  // Reading why, or choosing something else, is attention to the card as much as the pointer over it.
  const panelOnShown = useUi(({ panel }) => shown !== null && panel !== null && 'key' in panel && panel.key === cardKey(shown));
  useExposure(shown, slot);
  useEffect(() => {
    // After every change: a button that had the focus may have gone without saying so.
    place.focus(panelOnShown || holdsFocus(slot.current));
  });
  return (
    <section
      id="place"
      ref={slot}
      className="place"
      aria-label={text('place.label')}
      tabIndex={-1}
      onPointerEnter={() => place.hover(true)}
      onPointerLeave={() => place.hover(false)}
      onFocus={() => place.focus(holdsFocus(slot.current))}
      onBlur={(event) =>
        place.focus(panelOnShown || (event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget)))
      }
    >
      {call?.phase === 'wrap-up' ? (
        <AfterCall call={call} />
      ) : shown === null ? (
        <Empty />
      ) : (
        <Card key={cardKey(shown)} card={shown} waiting={next !== null} />
      )}
    </section>
  );
}

const holdsFocus = (slot: HTMLElement | null): boolean =>
  slot !== null && document.activeElement !== slot && slot.contains(document.activeElement) && document.hasFocus();

interface Face {
  readonly icon: IconName;
  readonly face: string;
}

/** Why the place is empty, the most important cause first. */
function emptyFace(view: DeskView, trouble: boolean): Face {
  if (trouble || view.engine.state !== 'ready') return { icon: 'engine', face: `calm.${trouble ? 'restarting' : view.engine.state}` };
  const { call } = view;
  if (call === null) return { icon: 'phone', face: 'calm.none' };
  if (call.phase === 'wrap-up' || call.phase === 'ended') return { icon: 'check', face: 'calm.ended' };
  if (call.phase === 'offered' || call.phase === 'ringing') return { icon: 'phone', face: 'calm.ringing' };
  if (call.capturePaused) return { icon: 'pause', face: 'refrain.capture-paused' };
  const gone = view.cards.find((card) => card.role === 'primary' && isGone(card));
  if (gone !== undefined) return { icon: 'clock', face: `state.${gone.state}` };
  if (call.phase === 'held') return { icon: 'pause', face: 'calm.held' };
  if (view.refrain === null) return { icon: 'could', face: 'calm.listening' };
  return { icon: view.refrain.reason === 'quiet' ? 'quiet' : 'could', face: `refrain.${view.refrain.reason}` };
}

function Empty() {
  const text = useText();
  const view = useView((whole) => whole);
  const trouble = useDesk((state) => state.trouble);
  const { icon, face } = emptyFace(view, trouble);
  const title = isMessageId(face) ? text(face) : '';
  const detail = isMessageId(`${face}.detail`) ? text(`${face}.detail`) : '';
  const ringing = face === 'calm.ringing' && view.call !== null ? view.call : null;
  return (
    <Calm
      icon={icon}
      title={ringing === null ? title : <Caller call={ringing} />}
      detail={ringing === null ? detail : <Arrival call={ringing} />}
    >
      {ringing !== null && <p className="calm-detail">{detail}</p>}
    </Calm>
  );
}

function Caller({ call }: { readonly call: CallView }) {
  const text = useText();
  return call.customerName === null ? text('call.unknown-caller') : <bdi className="clamp-2">{call.customerName}</bdi>;
}

function Arrival({ call }: { readonly call: CallView }) {
  const text = useText();
  const rich = useRichText();
  return (
    <>
      {text(call.phase === 'offered' ? 'calm.offered' : 'calm.ringing')}
      {call.queue !== null && <> · {rich('call.queue', { queue: <bdi key="queue">{call.queue}</bdi> })}</>}
    </>
  );
}
