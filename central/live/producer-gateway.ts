/** Call events by socket: each is acknowledged with its receipt after the commit. */
import type { Namespace } from 'socket.io';
import { z } from 'zod';
import type { EventReceipt } from '#contract/call-events.ts';
import type { Authenticate } from '../access/directory.ts';
import type { Counters } from '../store/counters.ts';
import { TokenBucket } from './token-bucket.ts';

/** Events one socket may have under way: more means that the store does not keep up. */
const MAX_UNDER_WAY = 2_000;

const ProducerHandshake = z.strictObject({ token: z.string().min(1).max(4_096) });

interface Settings {
  readonly producers: Namespace;
  readonly counters: Counters;
  readonly authenticate: Authenticate;
  readonly take: (input: unknown) => Promise<EventReceipt>;
  readonly eventsPerS: number;
  readonly failed: (operation: string, error: unknown) => void;
}

export function serveProducers({ producers, counters, authenticate, take, eventsPerS, failed }: Settings): void {
  const admit = async (auth: unknown): Promise<Error | undefined> => {
    const handshake = ProducerHandshake.safeParse(auth);
    const principal = handshake.success ? await authenticate(handshake.data.token) : null;
    if (principal?.roles.has('integration')) return undefined;
    counters.add('producers: refused');
    return new Error('bad-token');
  };
  producers.use(async (socket, next) => {
    try {
      next(await admit(socket.handshake.auth));
    } catch (error) {
      failed('admitting a producer', error);
      next(new Error('unavailable'));
    }
  });
  producers.on('connection', (socket) => {
    const bucket = new TokenBucket(eventsPerS, performance.now());
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
