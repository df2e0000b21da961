import { useEffect, useState } from 'react';
import type { CoachingLooks } from '#contract/override-review.ts';
import { useDeskWindow, useView } from '../desk-window.ts';
import { useRichText, useText } from '../wording/use-text.ts';

/** The last so many. */
const MOST_LOOKS = 5;

/** After the call: who looked at this agent's own figures, and why. Without central, or where nobody did, there is nothing. */
export function LookedAt() {
  const text = useText();
  const rich = useRichText();
  const { api } = useDeskWindow();
  const agentId = useView((view) => view.session.agentId);
  const [looks, setLooks] = useState<CoachingLooks['looks']>([]);
  useEffect(() => {
    let isHere = true;
    const ask = async (): Promise<void> => {
      const told = await api.central('oversight:looks', {});
      // Whoever supervises others too is told of those as well: these are for another room.
      if (isHere && told.told) setLooks(told.answer.looks.filter((look) => look.agentId === agentId).slice(0, MOST_LOOKS));
    };
    void ask();
    return () => {
      isHere = false;
    };
  }, [api, agentId]);
  if (looks.length === 0) return null;
  return (
    <section aria-label={text('notices.looks')}>
      <h3 className="small-title">{text('notices.looks')}</h3>
      <ul className="notices">
        {looks.map(({ by, reason, atMs }) => (
          <li key={`${atMs} ${by}`}>
            <strong>{rich('notices.looked', { who: <bdi key="who">{by}</bdi> })}</strong> <bdi>{reason}</bdi>
          </li>
        ))}
      </ul>
    </section>
  );
}
