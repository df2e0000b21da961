import { useState } from 'react';
import type { FormEvent } from 'react';
import { useStore } from 'zustand';
import { FAULTS, type ItemChange, type OverrideItem } from '#contract/override-review.ts';
import { LEAST_SENTENCE } from '#contract/text.ts';
import { useText } from '../../wording/use-text.ts';
import { WordsField } from '../words-field.tsx';
import { written } from '../written.ts';
import type { OverridesStore } from './overrides-store.ts';
import { reasonOf } from './reason-of.ts';

/** What many of one kind are made of, whose it is, and what became of it. */
export function ItemList({ store, items }: { readonly store: OverridesStore; readonly items: readonly OverrideItem[] }) {
  const text = useText();
  return (
    <section aria-label={text('overrides.items')}>
      <h2 className="small-title">{text('overrides.items')}</h2>
      <ul className="queue-list">
        {items.map((item) => (
          <li key={item.itemId} data-item={item.itemId}>
            <div className="queue-item">
              <span className="queue-name">
                <bdi>{item.actionName}</bdi>
                <span>{text(`overrides.item.${item.state}`)}</span>
              </span>
              <span className="queue-detail">
                <span>{reasonOf(text, item.kind, item.reason)}</span>
                <span>{text('overrides.item.of', { cases: item.cases, agents: item.agents })}</span>
              </span>
              <span className="queue-detail">
                <span>{text(`overrides.fault.${item.fault}`)}</span>
                <span>
                  {item.ownerName === null ? text('overrides.item.nobody') : text('overrides.item.owner', { name: item.ownerName })}
                </span>
              </span>
              {item.words !== null && <bdi>{item.words}</bdi>}
              {item.endedAtMs === null && <WhoseItem key={`${item.ownerId ?? ''} ${item.fault}`} store={store} item={item} />}
              {item.endedAtMs === null && <EndItem store={store} item={item} />}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Whose it is, and where the fault lies. Saved by a button: arrow keys go through what could be chosen. */
function WhoseItem({ store, item }: { readonly store: OverridesStore; readonly item: OverrideItem }) {
  const text = useText();
  const known = useStore(store, (state) => state.owners);
  const { ownerId: owner } = item;
  const isListed = owner === null || known.some(({ personId }) => personId === owner);
  const owners = owner === null || isListed ? known : [{ personId: owner, name: item.ownerName ?? owner }, ...known];
  const save = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const ownerId = written(form, 'owner');
    const fault = FAULTS.find((one) => one === written(form, 'fault'));
    const change: ItemChange = {
      ...(ownerId === '' || ownerId === item.ownerId ? {} : { ownerId }),
      ...(fault === undefined || fault === item.fault ? {} : { fault }),
    };
    if (Object.keys(change).length > 0) void store.change(item.itemId, change);
  };
  return (
    <form className="queue-actions item-whose" onSubmit={save}>
      <label className="muted item-choice">
        {text('overrides.item.whose')}
        <select className="sign-in-input" name="owner" defaultValue={item.ownerId ?? ''}>
          {item.ownerId === null && <option value="">{text('overrides.item.nobody')}</option>}
          {owners.map(({ personId, name }) => (
            <option key={personId} value={personId}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label className="muted item-choice">
        {text('overrides.item.fault')}
        <select className="sign-in-input" name="fault" defaultValue={item.fault}>
          {FAULTS.map((fault) => (
            <option key={fault} value={fault}>
              {text(`overrides.fault.${fault}`)}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" className="button">
        {text('overrides.item.save')}
      </button>
    </form>
  );
}

function EndItem({ store, item }: { readonly store: OverridesStore; readonly item: OverrideItem }) {
  const text = useText();
  const [words, setWords] = useState('');
  const isReady = words.trim().length >= LEAST_SENTENCE;
  const end = (state: 'changed' | 'left'): void => {
    if (isReady) void store.change(item.itemId, { state, words: words.trim() });
  };
  return (
    <>
      <WordsField label={text('overrides.item.words')} rows={2} most={1_000} value={words} onChange={setWords} />
      <div className="queue-actions">
        <button type="button" className="button" aria-disabled={!isReady} onClick={() => end('changed')}>
          {text('overrides.item.end.changed')}
        </button>
        <button type="button" className="button" aria-disabled={!isReady} onClick={() => end('left')}>
          {text('overrides.item.end.left')}
        </button>
      </div>
    </>
  );
}
