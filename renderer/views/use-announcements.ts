import { useEffect } from 'react';
import { useAnswers, useDeskWindow, usePlace, useUi } from '../desk-window.ts';
import { cardKey } from '../stores/desk-store.ts';
import { useText } from '../wording/use-text.ts';

/** Says a new prompt and what became of an answer in the live region. */
export function useAnnouncements(): void {
  const { announcer } = useDeskWindow();
  const text = useText();
  const shown = usePlace((state) => state.shown);
  const speak = useUi((state) => state.speak);
  const receipt = useAnswers((state) => state.receipt);
  const refusal = useAnswers((state) => state.refusal);
  const key = shown === null ? null : cardKey(shown);

  useEffect(() => {
    const said = shown !== null && shown.state === 'open' && (speak === 'all' || (speak === 'must' && shown.urgency === 'must'));
    announcer.prompt(said ? `${text(`urgency.${shown.urgency}`)}: ${shown.do}.` : null);
    // Once a prompt, not with each change of it.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [key]);
  useEffect(() => {
    if (receipt !== null) announcer.status(`${text(`receipt.${receipt.state === 'retracted' ? 'retracted' : receipt.kind}`)}.`);
    // oxlint-disable-next-line react/exhaustive-deps
  }, [receipt?.outcomeId, receipt?.state]);
  useEffect(() => {
    if (refusal !== null)
      announcer.status(`${text('refusal.title')}. ${refusal.detail === '' ? text(`refusal.${refusal.reason}`) : refusal.detail}`);
    // oxlint-disable-next-line react/exhaustive-deps
  }, [refusal]);
}
