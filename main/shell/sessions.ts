/**
 * Who sits at this desk. One person at a time, each with a process of their own that is handed the key of their store and
 * no other; another person means another process.
 *
 *   enter ─► central grants, or what was last heard of them is fresh ─► engine process with their key
 *   leave, or somebody else ─► engine stopped ─► nothing of theirs left in this process
 */
import type { UtilityProcess } from 'electron';
import { faultLine, InWords, wordsOf } from '#contract/fault.ts';
import type { EngineStart } from '#contract/engine-port.ts';
import type { IpcResponse } from '#contract/ipc.ts';
import { RETENTION_DAYS } from '#contract/retention.ts';
import type { SessionResponse } from '#contract/sign-in.ts';
import type { Tokens } from '#ports/link.ts';
import type { DeviceIdentity } from './device-identity.ts';
import { type DrainAccess, Drains } from './drains.ts';
import { type EngineEvents, EngineSupervisor } from './engine-supervisor.ts';
import { CLOCK_TOLERANCE_MS, offlineEntry } from './offline-entry.ts';
import { tryModel } from './model-trial.ts';
import type { People, Person } from './people.ts';
import { SignInRefused, signIn } from './sign-in.ts';
import type { StandingOrderFile } from './standing-order-file.ts';

/** What of an engine's start is the same for everybody. */
type Basics = Pick<EngineStart, 'folder' | 'coreHash' | 'demonstration' | 'clock'>;

export interface SessionsOptions {
  readonly people: People;
  readonly device: DeviceIdentity;
  readonly orders: StandingOrderFile;
  /** Central's address; null = there is none. */
  readonly central: string | null;
  readonly basics: Basics;
  readonly fork: (script: 'engine-process.js' | 'drain-process.js' | 'probe-process.js') => UtilityProcess;
  readonly events: Omit<EngineEvents, 'freshTokens' | 'tryModel' | 'keepOrders'>;
  /** The computer's own clock. */
  readonly nowMs: () => number;
  readonly onLog: (text: string) => void;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The latest this desk's clock is known to have shown. */
const latestOf = (people: readonly Person[]): number => Math.max(0, ...people.map(({ seenAtMs }) => seenAtMs));

interface Refused {
  readonly ok: false;
  readonly words: string;
}
export type Entered = { readonly ok: true } | Refused;

interface Admitted {
  readonly ok: true;
  readonly person: Person;
  readonly tokens: Tokens | null;
  /** Signed in without central, which was last heard of them then. */
  readonly offlineSinceMs: number | null;
}

interface Seat {
  readonly agentId: string;
  readonly engine: EngineSupervisor;
}

export class Sessions {
  readonly #o: SessionsOptions;
  readonly #drains: Drains;
  readonly #minutes: NodeJS.Timeout;
  #seat: Seat | null = null;
  /** One change of person after the other. */
  #changing: Promise<unknown> = Promise.resolve();

  constructor(options: SessionsOptions) {
    this.#o = options;
    const { people, basics, fork, orders, onLog } = options;
    this.#drains = new Drains({
      people,
      userData: basics.folder,
      fork: () => fork('drain-process.js'),
      token: () => this.#deviceToken(),
      orders: () => orders.orders,
      onLog,
    });
    this.#minutes = setInterval(
      () => this.#change(() => this.#everyMinute()).catch((error: unknown) => onLog(faultLine('sign-in', error))),
      MINUTE_MS,
    );
  }

  /** Whose engine runs; null while nobody is signed in. */
  get agentId(): string | null {
    return this.#seat?.agentId ?? null;
  }

  get engine(): EngineSupervisor | null {
    return this.#seat?.engine ?? null;
  }

  /** Everybody known at this desk, and until when each may sign in without central. */
  async roster(): Promise<IpcResponse<'session:people'>> {
    const { people, nowMs } = this.#o;
    const everybody = await people.all();
    return {
      here: this.agentId,
      people: everybody.map((person) => ({
        agentId: person.agent.id,
        name: person.agent.name,
        signedInAtMs: person.signedInAtMs,
        offlineUntilMs: offlineEntry(person, nowMs(), latestOf(everybody)).ok ? person.signedInAtMs + person.offlineHours * HOUR_MS : null,
      })),
    };
  }

  /** Signs in; whoever sat here before is signed out first. A no is in words for the person. */
  enter(agentId: string): Promise<Entered> {
    const { people } = this.#o;
    return this.#change(async () => {
      if (this.#seat?.agentId === agentId) return { ok: true };
      const admitted = await this.#admit(agentId);
      if (!admitted.ok) return admitted;
      await this.#vacate();
      // Their store may be under the hands of the process that sends what they left.
      await this.#drains.stop();
      await people.unsent(agentId, true);
      this.#take(admitted);
      this.#drains.begin(agentId);
      return { ok: true };
    });
  }

  /** Signs out. The engine sends what it can and stops. */
  leave(): Promise<void> {
    return this.#change(async () => {
      await this.#vacate();
      this.#drains.begin(null);
    });
  }

  /** Everything stops: the app is about to end. */
  close(): Promise<void> {
    clearInterval(this.#minutes);
    return this.#change(async () => {
      await Promise.all([this.#vacate(), this.#drains.stop()]);
    });
  }

  async #admit(agentId: string): Promise<Admitted | Refused> {
    const { people, nowMs } = this.#o;
    try {
      const granted = await this.#granted(agentId);
      if (granted !== null) return { ok: true, ...granted, offlineSinceMs: null };
    } catch (error) {
      if (error instanceof SignInRefused) return { ok: false, words: wordsOf(error) };
      throw error;
    }
    const everybody = await people.all();
    const person = everybody.find(({ agent }) => agent.id === agentId);
    const entry = offlineEntry(person, nowMs(), latestOf(everybody));
    return entry.ok ? { ok: true, person: entry.person, tokens: null, offlineSinceMs: entry.person.signedInAtMs } : entry;
  }

  /** Null while central cannot be reached. Throws SignInRefused when it says no. */
  async #granted(agentId: string): Promise<{ readonly person: Person; readonly tokens: Tokens } | null> {
    const { people, device, central, nowMs, onLog } = this.#o;
    const answer: SessionResponse | null = central === null ? null : await signIn(central, device, agentId);
    if (answer?.agent === undefined) return null;
    if (!answer.agent.roles.includes('agent'))
      throw new SignInRefused(`${answer.agent.name} may sign in, but not take calls. Ask your supervisor.`);
    const refused = answer.agent.trustChange === undefined ? null : await device.follow(answer.agent.trustChange);
    if (refused !== null) onLog(`The keys that this computer trusts stay as they are: ${refused}.`);
    const { person, setAside } = await people.remember(answer.agent, nowMs());
    if (Math.abs(answer.agent.atMs - nowMs()) <= CLOCK_TOLERANCE_MS) await people.clockIsRight(nowMs());
    if (setAside !== null) onLog(`An older store that nothing opens was set aside: ${setAside}`);
    return { person, tokens: { token: answer.token, deviceToken: answer.agent.deviceToken } };
  }

  #take({ person: { agent }, tokens: first, offlineSinceMs }: Admitted): void {
    const { people, device, central, basics, fork, events, orders } = this.#o;
    let tokens = first;
    const engine = new EngineSupervisor(
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
          central: central === null ? null : { url: central, ...(tokens ?? { token: '', deviceToken: '' }) },
        };
      },
      {
        ...events,
        tryModel: (bundle) => tryModel(() => fork('probe-process.js'), bundle),
        keepOrders: async (fresh, centralAtMs) => {
          const seq = await orders.keep(fresh, centralAtMs);
          await people.obeyed(agent.id, seq);
          // What others left here is erased, too.
          if (fresh.length > 0) this.#drains.begin(agent.id);
          return seq;
        },
        freshTokens: async () => {
          tokens = (await this.#granted(agent.id))?.tokens ?? null;
          return tokens;
        },
      },
    );
    this.#seat = { agentId: agent.id, engine };
    engine.run();
  }

  async #everyMinute(): Promise<void> {
    const { people, nowMs, orders, onLog } = this.#o;
    const { agentId } = this;
    if (agentId !== null) await people.seen(agentId, nowMs());
    const { seq, centralAtMs, held } = orders.orders;
    await people.forgetSecrets(nowMs(), agentId, seq);
    // By central's clock at most, as all retention; a hold may be of what is in there.
    if (centralAtMs !== null && held.length === 0) {
      for (const left of await people.dropLeft(Math.min(nowMs(), centralAtMs) - RETENTION_DAYS.record * DAY_MS))
        onLog(`The store of ${left}, who did not come back to this desk, was deleted.`);
    }
    this.#drains.begin(agentId);
  }

  async #deviceToken(): Promise<DrainAccess | null> {
    const { central, device } = this.#o;
    const answer = central === null ? null : await signIn(central, device, null);
    if (answer === null || central === null || device.deviceId === null) return null;
    return { url: central, deviceId: device.deviceId, deviceToken: answer.token, trust: device.trusted };
  }

  async #vacate(): Promise<void> {
    const seat = this.#seat;
    if (seat === null) return;
    await seat.engine.stop();
    this.#seat = null;
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(work);
    // Whoever asked is told; the next change is made all the same.
    this.#changing = done.catch(() => undefined);
    return done;
  }
}
