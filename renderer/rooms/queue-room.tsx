import type { ReactNode } from 'react';
import type { Room } from '#contract/rooms.ts';
import { useText } from '../wording/use-text.ts';

interface Props {
  readonly room: Room;
  /** What waits. */
  readonly side: ReactNode;
  /** One of it is looked at: a narrow window shows that alone. */
  readonly isOpen: boolean;
  /** Central cannot be asked: what is shown may be old. */
  readonly trouble: boolean;
  /** What is looked at, or what there is besides. */
  readonly children: ReactNode;
}

/** A room in which one thing after the other is looked at. */
export function QueueRoom({ room, side, isOpen, trouble, children }: Props) {
  const text = useText();
  return (
    <main className="room-main queue" aria-labelledby="room-title" data-open={isOpen}>
      <div className="queue-side">
        <h1 className="room-title" id="room-title">
          {text(`room.${room}`)}
        </h1>
        {trouble && <p className="panel-note">{text('rooms.away.detail')}</p>}
        {side}
      </div>
      {children}
    </main>
  );
}
