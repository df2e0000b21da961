import { Fragment } from 'react';
import type { ReactNode } from 'react';
import type { Room } from '#contract/rooms.ts';
import { runCommand } from '../commands/run-command.ts';
import { useDesk, useDeskWindow, useRooms, useSeat, useUi } from '../desk-window.ts';
import { ApprovalsRoom } from '../rooms/approvals/approvals-room.tsx';
import { WallRoom } from '../rooms/wall/wall-room.tsx';
import { ContestsRoom } from '../rooms/contests/contests-room.tsx';
import { OversightRoom } from '../rooms/oversight/oversight-room.tsx';
import { OverridesRoom } from '../rooms/overrides/overrides-room.tsx';
import { useText } from '../wording/use-text.ts';
import { CommandButton } from './command-button.tsx';
import { Icon } from './icon.tsx';
import { Panels } from './panels.tsx';

/** What is drawn in each room but the first, which is the agent's desk. */
const VIEWS: Readonly<Record<Exclude<Room, 'calls'>, () => ReactNode>> = {
  approvals: ApprovalsRoom,
  wall: WallRoom,
  overrides: OverridesRoom,
  contests: ContestsRoom,
  oversight: OversightRoom,
};

/** Panels that need no call. */
const ANYWHERE = ['settings', 'keys'] as const;

/** The window of whoever does more than take calls: the rooms they are offered, and the one that is open. */
export function Rooms({ desk }: { readonly desk: ReactNode }) {
  const text = useText();
  const open = useRooms((state) => state.open);
  const offered = useRooms((state) => state.offered);
  const View = open === 'calls' ? Fragment : VIEWS[open];
  return (
    <div className="rooms" data-room={open}>
      <section className="rooms-top" aria-label={text('rooms.top')}>
        {offered.length > 1 && <RoomList offered={offered} open={open} />}
        <Standing />
      </section>
      {open === 'calls' ? desk : <View />}
      {open !== 'calls' && (
        <div className="rooms-panel">
          <Panels only={ANYWHERE} />
        </div>
      )}
    </div>
  );
}

function RoomList({ offered, open }: { readonly offered: readonly Room[]; readonly open: Room }) {
  const text = useText();
  const window = useDeskWindow();
  const phase = useDesk(({ view }) => view?.call?.phase ?? null);
  const onCall = phase !== null && phase !== 'ended';
  return (
    <nav aria-label={text('rooms.label')}>
      <ul className="rooms-list">
        {offered.map((room) => (
          <li key={room}>
            <CommandButton
              command={`room-${room}`}
              className="button button-strip room"
              current={room === open}
              onPress={() => runCommand(window, `room-${room}`)}
            >
              {text(`room.${room}`)}
              {room === 'calls' && onCall && open !== 'calls' && <span className="room-note">{text(`phase.${phase}`)}</span>}
            </CommandButton>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Who it is, and whether central is heard. */
function Standing() {
  const text = useText();
  const window = useDeskWindow();
  const { api } = window;
  const open = useRooms((state) => state.open);
  const isSetting = useUi(({ panel }) => panel?.kind === 'settings');
  const name = useSeat(({ person }) => person?.name ?? '');
  const live = useRooms((state) => state.live);
  return (
    <div className="rooms-end">
      <span className="link-state" role="status" data-state={live === false ? 'offline' : 'live'}>
        {live !== null && <Icon name={live ? 'live' : 'offline'} />}
        <span className="link-word">{live === null ? '' : text(live ? 'link.live' : 'rooms.away')}</span>
      </span>
      <bdi className="rooms-name clamp-1">{name}</bdi>
      {open !== 'calls' && (
        <CommandButton
          command="settings"
          className="button button-strip button-icon"
          label={text('settings.open')}
          expanded={isSetting}
          onPress={() => runCommand(window, 'settings')}
        >
          <Icon name="settings" />
        </CommandButton>
      )}
      <button type="button" className="button button-strip" onClick={() => api.leave()}>
        {text('settings.leave')}
      </button>
    </div>
  );
}
