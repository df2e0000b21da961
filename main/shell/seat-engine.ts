/** The engine process of whoever sits at the desk and takes calls: handed the key of their store and no other. */
import { InWords } from '#contract/fault.ts';
import type { Tokens } from '#ports/link.ts';
import { EngineSupervisor } from './engine-supervisor.ts';
import { tryModel } from './model-trial.ts';
import type { Person } from './people.ts';
import type { SessionsOptions } from './sessions.ts';

interface Grant {
  /** Null: signed in without central. */
  readonly tokens: Tokens | null;
  readonly offlineSinceMs: number | null;
  readonly freshTokens: () => Promise<Tokens | null>;
  /** Central's orders about customers' data came, and are kept. */
  readonly ordersCame: () => void;
}

export function seatEngine(options: SessionsOptions, agent: Person['agent'], grant: Grant): EngineSupervisor {
  const { people, device, central, basics, fork, events, orders, network } = options;
  const { offlineSinceMs } = grant;
  let { tokens } = grant;
  return new EngineSupervisor(
    () => fork('engine-process.js'),
    async () => {
      // Read anew each time the process starts: between starts the key is in this process nowhere.
      const person = await people.find(agent.id);
      const databaseKey = person === undefined ? null : people.storeKey(person);
      if (person === undefined || databaseKey === null || device.deviceId === null)
        throw new InWords(
          `The key of the data of ${agent.name} is not on this computer any more. Sign in again when central can be reached.`,
        );
      return {
        op: 'start',
        ...basics,
        databaseKey,
        deviceId: device.deviceId,
        trust: device.trusted,
        agent: person.agent,
        orders: orders.orders,
        ordersAreNew: person.obeyed < orders.orders.seq,
        offlineSinceMs: tokens === null ? offlineSinceMs : null,
        // An engine without tokens asks for them, and is given them when there are any.
        network: network.route,
        central: central === null ? null : { url: central, ...(tokens ?? { token: '', deviceToken: '' }) },
      };
    },
    {
      ...events,
      tryModel: (bundle) => tryModel(() => fork('probe-process.js'), bundle),
      keepOrders: async (fresh, centralAtMs) => {
        const seq = await orders.keep(fresh, centralAtMs);
        await people.obeyed(agent.id, seq);
        if (fresh.length > 0) grant.ordersCame();
        return seq;
      },
      freshTokens: async () => {
        tokens = await grant.freshTokens();
        return tokens;
      },
    },
  );
}
