import { useDeskWindow } from '../desk-window.ts';
import type { ActionRow } from '../stores/ui-store.ts';
import { useText } from '../wording/use-text.ts';
import { PanelFrame } from './panel-frame.tsx';
import { useCard } from './use-card.ts';
import { WhatIf } from './what-if.tsx';

/** What would have taken the suggestion away. */
export function WhatIfPanel({ cardKey }: { readonly cardKey: string }) {
  const text = useText();
  const card = useCard(cardKey);
  return (
    <PanelFrame title={text('what-if.title')}>
      {card === null ? (
        <p className="muted">{text('chip.gone')}</p>
      ) : (
        <>
          <p className="panel-lead">
            <bdi>{card.do}</bdi>
          </p>
          <WhatIf decisionId={card.decisionId} actionId={card.actionId} />
        </>
      )}
    </PanelFrame>
  );
}

/** What would show an action, or take it away; there need be no suggestion. */
export function WhatIfRowPanel({ row: { decisionId, actionId, name } }: { readonly row: ActionRow }) {
  const text = useText();
  const { ui } = useDeskWindow();
  return (
    <PanelFrame title={text('what-if.title')}>
      {/* Above the answer, which comes later and must not push it away. */}
      <button type="button" className="button panel-button" onClick={() => ui.setState({ panel: { kind: 'why-not', actionId } })}>
        {text('what-if.back')}
      </button>
      <p className="panel-lead">
        <bdi>{name}</bdi>
      </p>
      <WhatIf decisionId={decisionId} actionId={actionId} />
    </PanelFrame>
  );
}
