/**
 * What people who are not at the desk left unsent is sent in the device's name, and central's orders are carried out in their stores, one store after the other, each by a
 * process of its own that ends when there is nothing left. Whoever signs in gets their store back first.
 */
import type { UtilityProcess } from 'electron';
import { FromDrain, type NetworkRoute, type ToDrain } from '#contract/engine-port.ts';
import { wordsOf } from '#contract/fault.ts';
import type { StandingOrders } from '#contract/standing-orders.ts';
import type { TrustedKeys } from '#contract/signature.ts';
import { storeFolder } from '../engine-process/store-folder.ts';
import type { People, Person } from './people.ts';

const STOP_MS = 5_000;

/** Where to send, in whose name, and whose countersignature to keep. */
export interface DrainAccess {
  readonly url: string;
  readonly deviceId: string;
  readonly deviceToken: string;
  readonly trust: TrustedKeys;
  readonly network: NetworkRoute;
}

export interface DrainsOptions {
  readonly people: People;
  readonly userData: string;
  readonly fork: () => UtilityProcess;
  /** Null while central cannot be reached. */
  readonly token: () => Promise<DrainAccess | null>;
  /** Central's, to be carried out in every store. */
  readonly orders: () => StandingOrders;
  readonly onLog: (text: string) => void;
}

export class Drains {
  readonly #o: DrainsOptions;
  #running: Promise<void> | null = null;
  #child: UtilityProcess | null = null;
  #isStopped = false;
  #atDesk: string | null = null;
  #isWanted = false;

  constructor(options: DrainsOptions) {
    this.#o = options;
  }

  /** Everybody but the person at the desk; where it is under way already, once more afterwards, for whoever left meanwhile. */
  begin(atDesk: string | null): void {
    this.#isStopped = false;
    this.#atDesk = atDesk;
    this.#isWanted = true;
    this.#running ??= this.#passes()
      .catch((error: unknown) => this.#o.onLog(`What others left unsent could not be sent: ${wordsOf(error)}`))
      .finally(() => {
        this.#running = null;
      });
  }

  /** Fulfilled when no process has anybody's store. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const child = this.#child;
    if (child !== null) tell(child, { op: 'stop' });
    const timer = setTimeout(() => child?.kill(), STOP_MS);
    await this.#running;
    clearTimeout(timer);
  }

  async #passes(): Promise<void> {
    while (this.#isWanted && !this.#isStopped) {
      this.#isWanted = false;
      await this.#all();
    }
  }

  async #all(): Promise<void> {
    const { people, token } = this.#o;
    const { seq } = this.#o.orders();
    const waiting = (await people.all()).filter(
      ({ agent, unsent, obeyed, secret }) => (unsent || obeyed < seq) && secret !== null && agent.id !== this.#atDesk,
    );
    if (waiting.length === 0) return;
    const central = await token();
    if (central === null) return;
    for (const person of waiting) {
      const databaseKey = people.storeKey(person);
      // Somebody may have sat down since.
      if (this.#isStopped) return;
      if (databaseKey !== null && person.agent.id !== this.#atDesk) await this.#one(person, databaseKey, central);
    }
  }

  async #one({ agent, obeyed }: Person, databaseKey: string, { url, deviceId, deviceToken, trust, network }: DrainAccess): Promise<void> {
    const { people, userData, fork, onLog } = this.#o;
    const folder = storeFolder(userData, agent.id);
    const orders = this.#o.orders();
    const child = fork();
    this.#child = child;
    let told: FromDrain | null = null;
    await new Promise<void>((resolve) => {
      child.on('message', (message: unknown) => {
        told = FromDrain.parse(message);
      });
      child.once('exit', () => resolve());
      child.once('spawn', () =>
        tell(child, {
          op: 'drain',
          folder,
          databaseKey,
          deviceId,
          orders,
          ordersAreNew: obeyed < orders.seq,
          central: { url, deviceToken },
          network,
          trust,
        }),
      );
    });
    this.#child = null;
    // Assigned in a callback, which the compiler does not follow.
    const { unsent, words } = (told as FromDrain | null) ?? { unsent: null, words: 'its process ended without a word' };
    if (unsent !== null) await people.obeyed(agent.id, orders.seq);
    if (unsent === 0) await people.unsent(agent.id, false);
    else onLog(`${unsent ?? 'Some'} answers of a person who is not at this desk wait to be sent${words === '' ? '' : ` (${words})`}.`);
  }
}

function tell(child: UtilityProcess, message: ToDrain): void {
  child.postMessage(message);
}
