import { useState } from 'react';
import { useIntl } from 'react-intl';
import { Label } from 'react-aria-components/Label';
import { Radio, RadioGroup } from 'react-aria-components/RadioGroup';
import type { CardView } from '#contract/desk.ts';
import type { ContestReceipt } from '#contract/contest.ts';
import { useDeskWindow, useView } from '../desk-window.ts';
import { whyNot } from '../rooms/why-not.ts';
import { WordsField } from '../rooms/words-field.tsx';
import { cardKey as keyOf } from '../stores/desk-store.ts';
import { useText } from '../wording/use-text.ts';
import { PanelFrame } from './panel-frame.tsx';

/** The customer contests a decision of this call: which, in their words, and what to tell them then. `cardKey`: the one it was opened from. */
export function ContestPanel({ cardKey }: { readonly cardKey: string | null }) {
  const text = useText();
  const { api } = useDeskWindow();
  const cards = useView((view) => view.cards);
  const decisions = [...Map.groupBy(cards, ({ decisionId }) => decisionId)];
  const preset = cards.find((card) => keyOf(card) === cardKey)?.decisionId;
  const [chosen, setChosen] = useState(preset ?? null);
  const [words, setWords] = useState('');
  const [receipt, setReceipt] = useState<ContestReceipt | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const decisionId = decisions.length === 1 ? (decisions[0]?.[0] ?? null) : chosen;
  const isReady = decisionId !== null && words.trim() !== '' && !busy;
  const take = async (): Promise<void> => {
    if (decisionId === null || !isReady) return;
    setBusy(true);
    const told = await api.central('contests:open', { body: { decisionId, words: words.trim() } });
    setBusy(false);
    setReceipt(told.told ? told.answer : null);
    setRefusal(told.told ? null : told.reason);
  };
  return (
    <PanelFrame title={text('contest.title')}>
      {receipt !== null && <Taken receipt={receipt} />}
      {receipt === null && decisions.length === 0 && <p className="muted">{text('contest.none')}</p>}
      {receipt === null && decisions.length > 0 && (
        <>
          <p className="muted">{text('contest.detail')}</p>
          <RadioGroup className="choices" value={decisionId} onChange={setChosen}>
            <Label className="small-title">{text('contest.which')}</Label>
            {decisions.map(([id, of]) => (
              <Radio key={id} value={id} className="choice">
                <Decision cards={of} />
              </Radio>
            ))}
          </RadioGroup>
          <WordsField label={text('contest.words')} rows={4} most={4_000} value={words} onChange={setWords} />
          <button type="button" className="button button-main" aria-disabled={!isReady} onClick={() => void take()}>
            {text('contest.take')}
          </button>
        </>
      )}
      <div role="alert">{refusal !== null && <p className="panel-note">{whyNot(text, 'contests', refusal)}</p>}</div>
    </PanelFrame>
  );
}

function Decision({ cards }: { readonly cards: readonly CardView[] }) {
  return (
    <span>
      {cards.map((card) => (
        <bdi key={keyOf(card)} className="contest-card">
          {card.name}
        </bdi>
      ))}
    </span>
  );
}

/** What the customer is told at once. */
function Taken({ receipt: { deadlineAtMs } }: { readonly receipt: ContestReceipt }) {
  const text = useText();
  const { formatDate } = useIntl();
  return (
    <div role="status">
      <p className="panel-lead">{text('contest.taken')}</p>
      <p>{text('contest.say', { day: formatDate(deadlineAtMs, { dateStyle: 'long' }) })}</p>
    </div>
  );
}
