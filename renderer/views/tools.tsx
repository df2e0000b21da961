import { isPossible, runCommand } from '../commands/run-command.ts';
import { useDesk, useDeskWindow, usePlace, useUi } from '../desk-window.ts';
import { useText } from '../wording/use-text.ts';
import { CommandButton } from './command-button.tsx';
import { Icon } from './icon.tsx';

/** What the agent pulls: why not something, a suggestion now, anything by name. */
export function Tools() {
  const text = useText();
  const window = useDeskWindow();
  const panel = useUi((state) => state.panel?.kind);
  useDesk((state) => state.view);
  usePlace((state) => state.shown);
  return (
    <nav className="tools" aria-label={text('tools.label')}>
      <CommandButton
        command="why-not"
        className="button button-tool"
        expanded={panel === 'why-not'}
        disabled={!isPossible(window, 'why-not')}
        onPress={() => runCommand(window, 'why-not')}
      >
        <Icon name="why-not" />
        {text('tools.why-not')}
      </CommandButton>
      <CommandButton className="button button-tool" disabled={!isPossible(window, 'ask')} onPress={() => runCommand(window, 'ask')}>
        <Icon name="ask" />
        {text('tools.ask')}
      </CommandButton>
      <CommandButton
        command="palette"
        className="button button-tool"
        expanded={panel === 'palette'}
        onPress={() => runCommand(window, 'palette')}
      >
        <Icon name="search" />
        {text('tools.search')}
      </CommandButton>
    </nav>
  );
}
