import { useEffect, useState } from 'react';
import type { OverrideNotices } from '#contract/override-review.ts';
import { useDeskWindow } from '../desk-window.ts';
import { useText } from '../wording/use-text.ts';

/** After the call: what came of what this agent did instead of what they were shown. Without central, or with nothing new, there is nothing. */
export function Notices() {
  const text = useText();
  const { api } = useDeskWindow();
  const [notices, setNotices] = useState<OverrideNotices['notices']>([]);
  useEffect(() => {
    let isHere = true;
    const ask = async (): Promise<void> => {
      const told = await api.central('overrides:notices', {});
      if (isHere && told.told) setNotices(told.answer.notices);
    };
    void ask();
    return () => {
      isHere = false;
    };
  }, [api]);
  const fresh = notices.filter(({ seenAtMs }) => seenAtMs === null);
  if (fresh.length === 0) return null;
  const read = async (itemId: string): Promise<void> => {
    const told = await api.central('overrides:notice-seen', { itemId, body: {} });
    if (told.told) setNotices(told.answer.notices);
  };
  return (
    <section aria-label={text('notices.title')}>
      <h3 className="small-title">{text('notices.title')}</h3>
      <ul className="notices">
        {fresh.map(({ itemId, state, actionName, words }) => (
          <li key={itemId}>
            <strong>{text(`notices.${state}`, { name: actionName })}</strong> <bdi>{words}</bdi>{' '}
            <button type="button" className="button button-text" onClick={() => void read(itemId)}>
              {text('notices.seen')}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
