import { useEffect, useState } from 'react';
import { Switch } from 'react-aria-components/Switch';
import { comboOf, comboOfEvent, isAllowedCombo, isSameCombo } from '../commands/commands.ts';
import type { CommandId } from '../commands/commands.ts';
import { commandsFor } from '../commands/run-command.ts';
import { useDeskWindow, useUi } from '../desk-window.ts';
import { useText } from '../wording/use-text.ts';
import { Keys } from './command-button.tsx';
import { PanelFrame } from './panel-frame.tsx';

const MODIFIER_KEYS = new Set(['Alt', 'Control', 'Meta', 'Shift', 'AltGraph']);

/** Every shortcut, each to be changed, all to be switched off. Kept while the window is open. */
export function KeysPanel() {
  const text = useText();
  const window = useDeskWindow();
  const { ui } = window;
  const { shortcutsOn, combos } = useUi((state) => state);
  const [listening, setListening] = useState<CommandId | null>(null);
  const [complaint, setComplaint] = useState('');

  useEffect(() => {
    if (listening === null) return;
    const onKey = (event: KeyboardEvent): void => {
      if (MODIFIER_KEYS.has(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.key === 'Escape') {
        setListening(null);
        return;
      }
      const combo = comboOfEvent(event);
      const other = commandsFor(window).find(({ id }) => {
        const taken = comboOf(id, combos);
        return id !== listening && taken !== null && isSameCombo(taken, combo);
      });
      if (!isAllowedCombo(combo)) setComplaint(text('keys.needs-modifier'));
      else if (other !== undefined) setComplaint(text('keys.taken', { name: text(`command.${other.id}`) }));
      else {
        ui.setState({ combos: { ...combos, [listening]: combo } });
        setListening(null);
        setComplaint('');
      }
    };
    // First of all listeners: the keys being chosen must not do what they did before.
    addEventListener('keydown', onKey, true);
    return () => removeEventListener('keydown', onKey, true);
  }, [listening, combos, ui, text, window]);

  return (
    <PanelFrame title={text('keys.title')}>
      <Switch className="switch" isSelected={shortcutsOn} onChange={(on) => ui.setState({ shortcutsOn: on })}>
        <span className="switch-track" />
        {text('keys.on')}
      </Switch>
      <ul className="key-list">
        {commandsFor(window).map(({ id }) => {
          const combo = comboOf(id, combos);
          return (
            <li key={id}>
              <span className="row-name">{text(`command.${id}`)}</span>
              {listening === id ? <span className="muted">{text('keys.press')}</span> : combo !== null && <Keys combo={combo} />}
              <button
                type="button"
                className="button button-strip"
                aria-label={`${text('keys.change')}: ${text(`command.${id}`)}`}
                onClick={() => {
                  setComplaint('');
                  setListening(listening === id ? null : id);
                }}
              >
                {text('keys.change')}
              </button>
            </li>
          );
        })}
        <li>
          <span className="row-name">{text('keys.close')}</span>
          <span className="keys" aria-hidden="true">
            <kbd>Esc</kbd>
          </span>
        </li>
      </ul>
      <p className="muted" role="status">
        {complaint}
      </p>
      <button type="button" className="button" onClick={() => ui.setState({ combos: {} })}>
        {text('keys.reset')}
      </button>
    </PanelFrame>
  );
}
