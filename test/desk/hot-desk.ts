/** A desk's main process without its window: the real sessions, sealed files and processes, and everything said to each process. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { UtilityProcess } from 'electron';
import { openSqliteStore } from '#adapters/sqlite/open-store.ts';
import type { SqliteStore } from '#adapters/sqlite/sqlite-store.ts';
import { DeskView } from '#contract/desk.ts';
import type { News } from '#contract/news.ts';
import { storeFolder } from '#main/engine-process/store-folder.ts';
import { createUtilityProcess } from '#main/host/utility-process.ts';
import { NetworkUse } from '#main/network/network-use.ts';
import { BrowserPeople } from '#main/shell/browser-sign-in/browser-people.ts';
import { openInBrowser } from '#main/shell/browser-sign-in/open-in-browser.ts';
import { ProviderClient } from '#main/shell/browser-sign-in/provider-client.ts';
import { RefreshTokens } from '#main/shell/browser-sign-in/refresh-tokens.ts';
import type { Seal } from '#main/shell/seal.ts';
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

/** What is around the desk's main process. */
export interface DeskSurroundings {
  readonly seal?: Seal;
  /** The system's browser is told to open this. */
  readonly visit?: (url: URL) => Promise<void>;
  /** As the system answers for an address. */
  readonly resolveProxy?: (url: string) => Promise<string>;
}

const NOBODY = (): Promise<void> => Promise.reject(new Error('nobody is at the browser'));

export class HotDesk implements AsyncDisposable {
  readonly userData: string;
  readonly people: People;
  readonly device: DeviceIdentity;
  readonly orders: StandingOrderFile;
  readonly sessions: Sessions;
  readonly processes: Spoken[] = [];
  readonly states: { readonly state: EngineState; readonly trouble: string | null }[] = [];
  readonly news: News[] = [];
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
    { seal, visit, resolveProxy }: Required<DeskSurroundings>,
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
      browser: new BrowserPeople({
        client: new ProviderClient({
          open: (url, origin) => openInBrowser({ openExternal: (href) => visit(new URL(href)) }, url, origin),
          nowMs: () => Date.now() + this.clockOffMs,
        }),
        refreshTokens: new RefreshTokens(seal, userData),
        nowMs: () => Date.now() + this.clockOffMs,
        onLog: (text) => this.logs.push(text),
      }),
      network: new NetworkUse(resolveProxy),
      central,
      basics: { folder: userData, coreHash: 'c'.repeat(64), demonstration: true, clock: 'system' },
      fork: this.fork,
      events: {
        onState: (state, trouble) => this.states.push({ state, trouble }),
        onChange: () => undefined,
        onNews: (news) => this.news.push(news),
        onDecided: () => undefined,
        onMeasured: () => undefined,
        onLog: (level, text) => this.logs.push(`${level}: ${text}`),
      },
      nowMs: () => Date.now() + this.clockOffMs,
      onLog: (text) => this.logs.push(text),
    });
  }

  static async open(central: string | null, folder?: string, surroundings: DeskSurroundings = {}): Promise<HotDesk> {
    await ensureFreshBuild();
    const userData = folder ?? mkdtempSync(path.join(tmpdir(), 'sotto-desk-'));
    const seal = surroundings.seal ?? throwAwaySeal(userData);
    return new HotDesk(
      userData,
      await People.open(seal, userData),
      await DeviceIdentity.open(seal, userData),
      await StandingOrderFile.open(seal, userData),
      central,
      folder === undefined,
      { seal, visit: NOBODY, resolveProxy: async () => 'DIRECT', ...surroundings },
    );
  }

  /** Null: whoever signs in in the browser. */
  async enter(agentId: string | null): Promise<void> {
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
