import { useId, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { ApprovalView } from '#contract/approval.ts';
import { useText } from '../../wording/use-text.ts';
import { useRoomCommands } from '../use-room-commands.ts';
import type { ApprovalsStore } from './approvals-store.ts';

/** What was asked of the agent, and what they answered, for one of both to go on with. */
export function ApprovalTalk({
  store,
  view,
  isAgent = false,
}: {
  readonly store: ApprovalsStore;
  readonly view: ApprovalView;
  readonly isAgent?: boolean;
}) {
  const text = useText();
  const fieldId = useId();
  const field = useRef<HTMLInputElement>(null);
  const [words, setWords] = useState('');
  const busy = useStore(store, (state) => state.busy);
  // Whoever may only break the glass is told what was said, and asks nothing.
  const isOver = view.endedAtMs !== null || view.may.join() === 'break-glass';
  const focus = (): void => field.current?.focus();
  useRoomCommands({ 'ask-agent': isOver || isAgent ? null : focus });
  if (isOver && view.messages.length === 0) return null;
  const title = text(isAgent ? 'approval.talk' : 'approvals.talk');
  const label = text(isAgent ? 'approval.answer' : 'approvals.ask');
  return (
    <section className="talk-part" aria-label={title}>
      <h3 className="small-title">{title}</h3>
      {view.messages.length > 0 && (
        <ol className="talk">
          {view.messages.map(({ author, name, text: said, atMs }) => (
            <li key={`${author} ${atMs}`}>
              <bdi className="muted">{name}</bdi>
              <bdi>{said ?? text('approvals.erased')}</bdi>
            </li>
          ))}
        </ol>
      )}
      {!isOver && (
        <form
          className="ask-row"
          onSubmit={(event) => {
            event.preventDefault();
            if (words.trim() === '' || busy) return;
            void store.say('approvals:message', { text: words.trim() }).then((done) => {
              if (done) setWords('');
              return undefined;
            });
          }}
        >
          <label className="unseen" htmlFor={fieldId}>
            {label}
          </label>
          <input
            id={fieldId}
            ref={field}
            className="sign-in-input"
            value={words}
            maxLength={500}
            autoComplete="off"
            placeholder={label}
            onChange={(event) => setWords(event.target.value)}
          />
          <button type="submit" className="button" disabled={words.trim() === ''}>
            {text(isAgent ? 'approval.send' : 'approvals.send')}
          </button>
        </form>
      )}
    </section>
  );
}
