import type { Room } from '#contract/rooms.ts';
import { isMessageId, type TextOf } from '../wording/use-text.ts';

/** What central's no means: in the words of the room, else in those of all rooms. */
export const whyNot = (text: TextOf, room: Room, reason: string): string =>
  text([`${room}.no.${reason}`, `rooms.no.${reason}`].find(isMessageId) ?? 'rooms.no.other');
