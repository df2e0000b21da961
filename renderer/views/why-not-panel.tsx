import { useMemo, useState } from 'react';
import type { VerdictView } from '#contract/desk.ts';
import { openCard } from '../commands/run-command.ts';
import { useCall, useDeskWindow, usePlace } from '../desk-window.ts';
import { cardKey } from '../stores/desk-store.ts';
import { useText } from '../wording/use-text.ts';
import { gateMessage } from './gate-words.ts';
import { PanelFrame } from './panel-frame.tsx';
import { SearchList } from './search-list.tsx';
import { useExplanation } from './use-explanation.ts';
import { isChoosable, verdictRows } from './verdict-rows.ts';

/** Any action of the catalogue: the first gate that stopped it, and the customer's value beside the one it needs. */
export function WhyNotPanel({ actionId }: { readonly actionId: string | null }) {
  const text = useText();
  const call = useCall();
  const [chosen, setChosen] = useState(actionId);
  const verdicts = useExplanation('explain:verdicts', call === null ? null : { callId: call.callId });
  const rows = useMemo(() => (verdicts.state === 'ready' ? verdictRows(verdicts.answer.verdicts, text) : []), [verdicts, text]);
  const found = verdicts.state === 'ready' ? (verdicts.answer.verdicts.find((verdict) => verdict.actionId === chosen) ?? null) : null;
  return (
    <PanelFrame title={text('why-not.title')}>
      {verdicts.state === 'away' ? (
        <p className="muted">{text('why-not.away')}</p>
      ) : (
        <>
          {/* There before the answer is: what is typed meanwhile counts. */}
          <SearchList
            rows={rows}
            label={text('why-not.search')}
            empty={text(verdicts.state === 'loading' ? 'why-not.loading' : 'why-not.none')}
            isWaiting={verdicts.state === 'loading'}
            chosen={chosen}
            onChoose={setChosen}
          />
          {found === null ? <p className="muted">{text('why-not.pick')}</p> : <Verdict verdict={found} />}
        </>
      )}
    </PanelFrame>
  );
}

function Verdict({ verdict }: { readonly verdict: VerdictView }) {
  const text = useText();
  const window = useDeskWindow();
  usePlace((state) => state.shown);
  const card = openCard(window);
  return (
    <section className="verdict" aria-live="polite">
      <h3 className="verdict-name">
        <bdi>{verdict.name}</bdi>
      </h3>
      <p className="muted">
        <bdi>{verdict.issue}</bdi> · <bdi>{verdict.group}</bdi>
      </p>
      <p className="verdict-gate">
        <strong>{text(gateMessage(verdict))}</strong>
        {verdict.by !== null && (
          <span className="verdict-by">
            {text('why-not.by')}: <bdi>{verdict.by}</bdi>
          </span>
        )}
      </p>
      {verdict.condition !== null && <Condition condition={verdict.condition} />}
      <div className="verdict-actions">
        {card !== null && card.actionId !== verdict.actionId && isChoosable(verdict) && (
          <button
            type="button"
            className="button"
            onClick={() => window.ui.setState({ panel: { kind: 'override', key: cardKey(card), chosen: verdict.actionId } })}
          >
            {text('why-not.use')}
          </button>
        )}
        {card !== null && (
          <button
            type="button"
            className="button"
            onClick={() =>
              window.ui.setState({
                panel: {
                  kind: 'what-if',
                  key: cardKey(card),
                  row: { actionId: verdict.actionId, name: verdict.name, shown: verdict.stage === 'shown' },
                },
              })
            }
          >
            {text('what-if.title')}
          </button>
        )}
      </div>
    </section>
  );
}

function Condition({ condition }: { readonly condition: NonNullable<VerdictView['condition']> }) {
  const text = useText();
  return (
    <>
      {condition.operands.length > 0 && (
        <table className="operands">
          <thead>
            <tr>
              <th scope="col">{text('why-not.fact')}</th>
              <th scope="col">{text('why-not.found')}</th>
              <th scope="col">{text('why-not.required')}</th>
            </tr>
          </thead>
          <tbody>
            {condition.operands.map((operand, index) => (
              // oxlint-disable-next-line react/no-array-index-key
              <tr key={index}>
                <th scope="row">
                  <bdi>{operand.label}</bdi>
                </th>
                <td data-unknown={operand.found === null}>
                  <Found value={operand.found} />
                </td>
                <td>
                  <bdi>{operand.required}</bdi>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className="verdict-condition">
        <span className="unseen">{text('why-not.condition')}: </span>
        <bdi>
          <code>{condition.text}</code>
        </bdi>
      </p>
    </>
  );
}

function Found({ value }: { readonly value: NonNullable<VerdictView['condition']>['operands'][number]['found'] }) {
  const text = useText();
  if (value === null) return <em>{text('value.unknown')}</em>;
  if (typeof value === 'boolean') return text(value ? 'value.yes' : 'value.no');
  return <bdi>{Array.isArray(value) ? value.join(', ') : String(value)}</bdi>;
}
