import { useId, useState } from 'react';
import type { FormEvent } from 'react';
import type { ApprovalView } from '#contract/approval.ts';
import { useDeskWindow } from '../../desk-window.ts';
import { useText } from '../../wording/use-text.ts';
import { whyNot } from '../why-not.ts';

/**
 * A request like this one with an amount that nobody should agree to is put among the others, so that the meter can tell whether somebody
 * looks. It can never execute, and looks to whoever decides as any other.
 */
export function ApprovalSeed({ view: { asked, currency } }: { readonly view: ApprovalView }) {
  const text = useText();
  const { api } = useDeskWindow();
  const fieldId = useId();
  const [amount, setAmount] = useState('');
  const [said, setSaid] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const wanted = Number(amount);
  const isReady = wanted > 0 && !busy;
  if (asked?.amount === undefined || asked.amount === null) return null;
  const seed = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    if (!isReady) return;
    setBusy(true);
    const told = await api.central('oversight:seed', { body: { outcomeId: asked.outcomeId, amount: wanted } });
    setBusy(false);
    setSaid(told.told ? text('approvals.seed.done') : whyNot(text, 'oversight', told.reason));
    if (told.told) setAmount('');
  };
  return (
    <details>
      <summary>{text('approvals.seed')}</summary>
      <form className="sign-in-form" onSubmit={(event) => void seed(event)}>
        <p className="muted">{text('approvals.seed.detail')}</p>
        <label htmlFor={fieldId} className="small-title">
          {text('approvals.seed.amount')}
          {currency !== null && ` (${currency})`}
        </label>
        <div className="ask-row">
          <input
            id={fieldId}
            className="sign-in-input"
            type="number"
            inputMode="decimal"
            min={0}
            step="any"
            value={amount}
            onChange={(event) => setAmount(event.target.value)}
          />
          <button type="submit" className="button" aria-disabled={!isReady}>
            {text('approvals.seed.now')}
          </button>
        </div>
        <p role="status">{said}</p>
      </form>
    </details>
  );
}
