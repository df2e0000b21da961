import { COMMANDS } from '../commands/commands.ts';
import { isPossible, runCommand } from '../commands/run-command.ts';
import { useCall, useDeskWindow, useUi } from '../desk-window.ts';
import { comboOf } from '../commands/commands.ts';
import type { CommandId } from '../commands/commands.ts';
import { useText } from '../wording/use-text.ts';
import { Keys } from './command-button.tsx';
import { PanelFrame } from './panel-frame.tsx';
import { SearchList } from './search-list.tsx';
import type { SearchRow } from './search-list.tsx';
import { useVerdicts } from './use-verdicts.ts';
import { verdictRows } from './verdict-rows.tsx';

const COMMAND = 'command:';

/** Everything by name: commands to do, actions to look into. */
export function PalettePanel() {
  const text = useText();
  const window = useDeskWindow();
  const call = useCall();
  const combos = useUi((state) => state.combos);
  const verdicts = useVerdicts(call === null ? null : { callId: call.callId });
  const commands: readonly SearchRow[] = COMMANDS.filter(({ id }) => id !== 'palette' && isPossible(window, id)).map(({ id }) => {
    const combo = comboOf(id, combos);
    return {
      id: `${COMMAND}${id}`,
      name: text(`command.${id}`),
      words: text('palette.commands'),
      content: (
        <>
          <span className="row-name">{text(`command.${id}`)}</span>
          {combo !== null && <Keys combo={combo} />}
        </>
      ),
    };
  });
  const actions = verdicts.state === 'ready' ? verdictRows(verdicts.verdicts, text) : [];
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
