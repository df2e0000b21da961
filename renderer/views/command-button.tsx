import type { ReactNode } from 'react';
import { comboAria, comboOf, comboParts } from '../commands/commands.ts';
import type { Combo, CommandId } from '../commands/commands.ts';
import { useUi } from '../desk-window.ts';

/** The keys of a command as they are now; null when it has none or shortcuts are off. */
export function useCombo(id: CommandId | undefined): Combo | null {
  return useUi(({ combos, shortcutsOn }) => (id === undefined || !shortcutsOn ? null : comboOf(id, combos)));
}

export function Keys({ combo }: { readonly combo: Combo }) {
  return (
    <span className="keys" aria-hidden="true">
      <kbd>{comboParts(combo).join(' ')}</kbd>
    </span>
  );
}

interface Props {
  readonly command?: CommandId;
  readonly className?: string;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
  readonly expanded?: boolean;
  /** It stands for what is open now. */
  readonly current?: boolean;
  readonly label?: string;
  readonly onPress: () => void;
  readonly children: ReactNode;
}

/** A button that says which keys do the same. The second click of a double click is a slip, not an answer. */
export function CommandButton({
  command,
  className = 'button',
  disabled = false,
  pressed,
  expanded,
  current,
  label,
  onPress,
  children,
}: Props) {
  const combo = useCombo(command);
  return (
    <button
      type="button"
      className={className}
      disabled={disabled}
      aria-pressed={pressed}
      aria-expanded={expanded}
      aria-current={current === true ? 'page' : undefined}
      aria-label={label}
      aria-keyshortcuts={combo === null ? undefined : comboAria(combo)}
      onClick={(event) => {
        if (event.detail < 2) onPress();
      }}
    >
      {children}
      {combo !== null && <Keys combo={combo} />}
    </button>
  );
}
