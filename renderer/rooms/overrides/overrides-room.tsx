import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useDeskWindow } from '../../desk-window.ts';
import { Calm } from '../../views/calm.tsx';
import { useText } from '../../wording/use-text.ts';
import { QueueRoom } from '../queue-room.tsx';
import { whyNot } from '../why-not.ts';
import { CaseView } from './case-view.tsx';
import { FiguresTable } from './figures-table.tsx';
import { ItemList } from './item-list.tsx';
import { createOverridesStore, type OverridesState, type OverridesStore } from './overrides-store.ts';
import { reasonOf } from './reason-of.ts';

/** What agents did instead of what they were shown: groups, a sample to judge, what many are made of, and the figures. */
export function OverridesRoom() {
  const text = useText();
  const { api } = useDeskWindow();
  const [store] = useState(() => createOverridesStore(api));
  useEffect(() => store.follow(), [store]);
  const state = useStore(store);
  const { queue, open, items, figures, refusal } = state;
  return (
    <QueueRoom
      room="overrides"
      isOpen={open !== null}
      trouble={state.trouble}
      side={
        <>
          {queue !== null && queue.groups.length === 0 && (
            <Calm icon="check" title={text('overrides.none')} detail={text('overrides.none.detail')} />
          )}
          {queue !== null && queue.groups.length > 0 && <Groups store={store} state={state} />}
          {state.cases !== null && state.cases.length > 0 && <Cases store={store} state={state} />}
        </>
      }
    >
      {open !== null && <CaseView key={open.outcomeId} store={store} open={open} />}
      {open === null && (
        <div className="reviews-more">
          <div role="alert">{refusal !== null && <p className="panel-note">{whyNot(text, 'overrides', refusal)}</p>}</div>
          {items.length > 0 && <ItemList store={store} items={items} />}
          {figures !== null && (figures.rows.length > 0 || figures.by !== 'action') && (
            <FiguresTable figures={figures} count={(by) => void store.count(by)} />
          )}
        </div>
      )}
    </QueueRoom>
  );
}

function Groups({ store, state: { queue, group } }: { readonly store: OverridesStore; readonly state: OverridesState }) {
  const text = useText();
  return (
    <section aria-label={text('overrides.groups')}>
      <h2 className="small-title">{text('overrides.groups')}</h2>
      <ul className="queue-list">
        {queue?.groups.map((one) => {
          const isChosen = group !== null && group.actionId === one.actionId && group.kind === one.kind && group.reason === one.reason;
          return (
            <li key={`${one.actionId} ${one.kind} ${one.reason ?? ''}`}>
              <button type="button" className="queue-row" aria-pressed={isChosen} onClick={() => void store.choose(isChosen ? null : one)}>
                <span className="queue-name">
                  <bdi>{one.actionName}</bdi>
                  <span>{text('overrides.cases', { count: one.cases })}</span>
                </span>
                <span className="queue-detail">
                  <span>{reasonOf(text, one.kind, one.reason)}</span>
                  <span>{text('overrides.judged', { count: one.judged, right: one.agentRight, wrong: one.systemRight })}</span>
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Cases({ store, state: { cases, open } }: { readonly store: OverridesStore; readonly state: OverridesState }) {
  const text = useText();
  return (
    <section aria-label={text('overrides.sample')}>
      <h2 className="small-title">{text('overrides.sample')}</h2>
      <ul className="queue-list">
        {cases?.map((one) => (
          <li key={one.outcomeId} data-case={one.outcomeId}>
            <button
              type="button"
              className="queue-row"
              aria-current={open?.outcomeId === one.outcomeId}
              onClick={() => void store.look(one.outcomeId)}
            >
              <span className="queue-name">
                <bdi>{one.actionName}</bdi>
              </span>
              <span className="queue-detail">
                <span>{reasonOf(text, one.kind, one.reason)}</span>
                <time dateTime={new Date(one.atMs).toISOString()}>{new Date(one.atMs).toISOString().slice(0, 16).replace('T', ' ')}</time>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
