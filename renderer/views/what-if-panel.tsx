import { useDeskWindow } from '../desk-window.ts';
import type { ActionRow } from '../stores/ui-store.ts';
import { useText } from '../wording/use-text.ts';
import { PanelFrame } from './panel-frame.tsx';
import { useCard } from './use-card.ts';
import { WhatIf } from './what-if.tsx';

/** What would have taken the suggestion away, or shown another action in the decision that made it. */
export function WhatIfPanel({ cardKey, row }: { readonly cardKey: string; readonly row: ActionRow | null }) {
  const text = useText();
  const { ui } = useDeskWindow();
  const card = useCard(cardKey);
  return (
    <PanelFrame title={text('what-if.title')}>
      {/* Above the answer, which comes later and must not push it away. */}
      {row !== null && (
        <button
          type="button"
          className="button panel-button"
          onClick={() => ui.setState({ panel: { kind: 'why-not', actionId: row.actionId } })}
        >
          {text('what-if.back')}
        </button>
      )}
      {card === null ? (
        <p className="muted">{text('chip.gone')}</p>
      ) : (
        <>
          <p className="panel-lead">
            <bdi>{row?.name ?? card.do}</bdi>
          </p>
          <WhatIf decisionId={card.decisionId} actionId={row?.actionId ?? card.actionId} shown={row?.shown ?? true} />
        </>
      )}
    </PanelFrame>
  );
}
