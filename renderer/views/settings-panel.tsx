import { useState } from 'react';
import { Label } from 'react-aria-components/Label';
import { Radio, RadioGroup } from 'react-aria-components/RadioGroup';
import { Switch } from 'react-aria-components/Switch';
import { EXPERIENCE_LEVELS } from '#contract/policy.ts';
import { useDesk, useDeskWindow, useSeat, useUi } from '../desk-window.ts';
import { useText } from '../wording/use-text.ts';
import { PanelFrame } from './panel-frame.tsx';

const THEMES = ['system', 'light', 'dark'] as const;
const SPEAKS = ['all', 'must', 'none'] as const;

export function SettingsPanel() {
  const text = useText();
  const { api, ui } = useDeskWindow();
  // Whoever takes no calls has no engine, and nothing of the desk's to set.
  const level = useDesk(({ view }) => view?.session.level ?? null);
  const name = useSeat(({ person }) => person?.name ?? null);
  const agentName = useDesk(({ view }) => view?.session.agentName ?? name);
  const [refused, setRefused] = useState(false);
  const { theme, speak, onTop } = useUi((state) => state);
  return (
    <PanelFrame title={text('settings.title')}>
      {level !== null && (
        <Choices
          label={text('settings.level')}
          value={level}
          options={EXPERIENCE_LEVELS.map((one) => ({
            id: one,
            name: text(`settings.level.${one}`),
            detail: text(`settings.level.${one}.detail`),
          }))}
          onChoose={(one) => void api.level(one).then((taken) => setRefused(!taken))}
        />
      )}
      {refused && <p className="panel-note">{text('settings.level.refused')}</p>}
      <Choices
        label={text('settings.theme')}
        value={theme}
        options={THEMES.map((one) => ({ id: one, name: text(`settings.theme.${one}`) }))}
        onChoose={(one) => {
          ui.setState({ theme: one });
          api.theme(one);
        }}
      />
      {level !== null && (
        <>
          <Choices
            label={text('settings.speak')}
            value={speak}
            options={SPEAKS.map((one) => ({ id: one, name: text(`settings.speak.${one}`) }))}
            onChoose={(one) => ui.setState({ speak: one })}
          />
          <Switch
            className="switch"
            isSelected={onTop}
            onChange={(on) => {
              ui.setState({ onTop: on });
              api.compact(on, on);
            }}
          >
            <span className="switch-track" />
            {text('settings.on-top')}
          </Switch>
        </>
      )}
      <button type="button" className="button" onClick={() => ui.setState({ panel: { kind: 'keys' } })}>
        {text('settings.keys')}
      </button>
      <section className="signed-in" aria-label={text('settings.person')}>
        <p>
          <span className="small-title">{text('settings.person')}</span>
          <bdi>{agentName}</bdi>
        </p>
        <button type="button" className="button" onClick={() => api.leave()}>
          {text('settings.leave')}
        </button>
      </section>
    </PanelFrame>
  );
}

interface ChoicesProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly id: T; readonly name: string; readonly detail?: string }[];
  readonly onChoose: (id: T) => void;
}

function Choices<T extends string>({ label, value, options, onChoose }: ChoicesProps<T>) {
  return (
    <RadioGroup
      className="choices"
      value={value}
      onChange={(chosen) => {
        const option = options.find(({ id }) => id === chosen);
        if (option !== undefined) onChoose(option.id);
      }}
    >
      <Label className="small-title">{label}</Label>
      {options.map((option) => (
        <Radio key={option.id} value={option.id} className="choice">
          <span>
            {option.name}
            {option.detail !== undefined && <span className="choice-detail">{option.detail}</span>}
          </span>
        </Radio>
      ))}
    </RadioGroup>
  );
}
