import { useEffect, useState } from 'react';
import type { CardView } from '#contract/desk.ts';
import type { ContestableDecisions } from '#contract/contest.ts';
import { useDeskWindow, useView } from '../desk-window.ts';
import { cardKey as keyOf } from '../stores/desk-store.ts';
import { useText } from '../wording/use-text.ts';
import { ContestForm } from './contest-form.tsx';
import { PanelFrame } from './panel-frame.tsx';
import { contestable } from './told-decision.tsx';

/** The customer contests a decision: of this call, or an earlier one that central knows of. `cardKey`: the one it was opened from. */
export function ContestPanel({ cardKey }: { readonly cardKey: string | null }) {
  const text = useText();
  const cards = useView((view) => view.cards);
  const callId = useView((view) => view.call?.callId ?? null);
  const earlier = useEarlier(callId);
  const here = [...Map.groupBy(cards, ({ decisionId }) => decisionId)].map(([decisionId, of]) => ({
    decisionId,
    what: <Cards cards={of} />,
    isContested: false,
  }));
  const known = new Set(here.map(({ decisionId }) => decisionId));
  const preset = cards.find((card) => keyOf(card) === cardKey)?.decisionId ?? (here.length === 1 ? here[0]?.decisionId : null);
  const decisions = [...here, ...earlier.filter(({ decisionId }) => !known.has(decisionId)).map(contestable)];
  return (
    <PanelFrame title={text('contest.title')}>
      {decisions.length === 0 && <p className="muted">{text('contest.none')}</p>}
      {decisions.length > 0 && (
        <>
          <p className="muted">{text('contest.detail')}</p>
          <ContestForm decisions={decisions} preset={preset ?? null} />
        </>
      )}
    </PanelFrame>
  );
}

/** What central has on record about whoever is on the call; nothing while it cannot be asked. */
function useEarlier(callId: string | null): ContestableDecisions['decisions'] {
  const { api } = useDeskWindow();
  const [decisions, setDecisions] = useState<ContestableDecisions['decisions']>([]);
  useEffect(() => {
    if (callId === null) return undefined;
    let isGone = false;
    void api.central('contests:about', { callId }).then((told) => {
      if (told.told && !isGone) setDecisions(told.answer.decisions);
      return undefined;
    });
    return () => {
      isGone = true;
    };
  }, [api, callId]);
  return decisions;
}

function Cards({ cards }: { readonly cards: readonly CardView[] }) {
  return cards.map((card) => (
    <bdi key={keyOf(card)} className="contest-card">
      {card.name}
    </bdi>
  ));
}
