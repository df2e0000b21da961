/** A desk's main process without its window: the real sessions, sealed files and processes, and everything said to each process. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { UtilityProcess } from 'electron';
import { openSqliteStore } from '#adapters/sqlite/open-store.ts';
import type { SqliteStore } from '#adapters/sqlite/sqlite-store.ts';
import { DeskView } from '#contract/desk.ts';
import { storeFolder } from '#main/engine-process/store-folder.ts';
import { createUtilityProcess } from '#main/host/utility-process.ts';
import { DeviceIdentity } from '#main/shell/device-identity.ts';
import type { EngineState } from '#main/shell/engine-supervisor.ts';
import { People } from '#main/shell/people.ts';
import { Sessions, type SessionsOptions } from '#main/shell/sessions.ts';
import { StandingOrderFile } from '#main/shell/standing-order-file.ts';
import { throwAwaySeal } from '#main/shell/throw-away-seal.ts';
import { until } from '../central/fixture.ts';
import { MIGRATIONS } from '../conformance/sqlite-scratch.ts';
import { BUILT_MAIN, ensureFreshBuild } from '../e2e/fresh-build.ts';

type Script = Parameters<SessionsOptions['fork']>[0];

/** One process of the desk, and all that was said between it and main. */
export interface Spoken {
  readonly script: Script;
  readonly child: UtilityProcess;
  readonly heard: unknown[];
  readonly said: unknown[];
}

export class HotDesk implements AsyncDisposable {
  readonly userData: string;
  readonly people: People;
  readonly device: DeviceIdentity;
  readonly orders: StandingOrderFile;
  readonly sessions: Sessions;
  readonly processes: Spoken[] = [];
  readonly states: { readonly state: EngineState; readonly trouble: string | null }[] = [];
  readonly logs: string[] = [];
  /** What the computer's clock shows is off by. */
  clockOffMs = 0;
  readonly fork: (script: Script) => UtilityProcess;
  readonly #killAll: () => void;
  readonly #ownsFolder: boolean;

  private constructor(
    userData: string,
    people: People,
    device: DeviceIdentity,
    orders: StandingOrderFile,
    central: string | null,
    ownsFolder: boolean,
  ) {
    this.orders = orders;
    this.userData = userData;
    this.people = people;
    this.device = device;
    this.#ownsFolder = ownsFolder;
    const { utilityProcess, killAll } = createUtilityProcess({ isReady: () => true, childGone: () => undefined });
    this.#killAll = killAll;
    this.fork = (script) => this.#listenedTo(script, utilityProcess.fork(path.join(BUILT_MAIN, script), [], { stdio: 'ignore' }));
    this.sessions = new Sessions({
      people,
      device,
      orders,
      central,
      basics: { folder: userData, coreHash: 'c'.repeat(64), demonstration: true, clock: 'system' },
      fork: this.fork,
      events: {
        onState: (state, trouble) => this.states.push({ state, trouble }),
        onChange: () => undefined,
        onDecided: () => undefined,
        onMeasured: () => undefined,
        onLog: (level, text) => this.logs.push(`${level}: ${text}`),
      },
      nowMs: () => Date.now() + this.clockOffMs,
      onLog: (text) => this.logs.push(text),
    });
  }

  static async open(central: string | null, folder?: string): Promise<HotDesk> {
    await ensureFreshBuild();
    const userData = folder ?? mkdtempSync(path.join(tmpdir(), 'sotto-desk-'));
    const seal = throwAwaySeal(userData);
    return new HotDesk(
      userData,
      await People.open(seal, userData),
      await DeviceIdentity.open(seal, userData),
      await StandingOrderFile.open(seal, userData),
      central,
      folder === undefined,
    );
  }

  async enter(agentId: string): Promise<void> {
    const entered = await this.sessions.enter(agentId);
    if (!entered.ok) throw new Error(entered.words);
    await this.ready();
  }

  ready(): Promise<void> {
    return until('the engine ready', () => this.sessions.engine?.state === 'ready', 20_000);
  }

  of(script: Script): readonly Spoken[] {
    return this.processes.filter((one) => one.script === script);
  }

  async view(): Promise<DeskView> {
    return DeskView.parse(await this.sessions.engine?.request('desk:open', {}));
  }

  /** Works in the store of somebody who is not at the desk. */
  async inStoreOf<T>(agentId: string, work: (store: SqliteStore) => T): Promise<T> {
    const person = await this.people.find(agentId);
    const keyHex = person === undefined ? null : this.people.storeKey(person);
    if (keyHex === null) throw new Error(`the key of ${agentId} is not here`);
    const folder = storeFolder(this.userData, agentId);
    mkdirSync(folder, { recursive: true });
    const opened = openSqliteStore({ folder, keyHex, migrations: MIGRATIONS, nowMs: Date.now() });
    if (!opened.ok) throw new Error(opened.words);
    try {
      return work(opened.store);
    } finally {
      opened.store.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sessions.close();
    this.#killAll();
    if (this.#ownsFolder) rmSync(this.userData, { recursive: true, force: true });
  }

  #listenedTo(script: Script, child: UtilityProcess): UtilityProcess {
    const spoken: Spoken = { script, child, heard: [], said: [] };
    this.processes.push(spoken);
    child.on('message', (message: unknown) => spoken.said.push(message));
    const post = child.postMessage.bind(child);
    child.postMessage = (message: unknown) => {
      spoken.heard.push(message);
      post(message);
    };
    return child;
  }
}
