import { useText } from '../wording/use-text.ts';
import { Card } from './card.tsx';
import { PanelFrame } from './panel-frame.tsx';
import { useCard } from './use-card.ts';

/** A small suggestion opened up: the same card, without taking the place of the primary one. */
export function ChipPanel({ cardKey }: { readonly cardKey: string }) {
  const text = useText();
  const card = useCard(cardKey);
  return (
    <PanelFrame title={text('chips.label')}>
      {card === null ? <p className="muted">{text('chip.gone')}</p> : <Card card={card} waiting={false} />}
    </PanelFrame>
  );
}
