import { useId, useState } from 'react';
import type { FormEvent } from 'react';
import { useStore } from 'zustand';
import { ContestForm } from '../../views/contest-form.tsx';
import { contestable } from '../../views/told-decision.tsx';
import { useText } from '../../wording/use-text.ts';
import { whyNot } from '../why-not.ts';
import { written } from '../written.ts';
import type { ContestsStore } from './contests-store.ts';

/** A customer contests a decision while nobody talks to them: their decisions by their number, and what they wrote. */
export function NewContest({ store }: { readonly store: ContestsStore }) {
  const text = useText();
  const id = useId();
  const { about, refusal } = useStore(store);
  const [isMissing, setMissing] = useState(false);
  const find = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const customerId = written(new FormData(event.currentTarget), 'customer');
    setMissing(customerId === '');
    if (customerId !== '') void store.find(customerId);
  };
  return (
    <section className="reviews-more contest-new" aria-labelledby={id}>
      <h2 className="small-title" id={id}>
        {text('contests.new')}
      </h2>
      <p className="muted">{text('contests.new.detail')}</p>
      <form className="wall-form" noValidate onSubmit={find}>
        <label>
          {text('contests.new.customer')}
          <input className="sign-in-input" name="customer" maxLength={200} autoComplete="off" aria-invalid={isMissing} />
        </label>
        <button type="submit" className="button">
          {text('contests.new.find')}
        </button>
      </form>
      <div role="alert">{refusal !== null && <p className="panel-note">{whyNot(text, 'contests', refusal)}</p>}</div>
      {about !== null && about.decisions.length === 0 && <p role="status">{text('contests.new.none')}</p>}
      {about !== null && about.decisions.length > 0 && (
        <ContestForm key={about.customerId} decisions={about.decisions.map(contestable)} preset={null} onTaken={() => void store.load()} />
      )}
    </section>
  );
}
