import { useMemo } from 'react';
import { commandsFor, isPossible, runCommand } from '../commands/run-command.ts';
import { useCall, useDeskWindow, useUi } from '../desk-window.ts';
import { comboOf } from '../commands/commands.ts';
import type { CommandId } from '../commands/commands.ts';
import { useText } from '../wording/use-text.ts';
import { actionRows } from './action-rows.ts';
import { PanelFrame } from './panel-frame.tsx';
import { SearchList } from './search-list.tsx';
import type { SearchRow } from './search-list.tsx';
import { useExplanation } from './use-explanation.ts';

const COMMAND = 'command:';

/** Everything by name: commands to do, actions to look into. */
export function PalettePanel() {
  const text = useText();
  const window = useDeskWindow();
  const call = useCall();
  const combos = useUi((state) => state.combos);
  const catalogue = useExplanation('explain:actions', call === null ? null : { callId: call.callId });
  const commands: readonly SearchRow[] = commandsFor(window)
    .filter(({ id }) => id !== 'palette' && isPossible(window, id))
    .map(({ id }) => {
      const combo = comboOf(id, combos);
      return {
        id: `${COMMAND}${id}`,
        name: text(`command.${id}`),
        words: text('palette.commands'),
        ...(combo === null ? {} : { combo }),
      };
    });
  const actions = useMemo(() => (catalogue.state === 'ready' ? actionRows(catalogue.answer.actions, text) : []), [catalogue, text]);
  const choose = (id: string): void => {
    if (!id.startsWith(COMMAND)) {
      window.ui.setState({ panel: { kind: 'why-not', actionId: id } });
      return;
    }
    window.ui.close();
    runCommand(window, id.slice(COMMAND.length) as CommandId);
  };
  return (
    <PanelFrame title={text('palette.title')}>
      <SearchList
        rows={[...commands, ...actions]}
        label={text('palette.search')}
        empty={text('palette.none')}
        chosen={null}
        onChoose={choose}
      />
    </PanelFrame>
  );
}
