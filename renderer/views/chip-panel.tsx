import { useEffect } from 'react';
import { useAnswers, useDeskWindow } from '../desk-window.ts';
import { useText } from '../wording/use-text.ts';
import { Card } from './card.tsx';
import { PanelFrame } from './panel-frame.tsx';
import { useCard } from './use-card.ts';

/** A small suggestion opened up: the same card, without taking the place of the primary one. */
export function ChipPanel({ cardKey }: { readonly cardKey: string }) {
  const text = useText();
  const { ui } = useDeskWindow();
  const card = useCard(cardKey);
  const answered = useAnswers((state) => state.receipt?.key === cardKey);
  useEffect(() => {
    // Answered here: there is nothing left to do in the panel. One that went by itself says so instead.
    if (answered) ui.close();
  }, [answered, ui]);
  return (
    <PanelFrame title={text('chips.label')}>
      {card === null ? <p className="muted">{text('chip.gone')}</p> : <Card card={card} waiting={false} />}
    </PanelFrame>
  );
}
