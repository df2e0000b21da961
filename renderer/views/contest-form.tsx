import { useState } from 'react';
import type { ReactNode } from 'react';
import { Label } from 'react-aria-components/Label';
import { Radio, RadioGroup } from 'react-aria-components/RadioGroup';
import { useIntl } from 'react-intl';
import type { ContestReceipt } from '#contract/contest.ts';
import { useDeskWindow } from '../desk-window.ts';
import { whyNot } from '../rooms/why-not.ts';
import { WordsField } from '../rooms/words-field.tsx';
import { useText } from '../wording/use-text.ts';

/** A decision that may be contested. */
export interface Contestable {
  readonly decisionId: string;
  readonly what: ReactNode;
  /** It is being looked at already. */
  readonly isContested: boolean;
}

interface Props {
  readonly decisions: readonly Contestable[];
  readonly preset: string | null;
  /** Central has taken it down. */
  readonly onTaken?: () => void;
}

/** Which decision, and what the customer says; afterwards what they are told at once. */
export function ContestForm({ decisions, preset, onTaken }: Props) {
  const text = useText();
  const { api } = useDeskWindow();
  const [chosen, setChosen] = useState(preset);
  const [words, setWords] = useState('');
  const [receipt, setReceipt] = useState<ContestReceipt | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const only = decisions.length === 1 ? decisions[0] : undefined;
  const decisionId = chosen ?? (only?.isContested === false ? only.decisionId : null);
  const isReady = decisionId !== null && words.trim() !== '' && !busy;
  const take = async (): Promise<void> => {
    if (!isReady) return;
    setBusy(true);
    const told = await api.central('contests:open', { body: { decisionId, words: words.trim() } });
    setBusy(false);
    setReceipt(told.told ? told.answer : null);
    setRefusal(told.told ? null : told.reason);
    if (told.told) onTaken?.();
  };
  if (receipt !== null) return <Taken receipt={receipt} />;
  return (
    <>
      <RadioGroup className="choices" value={decisionId} onChange={setChosen}>
        <Label className="small-title">{text('contest.which')}</Label>
        {decisions.map(({ decisionId: id, what, isContested }) => (
          <Radio key={id} value={id} className="choice" isDisabled={isContested}>
            <span>
              {what}
              {isContested && <span className="muted">{text('contests.no.contested-already')}</span>}
            </span>
          </Radio>
        ))}
      </RadioGroup>
      <WordsField label={text('contest.words')} rows={4} most={4_000} value={words} onChange={setWords} />
      <button type="button" className="button button-main" aria-disabled={!isReady} onClick={() => void take()}>
        {text('contest.take')}
      </button>
      <div role="alert">{refusal !== null && <p className="panel-note">{whyNot(text, 'contests', refusal)}</p>}</div>
    </>
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
