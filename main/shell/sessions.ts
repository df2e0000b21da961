/**
 * Who sits at this desk. One person at a time, each with a process of their own that is handed the key of their store and
 * no other; another person means another process.
 *
 *   enter ─► central grants, or what was last heard of them is fresh ─► engine process with their key
 *   leave, or somebody else ─► engine stopped ─► nothing of theirs left in this process
 */
import type { UtilityProcess } from 'electron';
import { faultLine, wordsOf } from '#contract/fault.ts';
import type { EngineStart } from '#contract/engine-port.ts';
import type { News } from '#contract/news.ts';
import { roomsOf } from '#contract/rooms.ts';
import type { IpcResponse } from '#contract/ipc.ts';
import { RETENTION_DAYS } from '#contract/retention.ts';
import type { SignInOffer } from '#contract/sign-in.ts';
import type { Tokens } from '#ports/link.ts';
import { Admission, type AdmissionOptions } from './admission.ts';
import { CentralDoor } from './central-door/central-door.ts';
import { ProviderAway } from './browser-sign-in/provider-client.ts';
import { type DrainAccess, Drains } from './drains.ts';
import type { EngineEvents, EngineSupervisor } from './engine-supervisor.ts';
import { offlineEntry } from './offline-entry.ts';
import type { Person } from './people.ts';
import { seatEngine } from './seat-engine.ts';
import { signIn } from './sign-in.ts';
import { SignInRefused } from './sign-in-refused.ts';
import type { StandingOrderFile } from './standing-order-file.ts';

/** What of an engine's start is the same for everybody. */
type Basics = Pick<EngineStart, 'folder' | 'coreHash' | 'demonstration' | 'clock'>;

export interface SessionsOptions extends AdmissionOptions {
  readonly orders: StandingOrderFile;
  readonly basics: Basics;
  readonly fork: (script: 'engine-process.js' | 'drain-process.js' | 'probe-process.js') => UtilityProcess;
  readonly events: Omit<EngineEvents, 'freshTokens' | 'tryModel' | 'keepOrders'> & { readonly onNews: (news: News) => void };
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
  readonly agent: Person['agent'];
  /** As last heard. */
  roles: readonly string[];
  /** Null: they take no calls. */
  readonly engine: EngineSupervisor | null;
  /** Null: there is no central. */
  readonly door: CentralDoor | null;
}

export class Sessions {
  readonly #o: SessionsOptions;
  readonly #drains: Drains;
  readonly #admission: Admission;
  readonly #minutes: NodeJS.Timeout;
  #seat: Seat | null = null;
  /** One change of person after the other. */
  #changing: Promise<unknown> = Promise.resolve();

  constructor(options: SessionsOptions) {
    this.#o = options;
    this.#admission = new Admission(options);
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

  /** Who sits here; null while nobody is signed in. */
  get agentId(): string | null {
    return this.#seat?.agent.id ?? null;
  }

  get engine(): EngineSupervisor | null {
    return this.#seat?.engine ?? null;
  }

  /** Who sits here, and what they are; null while nobody is signed in. */
  get person(): { readonly agentId: string; readonly roles: readonly string[] } | null {
    return this.#seat === null ? null : { agentId: this.#seat.agent.id, roles: this.#seat.roles };
  }

  /** The way to central of whoever sits here. */
  get door(): CentralDoor | null {
    return this.#seat?.door ?? null;
  }

  /** Everybody known at this desk, and until when each may sign in without central. */
  async roster(): Promise<IpcResponse<'session:people'>> {
    const { people, nowMs } = this.#o;
    const everybody = await people.all();
    const seat = this.#seat;
    return {
      here:
        seat === null
          ? null
          : { agentId: seat.agent.id, name: seat.agent.name, language: seat.agent.language, rooms: [...roomsOf(seat.roles)] },
      people: everybody.map((person) => ({
        agentId: person.agent.id,
        name: person.agent.name,
        signedInAtMs: person.signedInAtMs,
        offlineUntilMs: offlineEntry(person, nowMs(), latestOf(everybody)).ok ? person.signedInAtMs + person.offlineHours * HOUR_MS : null,
      })),
    };
  }

  /** How people sign in here; null while central cannot be reached. */
  offer(): Promise<SignInOffer | null> {
    return this.#admission.offer();
  }

  /**
   * Signs in; whoever sat here before is signed out first. A no is in words for the person. Null: whoever the browser says.
   */
  enter(agentId: string | null): Promise<Entered> {
    const { people } = this.#o;
    const visit = this.#admission.begin();
    return this.#change(async () => {
      if (agentId !== null && this.agentId === agentId) return { ok: true };
      const admitted = await this.#admit(agentId, visit);
      if (!admitted.ok) return admitted;
      const { id } = admitted.person.agent;
      if (this.agentId === id) return { ok: true };
      await this.#vacate(true);
      // Their store may be under the hands of the process that sends what they left.
      await this.#drains.stop();
      if (roomsOf(admitted.person.roles).includes('calls')) await people.unsent(id, true);
      this.#take(admitted);
      this.#drains.begin(id);
      return { ok: true };
    });
  }

  /** Nobody waits for the browser any more. */
  cancel(): void {
    this.#admission.cancel();
  }

  /** Signs out. The engine sends what it can and stops. */
  leave(): Promise<void> {
    this.cancel();
    return this.#change(async () => {
      await this.#vacate(true);
      this.#drains.begin(null);
    });
  }

  /** Everything stops: the app is about to end. Whoever sits here may take it up again when it is started anew. */
  close(): Promise<void> {
    clearInterval(this.#minutes);
    this.cancel();
    return this.#change(async () => {
      await Promise.all([this.#vacate(false), this.#drains.stop()]);
    });
  }

  async #admit(agentId: string | null, visit: AbortSignal): Promise<Admitted | Refused> {
    const { people, nowMs } = this.#o;
    try {
      const granted = await this.#admission.granted(agentId, visit);
      if (granted !== null) return { ok: true, ...granted, offlineSinceMs: null };
    } catch (error) {
      if (error instanceof SignInRefused) return { ok: false, words: wordsOf(error) };
      if (!(error instanceof ProviderAway)) throw error;
      if (agentId === null) return { ok: false, words: wordsOf(error) };
    }
    if (agentId === null) return { ok: false, words: 'Central cannot be reached. Choose your name if you signed in here before.' };
    const everybody = await people.all();
    const person = everybody.find(({ agent }) => agent.id === agentId);
    const entry = offlineEntry(person, nowMs(), latestOf(everybody));
    return entry.ok ? { ok: true, person: entry.person, tokens: null, offlineSinceMs: entry.person.signedInAtMs } : entry;
  }

  #take({ person: { agent, roles }, tokens, offlineSinceMs }: Admitted): void {
    const { central, events, onLog } = this.#o;
    const rooms = roomsOf(roles);
    const door =
      central === null
        ? null
        : new CentralDoor({
            central,
            token: tokens?.token ?? null,
            freshToken: async () => {
              const granted = await this.#admission.granted(agent.id, null);
              if (granted !== null) this.#heard(agent.id, granted.person.roles);
              return granted?.tokens.token ?? null;
            },
            onNews: events.onNews,
            onLog,
            random: Math.random,
          });
    const engine = rooms.includes('calls')
      ? seatEngine(this.#o, agent, {
          tokens,
          offlineSinceMs,
          freshTokens: async () => (await this.#admission.granted(agent.id, null))?.tokens ?? null,
          // What others left here is erased, too.
          ordersCame: () => this.#drains.begin(agent.id),
        })
      : null;
    this.#seat = { agent, roles, engine, door };
    engine?.run();
    // Whoever takes calls alone hears all there is to hear by their engine.
    if (rooms.some((room) => room !== 'calls')) door?.listen();
  }

  /** Roles may change while somebody sits here. */
  #heard(agentId: string, roles: readonly string[]): void {
    const seat = this.#seat;
    if (seat === null || seat.agent.id !== agentId) return;
    const [before, rooms] = [roomsOf(seat.roles), roomsOf(roles)];
    seat.roles = roles;
    if (before.join() !== rooms.join()) this.#o.events.onNews({ kind: 'rooms', body: { rooms: [...rooms] } });
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
    const { central, device, network } = this.#o;
    if (central !== null) await network.use([central]);
    const answer = central === null || device.deviceId === null ? null : await signIn(central, device, null);
    if (answer === null || central === null || device.deviceId === null) return null;
    return { url: central, deviceId: device.deviceId, deviceToken: answer.token, trust: device.trusted, network: network.route };
  }

  /** `isLeaving`: they sign out. */
  async #vacate(isLeaving: boolean): Promise<void> {
    const seat = this.#seat;
    if (seat === null) return;
    seat.door?.close();
    await seat.engine?.stop();
    this.#seat = null;
    if (isLeaving) await this.#admission.signedOut(seat.agent.id);
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(work);
    // Whoever asked is told; the next change is made all the same.
    this.#changing = done.catch(() => undefined);
    return done;
  }
}
