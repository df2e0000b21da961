/** Every command of the window, once: key bindings, hints, `aria-keyshortcuts`, the overlay and the palette are made from this list. */
import { type Room, ROOMS } from '#contract/rooms.ts';

export interface Combo {
  /** Physical key, `KeyboardEvent.code`: the same place on every layout. */
  readonly code: string;
  readonly alt: boolean;
  /** Control, on a Mac Command. */
  readonly mod: boolean;
  readonly shift: boolean;
}

const alt = (code: string): Combo => ({ code, alt: true, mod: false, shift: false });
const mod = (code: string): Combo => ({ code, alt: false, mod: true, shift: false });

export const COMMANDS = [
  { id: 'accept', combo: alt('Digit1') },
  { id: 'not-now', combo: alt('Digit2') },
  { id: 'why', combo: alt('Digit3') },
  { id: 'why-not', combo: alt('Digit4') },
  { id: 'what-if', combo: alt('Digit5') },
  { id: 'speakable', combo: alt('Digit6') },
  { id: 'quiet', combo: alt('Digit0') },
  { id: 'undo', combo: alt('Backspace') },
  { id: 'next-chip', combo: alt('KeyJ') },
  { id: 'previous-chip', combo: alt('KeyK') },
  { id: 'palette', combo: mod('KeyK') },
  { id: 'keys', combo: mod('Slash') },
  { id: 'snooze-topic', combo: null },
  { id: 'snooze-short', combo: null },
  { id: 'override', combo: null },
  { id: 'ask', combo: null },
  { id: 'contest', combo: null },
  { id: 'details', combo: null },
  { id: 'settings', combo: null },
  // Of one room: done by whatever it shows (`useRoomCommands`).
  { id: 'approve', combo: alt('KeyA'), room: 'approvals' },
  { id: 'decline', combo: alt('KeyD'), room: 'approvals' },
  { id: 'ask-agent', combo: alt('KeyQ'), room: 'approvals' },
  ...ROOMS.map((room, i) => ({ id: `room-${room}` as const, combo: mod(`Digit${i + 1}`) })),
] as const satisfies readonly { id: string; combo: Combo | null; room?: Room }[];

export type CommandId = (typeof COMMANDS)[number]['id'];

/** What is done by the room that is open. */
export type LocalCommand = Extract<(typeof COMMANDS)[number], { readonly room: Room }>['id'];
export const isLocalCommand = (id: CommandId): id is LocalCommand => COMMANDS.some((command) => command.id === id && 'room' in command);

/** What enters a room. */
export type RoomCommand = `room-${Room}`;
export const isRoomCommand = (id: CommandId): id is RoomCommand => ROOMS.some((room) => id === `room-${room}`);
export const roomOf = (id: RoomCommand): Room => ROOMS.find((room) => id === `room-${room}`) ?? 'calls';

/** A combination without a modifier would fire while somebody dictates or types. */
export const isAllowedCombo = (combo: Combo): boolean => combo.alt || combo.mod;

export const comboOf = (id: CommandId, chosen: Readonly<Partial<Record<CommandId, Combo>>>): Combo | null =>
  chosen[id] ?? COMMANDS.find((command) => command.id === id)?.combo ?? null;

export const isMac = (): boolean => navigator.userAgent.includes('Mac');

export const comboOfEvent = (event: KeyboardEvent): Combo => ({
  code: event.code,
  alt: event.altKey,
  mod: isMac() ? event.metaKey : event.ctrlKey,
  shift: event.shiftKey,
});

export const isSameCombo = (a: Combo, b: Combo): boolean => a.code === b.code && a.alt === b.alt && a.mod === b.mod && a.shift === b.shift;

const KEY_NAMES: Readonly<Record<string, string>> = { Slash: '/', Backspace: 'Backspace', Comma: ',', Period: '.', Minus: '-', Equal: '=' };
const keyName = (code: string): string => KEY_NAMES[code] ?? code.replace(/^(Key|Digit|Numpad)/, '');

/** As people write it: `Alt 1`. */
export function comboParts(combo: Combo): readonly string[] {
  const mac = isMac();
  return [
    ...(combo.mod ? [mac ? '⌘' : 'Ctrl'] : []),
    ...(combo.alt ? [mac ? '⌥' : 'Alt'] : []),
    ...(combo.shift ? [mac ? '⇧' : 'Shift'] : []),
    keyName(combo.code),
  ];
}

/** As `aria-keyshortcuts` wants it: `Alt+1`. */
export function comboAria(combo: Combo): string {
  return [
    ...(combo.mod ? [isMac() ? 'Meta' : 'Control'] : []),
    ...(combo.alt ? ['Alt'] : []),
    ...(combo.shift ? ['Shift'] : []),
    keyName(combo.code),
  ].join('+');
}
