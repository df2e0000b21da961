import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';
import type { News } from '#contract/news.ts';
import type { Room } from '#contract/rooms.ts';
import type { LocalCommand } from '../commands/commands.ts';

/** What the keys do in the room that is open, as far as they do anything now. */
export type RoomCommands = Readonly<Partial<Record<LocalCommand, (() => void) | null>>>;

export interface RoomsState {
  /** What whoever sits here is offered. */
  readonly offered: readonly Room[];
  readonly open: Room;
  /** Whether central's news comes in; null = not known yet. */
  readonly live: boolean | null;
}

export interface RoomsStore extends StoreApi<RoomsState> {
  /** Somebody sits here. */
  begin(rooms: readonly Room[]): void;
  /** Does nothing where the room is not offered. */
  enter(room: Room): void;
  take(news: News): void;
  /** From now on, until the returned function is called; beside what others do. */
  command(commands: RoomCommands): () => boolean;
  commandOf(id: LocalCommand): (() => void) | null;
}

const CALLS: readonly Room[] = ['calls'];

export function createRoomsStore(): RoomsStore {
  const store = createStore<RoomsState>(() => ({ offered: CALLS, open: 'calls', live: null }));
  const commanded = new Set<RoomCommands>();
  const offer = (offered: readonly Room[]): void =>
    store.setState(({ open }) => ({ offered, open: offered.includes(open) ? open : (offered[0] ?? open) }));
  return {
    ...store,
    command(commands) {
      commanded.add(commands);
      return () => commanded.delete(commands);
    },
    commandOf: (id) => [...commanded].map((commands) => commands[id] ?? null).find((run) => run !== null) ?? null,
    begin: offer,
    enter: (room) => store.setState(({ offered }) => (offered.includes(room) ? { open: room } : {})),
    take(news) {
      if (news.kind === 'link') store.setState({ live: news.body.live });
      if (news.kind === 'rooms') offer(news.body.rooms);
    },
  };
}

/** Whether the window is anything else than a desk for calls. */
export const hasRooms = ({ offered }: RoomsState): boolean => offered.length !== 1 || offered[0] !== 'calls';
