import type { CallView } from '#contract/desk.ts';
import { useDeskWindow, useView } from '../desk-window.ts';
import { callTime } from '../wording/call-time.ts';
import { useText } from '../wording/use-text.ts';
import { stateMessage } from './card.tsx';
import { CommandButton } from './command-button.tsx';
import { LookedAt } from './looked-at.tsx';
import { Notices } from './notices.tsx';
import { TimelineRow } from './timeline.tsx';

const ANSWERS = new Set(['prompt.accepted', 'prompt.rejected', 'prompt.snoozed', 'prompt.overridden', 'prompt.retracted']);

/** Wrap-up: what was offered, what the agent answered, and what came of it. Nothing is asked again. */
export function AfterCall({ call }: { readonly call: CallView }) {
  const text = useText();
  const { ui } = useDeskWindow();
  const cards = useView((view) => view.cards);
  const unsent = useView((view) => view.outbox.unsent);
  const answers = call.timeline.filter((entry) => ANSWERS.has(entry.kind));
  const requests = cards.filter((card) => card.state === 'accepted' && card.request !== null);
  return (
    <div className="after">
      <h2 className="pane-title">{text('after.title')}</h2>
      <dl className="facts">
        {call.connectedAtMs !== null && call.endedAtMs !== null && (
          <div>
            <dt>{text('after.duration')}</dt>
            <dd>{callTime((call.endedAtMs - call.connectedAtMs) / 1_000)}</dd>
          </div>
        )}
        <div>
          <dt>{text('after.prompts')}</dt>
          <dd>{text('call.prompts', { used: call.prompts.used, cap: call.prompts.cap })}</dd>
        </div>
      </dl>
      <h3 className="small-title">{text('after.answers')}</h3>
      {answers.length === 0 ? (
        <p className="muted">{text('after.answers.none')}</p>
      ) : (
        <ol className="timeline">
          {answers.map((entry) => (
            <TimelineRow key={entry.id} entry={entry} />
          ))}
        </ol>
      )}
      {requests.length > 0 && (
        <>
          <h3 className="small-title">{text('after.requests')}</h3>
          <ul className="requests">
            {requests.map((card) => (
              <li key={card.actionId}>
                <bdi className="clamp-2">{card.name}</bdi>
                <span className="muted">{text(stateMessage(card, 'accepted'))}</span>
                {card.requestDetail !== null && <bdi className="muted clamp-2">{card.requestDetail}</bdi>}
              </li>
            ))}
          </ul>
        </>
      )}
      {cards.length > 0 && (
        <CommandButton className="button panel-button" onPress={() => ui.toggle({ kind: 'contest', key: null })}>
          {text('contest.title')}
        </CommandButton>
      )}
      <Notices />
      <LookedAt />
      <p className="muted">{text('after.unsent', { count: unsent })}</p>
    </div>
  );
}
