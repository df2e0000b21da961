import { useText } from '../wording/use-text.ts';
import { PanelFrame } from './panel-frame.tsx';
import { Speakable } from './speakable.tsx';
import { useCard } from './use-card.ts';

/** Only the sentence for the customer: it is wanted while they wait for it. */
export function SpeakablePanel({ cardKey }: { readonly cardKey: string }) {
  const text = useText();
  const card = useCard(cardKey);
  return (
    <PanelFrame title={text('why.speakable')}>
      {card === null ? <p className="muted">{text('chip.gone')}</p> : <Speakable sentence={card.speakable} />}
    </PanelFrame>
  );
}
