/** A live lane of people who are no desk: let in by their own token, cut when they may not be there any more or see others' rows. */
import type { Namespace, Socket } from 'socket.io';
import { ApproverHandshake } from '#contract/approval.ts';
import type { AdmittedSockets } from '../access/admitted-sockets.ts';
import type { Authenticate, PersonPrincipal } from '../access/directory.ts';
import { isReachSame, mayConnect } from '../access/scope.ts';
import type { Speaker } from '../access/tokens.ts';
import type { Counters } from '../store/counters.ts';
import { refused } from './refused.ts';

export interface PersonLane {
  /** Starts with a slash, as in the table of endpoints. */
  readonly name: string;
  readonly namespace: Namespace;
  readonly counters: Counters;
  readonly authenticate: Authenticate;
  readonly admitted: AdmittedSockets;
  /** What somebody is told whom the table of endpoints does not name. */
  readonly refusal: string;
  readonly came: (socket: Socket, principal: PersonPrincipal) => void;
  readonly left: (socket: Socket) => void;
  readonly failed: (operation: string, error: unknown) => void;
}

export function servePeople({ name, namespace, counters, authenticate, admitted, refusal, came, left, failed }: PersonLane): void {
  const endpoint = `SOCKET ${name}`;
  const word = name.slice(1);
  namespace.use(async (socket, next) => {
    try {
      const handshake = ApproverHandshake.safeParse(socket.handshake.auth);
      const principal = handshake.success ? await authenticate(handshake.data.token) : null;
      if (principal?.kind !== 'person' || !mayConnect(endpoint, principal)) {
        counters.add(`${word}: refused`);
        return next(refused(principal === null ? 'bad-token' : refusal));
      }
      socket.data = principal;
      next();
    } catch (error) {
      failed(`admitting somebody to ${name}`, error);
      next(refused('unavailable'));
    }
  });
  namespace.on('connection', (socket) => {
    const principal = socket.data as PersonPrincipal;
    const { personId, deviceId } = principal;
    // Asked for again as a person: which of their accounts let them in is all the same.
    const speaker: Speaker = { kind: 'person', personId };
    const forget = admitted.add({
      speaker: deviceId === null ? speaker : { kind: 'desk', personId, deviceId },
      isStill: (who) => who.kind === 'person' && mayConnect(endpoint, who) && isReachSame(who, principal),
      cut() {
        counters.add(`${word}: cut, may not speak any more`);
        socket.disconnect(true);
      },
    });
    socket.on('disconnect', () => {
      forget();
      left(socket);
    });
    socket.onAny(() => counters.add(`${word}: unknown messages`));
    came(socket, principal);
  });
}
