import { useState } from 'react';
import { Label } from 'react-aria-components/Label';
import { Radio, RadioGroup } from 'react-aria-components/RadioGroup';
import type { CardView } from '#contract/desk.ts';
import { REJECT_REASONS, RejectReason } from '#contract/policy.ts';
import { useAnswers, useCall, useDeskWindow } from '../desk-window.ts';
import { useRichText, useText } from '../wording/use-text.ts';
import { actionRows, isChoosable } from './action-rows.ts';
import { PanelFrame } from './panel-frame.tsx';
import { SearchList } from './search-list.tsx';
import { useCard } from './use-card.ts';
import { useExplanation } from './use-explanation.ts';

export function OverridePanel({ cardKey, chosen }: { readonly cardKey: string; readonly chosen: string | null }) {
  const text = useText();
  const card = useCard(cardKey);
  return (
    <PanelFrame title={text('override.title')}>
      {card === null ? <p className="muted">{text('chip.gone')}</p> : <Override card={card} preset={chosen} />}
    </PanelFrame>
  );
}

/** Doing something else is not an error: choose what, say why if there is time. */
function Override({ card, preset }: { readonly card: CardView; readonly preset: string | null }) {
  const text = useText();
  const rich = useRichText();
  const { answers, ui } = useDeskWindow();
  const call = useCall();
  const catalogue = useExplanation('explain:actions', call === null ? null : { callId: call.callId });
  const [chosen, setChosen] = useState(preset);
  const [reason, setReason] = useState<RejectReason | null>(null);
  const saving = useAnswers((state) => state.savingKey !== null);
  if (catalogue.state !== 'ready') return <p className="muted">{text(catalogue.state === 'away' ? 'why-not.away' : 'why-not.loading')}</p>;
  const others = catalogue.answer.actions.filter((action) => action.actionId !== card.actionId);
  const choosable = actionRows(others.filter(isChoosable), text);
  const forbidden = actionRows(
    others.filter((action) => !isChoosable(action)),
    text,
  ).map((row) => ({ ...row, disabled: true }));
  const picked = choosable.find(({ id }) => id === chosen);
  const save = async (chosenActionId: string): Promise<void> => {
    const saved = await answers.answer(card, { kind: 'overridden', chosenActionId, ...(reason === null ? {} : { reason }) });
    if (saved?.saved === true) ui.close();
  };
  return (
    <>
      <p className="panel-lead">{rich('override.instead-of', { name: <bdi key="name">{card.name}</bdi> })}</p>
      <SearchList
        rows={[...choosable, ...forbidden]}
        label={text('why-not.search')}
        empty={text('why-not.none')}
        chosen={picked?.id ?? null}
        onChoose={setChosen}
      />
      <RadioGroup
        className="choices"
        value={reason}
        onChange={(value) => {
          const parsed = RejectReason.safeParse(value);
          if (parsed.success) setReason(parsed.data);
        }}
      >
        <Label className="small-title">{text('override.reason')}</Label>
        {REJECT_REASONS.map((one) => (
          <Radio key={one} value={one} className="choice">
            {text(`reason.${one}`)}
          </Radio>
        ))}
      </RadioGroup>
      <div className="panel-foot">
        <p className="muted">
          {picked === undefined ? text('override.pick') : rich('override.chosen', { name: <bdi key="name">{picked.name}</bdi> })}
        </p>
        <button
          type="button"
          className="button button-main"
          disabled={picked === undefined || saving}
          onClick={() => {
            if (picked !== undefined) void save(picked.id);
          }}
        >
          {text(saving ? 'card.saving' : 'override.save')}
        </button>
      </div>
    </>
  );
}
