import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';
import type { Combo, CommandId } from '../commands/commands.ts';

/** An action of the catalogue, in one decision or, with null, as it would be decided now. */
export interface ActionRow {
  readonly decisionId: string | null;
  readonly actionId: string;
  readonly name: string;
}

/** What is open beside the card. One at a time. */
export type Panel =
  | { readonly kind: 'why'; readonly key: string }
  | { readonly kind: 'what-if'; readonly key: string }
  | { readonly kind: 'what-if-row'; readonly row: ActionRow }
  | { readonly kind: 'speakable'; readonly key: string }
  | { readonly kind: 'chip'; readonly key: string }
  | { readonly kind: 'request'; readonly key: string }
  | { readonly kind: 'contest'; readonly key: string | null }
  | { readonly kind: 'why-not'; readonly actionId: string | null }
  | { readonly kind: 'override'; readonly key: string; readonly chosen: string | null }
  | { readonly kind: 'palette' }
  | { readonly kind: 'details' }
  | { readonly kind: 'settings' }
  | { readonly kind: 'keys' };

export type Theme = 'system' | 'light' | 'dark';
/** Which prompts are announced to a screen reader. */
export type Speak = 'all' | 'must' | 'none';

export interface UiState {
  readonly panel: Panel | null;
  /** The significant prompt waiting for its second gesture. */
  readonly armedKey: string | null;
  readonly theme: Theme;
  readonly speak: Speak;
  readonly onTop: boolean;
  readonly shortcutsOn: boolean;
  /** Combinations the agent chose instead of the usual ones. */
  readonly combos: Readonly<Partial<Record<CommandId, Combo>>>;
}

export interface UiStore extends StoreApi<UiState> {
  /** Opens a panel, or closes it when it is the one that is open. */
  toggle(panel: Panel): void;
  close(): void;
  /** Gives the focus back to what had it before a panel opened; to the card's place where that is gone. */
  returnFocus(): void;
}

export function createUiStore(): UiStore {
  const store = createStore<UiState>(() => ({
    panel: null,
    armedKey: null,
    theme: 'system',
    speak: 'all',
    onTop: false,
    shortcutsOn: true,
    combos: {},
  }));
  let opener: Element | null = null;
  store.subscribe((state, before) => {
    if (before.panel === null && state.panel !== null) opener = document.activeElement;
  });
  return {
    ...store,
    toggle: (panel) => store.setState((state) => ({ panel: state.panel?.kind === panel.kind ? null : panel })),
    close: () => store.setState({ panel: null }),
    returnFocus: () => {
      // Somebody who went on elsewhere while the panel was open stays there.
      if (document.activeElement !== document.body) return;
      const back =
        opener instanceof HTMLElement && opener.isConnected && opener !== document.body ? opener : document.getElementById('place');
      back?.focus();
    },
  };
}
