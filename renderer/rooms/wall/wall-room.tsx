import { useEffect, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { useStore } from 'zustand';
import { useDeskWindow } from '../../desk-window.ts';
import { Calm } from '../../views/calm.tsx';
import { useText } from '../../wording/use-text.ts';
import { AlertsPanel } from './alerts-panel.tsx';
import { CallPanel } from './call-panel.tsx';
import { ExclusionPanel } from './exclusion-panel.tsx';
import { createWallStore } from './wall-store.ts';
import { WallRowView } from './wall-row.tsx';

type Open = { readonly kind: 'call'; readonly callId: string } | { readonly kind: 'alerts' | 'exclude' } | null;

/** Rows that come into sight together: whether each of five hundred does would be asked at every frame. */
const GROUP = 20;
const AT_THE_LIST = ['pointermove', 'keydown', 'focusin'] as const;

/** All running calls of one's teams, the neediest first. */
export function WallRoom() {
  const text = useText();
  const { api } = useDeskWindow();
  const [store] = useState(() => createWallStore(api));
  useEffect(() => store.follow(), [store]);
  const pane = useRef<HTMLElement>(null);
  useEffect(() => {
    const element = pane.current;
    const at = (): void => store.touched();
    // Listened to beside React: nothing is to be done but to note the time.
    for (const kind of AT_THE_LIST) element?.addEventListener(kind, at, { passive: true });
    document.addEventListener('scroll', at, { passive: true, capture: true });
    return () => {
      for (const kind of AT_THE_LIST) element?.removeEventListener(kind, at);
      document.removeEventListener('scroll', at, { capture: true });
    };
  }, [store]);
  const [open, setOpen] = useState<Open>(null);
  const opener = useRef<HTMLElement | null>(null);
  const isKnown = useStore(store, ({ rows }) => rows !== null);
  const live = useStore(store, (state) => state.live);
  const close = (): void => {
    setOpen(null);
    opener.current?.focus();
  };
  const openBy = (element: HTMLElement, next: Open): void => {
    opener.current = element;
    setOpen(next);
  };
  return (
    <main className="room-main wall" aria-labelledby="room-title" data-open={open !== null}>
      <header className="wall-head">
        <h1 className="room-title" id="room-title">
          {text('room.wall')}
        </h1>
        <Counts store={store} />
        <div className="wall-tools">
          <button type="button" className="button" onClick={(event) => openBy(event.currentTarget, { kind: 'alerts' })}>
            {text('wall.alerts')}
          </button>
          <button type="button" className="button" onClick={(event) => openBy(event.currentTarget, { kind: 'exclude' })}>
            {text('wall.exclude')}
          </button>
        </div>
      </header>
      {!live && <p className="panel-note">{text('wall.stale')}</p>}
      <div className="wall-body">
        <section className="wall-pane" ref={pane} aria-label={text('wall.list')}>
          {isKnown && (
            <Rows
              store={store}
              openId={open?.kind === 'call' ? open.callId : null}
              onOpen={(callId, element) => openBy(element, { kind: 'call', callId })}
            />
          )}
        </section>
        {open?.kind === 'call' && <CallPanel key={open.callId} callId={open.callId} store={store} onClose={close} />}
        {open?.kind === 'alerts' && <AlertsPanel onClose={close} />}
        {open?.kind === 'exclude' && <ExclusionPanel onClose={close} />}
      </div>
    </main>
  );
}

type StoreOf = ReturnType<typeof createWallStore>;

function Counts({ store }: { readonly store: StoreOf }) {
  const text = useText();
  const count = useStore(store, ({ rows, left }) => (rows?.size ?? 0) + left);
  const urgent = useStore(store, ({ rows }) => tally(rows, ({ alerts }) => alerts[0]?.severity === 'urgent'));
  const away = useStore(store, ({ rows }) => tally(rows, ({ awaySinceMs }) => awaySinceMs !== null));
  const isOld = useStore(store, ({ isOrderOld }) => isOrderOld);
  return (
    <p className="wall-counts">
      <span>{text('wall.count', { count })}</span>
      <span className="wall-urgent" role="status">
        {urgent > 0 && text('wall.urgent', { count: urgent })}
      </span>
      {away > 0 && <span>{text('wall.away-count', { count: away })}</span>}
      {isOld && (
        <button type="button" className="button button-text" onClick={() => store.sortNow()}>
          {text('wall.sort')}
        </button>
      )}
    </p>
  );
}

type Rows = ReturnType<StoreOf['getState']>['rows'];
function tally(rows: Rows, is: (row: NonNullable<ReturnType<NonNullable<Rows>['get']>>) => boolean): number {
  let count = 0;
  for (const row of rows?.values() ?? []) if (is(row)) count += 1;
  return count;
}

const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

/** Through the list by keys. */
const go = (event: KeyboardEvent<HTMLElement>): void => {
  const step = STEPS[event.key];
  if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
  const buttons = [...event.currentTarget.querySelectorAll<HTMLButtonElement>('.wall-row')];
  const here = buttons.findIndex((button) => button === document.activeElement);
  const next = buttons[Math.min(buttons.length - 1, Math.max(0, here + step))];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
};

function Rows({
  store,
  openId,
  onOpen,
}: {
  readonly store: StoreOf;
  readonly openId: string | null;
  readonly onOpen: (callId: string, element: HTMLElement) => void;
}) {
  const text = useText();
  const order = useStore(store, (state) => state.order);
  if (order.length === 0) return <Calm icon="phone" title={text('wall.none')} detail={text('wall.none.detail')} />;
  return (
    <div
      className="wall-list"
      role="list"
      aria-label={text('wall.list')}
      onKeyDown={go}
      onClick={({ target }) => {
        const button = target instanceof Element ? target.closest<HTMLElement>('.wall-row') : null;
        const callId = button?.closest<HTMLElement>('[data-call]')?.dataset['call'];
        if (button && callId !== undefined) onOpen(callId, button);
      }}
    >
      {Array.from({ length: Math.ceil(order.length / GROUP) }, (_, group) => (
        <div key={group} className="wall-group" role="presentation">
          {order.slice(group * GROUP, (group + 1) * GROUP).map((callId) => (
            <WallRowView key={callId} callId={callId} store={store} isOpen={callId === openId} isFirst={callId === order[0]} />
          ))}
        </div>
      ))}
    </div>
  );
}
