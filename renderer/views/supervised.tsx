import { useIntl } from 'react-intl';
import type { CallView } from '#contract/desk.ts';
import { useRichText, useText } from '../wording/use-text.ts';
import { Icon } from './icon.tsx';

/** What supervisors write to the agent on this call, and who reads along: beside the call, never over the card. */
export function Supervised({ supervision }: { readonly supervision: NonNullable<CallView['supervision']> }) {
  const text = useText();
  const rich = useRichText();
  const { formatTime } = useIntl();
  return (
    <section className="supervised" aria-label={text('supervised.label')}>
      {supervision.readers.map(({ readId, by }) => (
        <p key={readId} className="supervised-reader">
          <Icon name="person" />
          <span>{rich('supervised.reads', { name: <bdi key="name">{by}</bdi> })}</span>
        </p>
      ))}
      {supervision.notes.slice(0, 3).map(({ noteId, by, text: words, atMs }) => (
        <p key={noteId} className="supervised-note">
          <Icon name="ask" />
          <span>
            <bdi className="supervised-words">{words}</bdi>{' '}
            <span className="muted">{rich('supervised.by', { name: <bdi key="name">{by}</bdi>, time: formatTime(atMs) })}</span>
          </span>
        </p>
      ))}
    </section>
  );
}
