import { useMemo, useState } from 'react';
import type { ActionView, VerdictView } from '#contract/desk.ts';
import type { IpcResponse } from '#contract/ipc.ts';
import type { Combo } from '../commands/commands.ts';
import { openCard } from '../commands/run-command.ts';
import { useCall, useDeskWindow, usePlace } from '../desk-window.ts';
import { cardKey } from '../stores/desk-store.ts';
import { useText } from '../wording/use-text.ts';
import { actionRows, isChoosable } from './action-rows.ts';
import { Keys } from './command-button.tsx';
import { gateMessage } from './gate-words.ts';
import { PanelFrame } from './panel-frame.tsx';
import { SearchList } from './search-list.tsx';
import { useExplanation } from './use-explanation.ts';

/** Enter on the row that is chosen asks what would change it. */
const ENTER: Combo = { code: 'Enter', alt: false, mod: false, shift: false };

/** Any action of the catalogue: the first gate that stopped it, and the customer's value beside the one it needs. */
export function WhyNotPanel({ actionId }: { readonly actionId: string | null }) {
  const text = useText();
  const window = useDeskWindow();
  const call = useCall();
  const [chosen, setChosen] = useState(actionId);
  const catalogue = useExplanation('explain:actions', call === null ? null : { callId: call.callId });
  const { decisionId, actions } = catalogue.state === 'ready' ? catalogue.answer : NOTHING;
  const rows = useMemo(() => actionRows(actions, text), [actions, text]);
  const found = actions.find((action) => action.actionId === chosen);
  // With a suggestion on the screen the question is about the decision that made it: since then its gap holds everything else back.
  const whatIf = ({ actionId: id, name }: ActionView): void =>
    window.ui.setState({ panel: { kind: 'what-if-row', row: { decisionId: openCard(window)?.decisionId ?? null, actionId: id, name } } });
  return (
    <PanelFrame title={text('why-not.title')}>
      {catalogue.state === 'away' ? (
        <p className="muted">{text('why-not.away')}</p>
      ) : (
        <>
          {/* There before the answer is: what is typed meanwhile counts. */}
          <SearchList
            rows={rows}
            label={text('why-not.search')}
            empty={text(catalogue.state === 'loading' ? 'why-not.loading' : 'why-not.none')}
            isWaiting={catalogue.state === 'loading'}
            chosen={chosen}
            onChoose={setChosen}
            onEnterChosen={() => found !== undefined && whatIf(found)}
          />
          <section className="verdict" aria-live="polite">
            {found === undefined || call === null ? (
              <p className="muted">{text('why-not.pick')}</p>
            ) : (
              <Ending action={found} decisionId={decisionId} callId={call.callId} onWhatIf={() => whatIf(found)} />
            )}
          </section>
        </>
      )}
    </PanelFrame>
  );
}

const NOTHING: IpcResponse<'explain:actions'> = { decisionId: null, actions: [] };

interface EndingProps {
  readonly action: ActionView;
  readonly decisionId: string | null;
  readonly callId: string;
  readonly onWhatIf: () => void;
}

/** Where an action ended, at once; then the rule and the customer's values, below what can be pressed. */
function Ending({ action, decisionId, callId, onWhatIf }: EndingProps) {
  const text = useText();
  const window = useDeskWindow();
  usePlace((state) => state.shown);
  const card = openCard(window);
  const { actionId, name, issue, group } = action;
  const asked = useExplanation('explain:verdict', { callId, actionId, ...(decisionId === null ? {} : { decisionId }) });
  return (
    <>
      <h3 className="verdict-name">
        <bdi>{name}</bdi>
      </h3>
      <p className="muted">
        <bdi>{issue}</bdi> · <bdi>{group}</bdi>
      </p>
      <p>
        <strong>{text(gateMessage(action))}</strong>
      </p>
      <div className="verdict-actions">
        <button type="button" className="button" aria-keyshortcuts="Enter" onClick={onWhatIf}>
          {text('what-if.title')}
          <Keys combo={ENTER} />
        </button>
        {card !== null && card.actionId !== actionId && isChoosable(action) && (
          <button
            type="button"
            className="button"
            onClick={() => window.ui.setState({ panel: { kind: 'override', key: cardKey(card), chosen: actionId } })}
          >
            {text('why-not.use')}
          </button>
        )}
      </div>
      {asked.state === 'away' && <p className="muted">{text('why-not.away')}</p>}
      {asked.state === 'ready' && asked.answer.verdict !== null && <Stopped by={asked.answer.verdict} />}
    </>
  );
}

/** The rule that stopped it, and the condition. */
function Stopped({ by: { by, condition } }: { readonly by: VerdictView }) {
  const text = useText();
  return (
    <>
      {by !== null && (
        <p className="verdict-by">
          {text('why-not.by')}: <bdi>{by}</bdi>
        </p>
      )}
      {condition !== null && <Condition condition={condition} />}
    </>
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
