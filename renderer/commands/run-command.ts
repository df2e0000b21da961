import type { CardView } from '#contract/desk.ts';
import type { DeskWindow } from '../desk-window.ts';
import { isAnswered } from '../stores/answers-store.ts';
import { cardKey, isEngineReady } from '../stores/desk-store.ts';
import { COMMANDS, isLocalCommand, isRoomCommand, roomOf } from './commands.ts';
import type { CommandId, LocalCommand, RoomCommand } from './commands.ts';

/** "After this topic": about as long as one takes. The engine counts milliseconds, not topics. */
export const SNOOZE_TOPIC_MS = 60_000;
export const SNOOZE_SHORT_MS = 120_000;

/** The prompt a command answers: the one in the place, while it is open. */
export function openCard(window: DeskWindow): CardView | null {
  const { shown } = window.place.getState();
  return shown === null || isAnswered(window.answers.getState(), shown) ? null : shown;
}

/** Accepts; a significant prompt first asks for a second, different gesture. */
export function acceptCard(window: DeskWindow, card: CardView): void {
  if (card.significant) window.ui.setState({ armedKey: cardKey(card) });
  else void window.answers.answer(card, { kind: 'accepted' });
}

/** The commands there are for whoever sits here: rooms they are not offered are not spoken of. */
export const commandsFor = (window: DeskWindow): readonly (typeof COMMANDS)[number][] => {
  const { offered } = window.rooms.getState();
  return COMMANDS.filter((command) =>
    'room' in command
      ? offered.includes(command.room)
      : !isRoomCommand(command.id) || (offered.length > 1 && offered.includes(roomOf(command.id))),
  );
};

/** Whether a command would do something now. */
export function isPossible(window: DeskWindow, id: CommandId): boolean {
  const { open, offered } = window.rooms.getState();
  if (isRoomCommand(id)) return offered.includes(roomOf(id));
  if (isLocalCommand(id)) return window.rooms.commandOf(id) !== null;
  if (id === 'settings' || id === 'keys') return true;
  // What is not on the screen is not answered.
  return open === 'calls' && isPossibleAtDesk(window, id);
}

function isPossibleAtDesk(window: DeskWindow, id: Exclude<CommandId, RoomCommand | LocalCommand>): boolean {
  const { view } = window.desk.getState();
  const inCall = view !== null && view.call !== null && view.call.phase !== 'ended';
  switch (id) {
    case 'accept':
    case 'not-now':
    case 'why':
    case 'what-if':
    case 'speakable':
    case 'snooze-topic':
    case 'snooze-short':
    case 'override':
      return openCard(window) !== null;
    case 'why-not':
      return inCall;
    case 'quiet':
    case 'ask':
      return inCall && view.call?.phase !== 'wrap-up' && isEngineReady(window.desk.getState());
    case 'contest':
      return (view?.cards.length ?? 0) > 0;
    case 'undo':
      return window.answers.getState().receipt?.state === 'saved';
    case 'next-chip':
    case 'previous-chip':
      return view?.cards.some((card) => card.role === 'chip') ?? false;
    case 'palette':
    case 'keys':
    case 'details':
    case 'settings':
      return true;
  }
}

export function runCommand(window: DeskWindow, id: CommandId): void {
  if (!isPossible(window, id)) return;
  if (isRoomCommand(id)) return window.rooms.enter(roomOf(id));
  if (isLocalCommand(id)) return window.rooms.commandOf(id)?.();
  const call = window.desk.getState().view?.call ?? null;
  const card = openCard(window);
  switch (id) {
    case 'accept':
      if (card) acceptCard(window, card);
      return;
    case 'not-now':
      if (card) void window.answers.answer(card, { kind: 'rejected' });
      return;
    case 'snooze-topic':
      if (card) void window.answers.answer(card, { kind: 'snoozed', forMs: SNOOZE_TOPIC_MS });
      return;
    case 'snooze-short':
      if (card) void window.answers.answer(card, { kind: 'snoozed', forMs: SNOOZE_SHORT_MS });
      return;
    case 'why':
    case 'what-if':
    case 'speakable':
      if (card) window.ui.toggle({ kind: id, key: cardKey(card) });
      return;
    case 'override':
      if (card) window.ui.toggle({ kind: 'override', key: cardKey(card), chosen: null });
      return;
    case 'contest':
      window.ui.toggle({ kind: 'contest', key: card === null ? null : cardKey(card) });
      return;
    case 'why-not':
      window.ui.toggle({ kind: 'why-not', actionId: null });
      return;
    case 'quiet':
      if (call) void window.api.quiet(call.callId, !call.quiet);
      return;
    case 'ask':
      if (call) void window.api.ask(call.callId);
      return;
    case 'undo':
      void window.answers.undo();
      return;
    case 'next-chip':
      moveChipFocus(1);
      return;
    case 'previous-chip':
      moveChipFocus(-1);
      return;
    case 'palette':
    case 'keys':
    case 'details':
    case 'settings':
      window.ui.toggle({ kind: id });
  }
}

/** Chips are ordinary buttons: the next one is the next in the document. */
function moveChipFocus(step: 1 | -1): void {
  const chips = [...document.querySelectorAll<HTMLElement>('[data-chip]')];
  const at = chips.findIndex((chip) => chip === document.activeElement);
  const next = at === -1 ? (step === 1 ? 0 : chips.length - 1) : (at + step + chips.length) % chips.length;
  chips[next]?.focus();
}
