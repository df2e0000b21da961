import { useView } from '../desk-window.ts';
import { useText } from '../wording/use-text.ts';
import { Icon } from './icon.tsx';

/** What the engine wants the agent to know, below what the agent is working with. */
export function TroubleNote() {
  const text = useText();
  const trouble = useView((view) => view.engine.trouble);
  if (trouble === null) return null;
  return (
    <section className="note note-refusal" aria-label={text('trouble.title')}>
      <Icon name="alert" />
      <div className="note-words">
        <p>
          <strong>{text('trouble.title')}</strong>
        </p>
        <p>
          <bdi className="clamp-3">{trouble}</bdi>
        </p>
      </div>
    </section>
  );
}
