import { useEffect } from 'react';
import { useDeskWindow } from '../desk-window.ts';
import type { DeskWindow } from '../desk-window.ts';
import { comboOf, comboOfEvent, isSameCombo } from './commands.ts';
import type { CommandId } from './commands.ts';
import { commandsFor, runCommand } from './run-command.ts';

/** Least time between two runs of one command. */
export const THROTTLE_MS = 300;

const TYPED_IN = 'input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]';

const commandOf = (window: DeskWindow, event: KeyboardEvent): CommandId | null => {
  const { combos } = window.ui.getState();
  const pressed = comboOfEvent(event);
  return (
    commandsFor(window).find(({ id }) => {
      const combo = comboOf(id, combos);
      return combo !== null && isSameCombo(combo, pressed);
    })?.id ?? null
  );
};

/** Binds the registry's keys. None works while somebody types; Escape closes what is open. */
export function useShortcuts(): void {
  const window = useDeskWindow();
  useEffect(() => {
    const lastRunMs = new Map<CommandId, number>();
    const onKey = (event: KeyboardEvent): void => {
      const { ui, place } = window;
      if (event.defaultPrevented) return;
      if (event.key === 'Escape') {
        if (ui.getState().panel !== null) ui.close();
        else ui.setState({ armedKey: null });
        return;
      }
      const typing = document.activeElement?.matches(TYPED_IN) ?? false;
      const id = typing || !ui.getState().shortcutsOn ? null : commandOf(window, event);
      if (id !== null) {
        event.preventDefault();
        const now = performance.now();
        if (!event.repeat && now - (lastRunMs.get(id) ?? Number.NEGATIVE_INFINITY) >= THROTTLE_MS) {
          lastRunMs.set(id, now);
          runCommand(window, id);
        }
      }
      place.keyPressed();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [window]);
}
