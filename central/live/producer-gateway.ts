/** Call events by socket: each is acknowledged with its receipt after the commit. */
import type { Namespace } from 'socket.io';
import { z } from 'zod';
import { PRODUCER_NAMESPACE } from '#contract/live.ts';
import type { EventReceipt } from '#contract/call-events.ts';
import type { AdmittedSockets } from '../access/admitted-sockets.ts';
import type { Authenticate, Principal } from '../access/directory.ts';
import { mayConnect } from '../access/scope.ts';
import type { Counters } from '../store/counters.ts';
import { TokenBucket } from './token-bucket.ts';

/** Events one socket may have under way: more means that the store does not keep up. */
const MAX_UNDER_WAY = 2_000;
const ENDPOINT = `SOCKET ${PRODUCER_NAMESPACE}`;
type Program = Extract<Principal, { kind: 'integration' }>;

const ProducerHandshake = z.strictObject({ token: z.string().min(1).max(4_096) });

interface Settings {
  readonly producers: Namespace;
  readonly counters: Counters;
  readonly authenticate: Authenticate;
  readonly admitted: AdmittedSockets;
  readonly take: (input: unknown) => Promise<EventReceipt>;
  readonly eventsPerS: number;
  readonly failed: (operation: string, error: unknown) => void;
}

export function serveProducers({ producers, counters, authenticate, admitted, take, eventsPerS, failed }: Settings): void {
  const admit = async (auth: unknown): Promise<Program | null> => {
    const handshake = ProducerHandshake.safeParse(auth);
    const principal = handshake.success ? await authenticate(handshake.data.token) : null;
    if (principal?.kind === 'integration' && mayConnect(ENDPOINT, principal)) return principal;
    counters.add('producers: refused');
    return null;
  };
  producers.use(async (socket, next) => {
    try {
      const program = await admit(socket.handshake.auth);
      if (program === null) return next(new Error('bad-token'));
      socket.data = program;
      next();
    } catch (error) {
      failed('admitting a producer', error);
      next(new Error('unavailable'));
    }
  });
  producers.on('connection', (socket) => {
    const bucket = new TokenBucket(eventsPerS, performance.now());
    const { speaker } = socket.data as Program;
    const forget = admitted.add({
      speaker,
      isStill: (who) => mayConnect(ENDPOINT, who),
      cut() {
        counters.add('producers: cut, may not speak any more');
        socket.disconnect(true);
      },
    });
    socket.on('disconnect', forget);
    let underWay = 0;
    socket.on('event', async (input: unknown, acknowledge: unknown) => {
      if (!bucket.take(performance.now()) || underWay >= MAX_UNDER_WAY) {
        // Neither stored nor acknowledged: the producer sends it again, more slowly.
        counters.add('producers: cut for too many events');
        socket.disconnect(true);
        return;
      }
      underWay++;
      try {
        const receipt = await take(input);
        if (typeof acknowledge === 'function') acknowledge(receipt);
      } catch (error) {
        failed('storing an event', error);
      } finally {
        underWay--;
      }
    });
    socket.onAny((name) => {
      if (name !== 'event') counters.add('producers: unknown messages');
    });
  });
}
