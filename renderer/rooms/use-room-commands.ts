import { useEffect } from 'react';
import { useDeskWindow } from '../desk-window.ts';
import type { RoomCommands } from '../stores/rooms-store.ts';

/** What the keys of a room do, by what it shows now; null: nothing. */
export function useRoomCommands(commands: RoomCommands): void {
  const { rooms } = useDeskWindow();
  useEffect(() => {
    const stop = rooms.command(commands);
    return () => void stop();
  });
}
