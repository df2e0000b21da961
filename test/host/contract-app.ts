/**
 * Starts the contract app through Playwright's own Electron driver: on the stand-in, or on a real binary when
 * SOTTO_ELECTRON names one. Everything the app writes, Chromium's profile included, goes into a folder of its own.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Frame, type Page } from 'playwright-core';

const root = join(import.meta.dirname, '..', '..');

/** The binary under test, undefined for the stand-in. */
export const realElectron = process.env['SOTTO_ELECTRON'];
const executablePath = realElectron ?? join(root, 'main/host/electron');
const appFolder = join(import.meta.dirname, 'app');

export interface Running {
  readonly app: ElectronApplication;
  /** The page of the first window, loaded. */
  readonly page: Page;
  readonly folders: Folders;
  readonly close: () => Promise<void>;
}

export interface Folders {
  readonly temporary: string;
  readonly userData: string;
}

export function makeFolders(): Folders {
  const temporary = mkdtempSync(join(tmpdir(), 'sotto-contract-'));
  return { temporary, userData: join(temporary, 'data') };
}

function environment(folders: Folders, extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const inherited = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(inherited), SOTTO_HEADLESS: '1', TMPDIR: folders.temporary, ...extra };
}

export async function launch(
  options: { folders?: Folders; env?: Readonly<Record<string, string>>; args?: readonly string[] } = {},
): Promise<Running> {
  const folders = options.folders ?? makeFolders();
  const app = await _electron.launch({
    executablePath,
    args: [appFolder, `--user-data-dir=${folders.userData}`, ...(options.args ?? [])],
    env: environment(folders, options.env),
    colorScheme: null,
    timeout: 20_000,
  });
  let page: Page;
  try {
    page = await app.firstWindow();
    await until(page, 'globalThis.seen?.ready === true');
  } catch (error) {
    app.process().kill('SIGKILL');
    throw error;
  }
  const close = async (): Promise<void> => {
    await app.close();
    await untilGone(folders);
    if (!options.folders) rmSync(folders.temporary, { recursive: true, force: true });
  };
  return { app, page, folders, close };
}

/** Waits until page code is true. (Playwright's own waitForFunction runs a string by eval, which the app's CSP forbids.) */
export async function until(page: Page | Frame, source: string): Promise<void> {
  const end = Date.now() + 10_000;
  const isTrue = () =>
    page.evaluate(source).catch((error: Error) => {
      // The page is just being replaced; the next look sees the new one.
      if (/context was destroyed|Cannot find context/u.test(error.message)) return false;
      throw error;
    });
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error(`never true in ${page.url()}: ${source}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Starts the app without a driver, in a process group of its own. */
export function start(
  folders: Folders,
  args: readonly string[] = [],
  extra: Readonly<Record<string, string>> = {},
): { child: ChildProcess; output: () => string; ready: Promise<void>; exited: Promise<number | string> } {
  const child = spawn(executablePath, ['--no-sandbox', appFolder, `--user-data-dir=${folders.userData}`, ...args], {
    env: environment(folders, extra),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  const exited = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'gone'));
  });
  const ready = new Promise<void>((resolve, reject) => {
    const read = (bytes: Buffer): void => {
      output += bytes.toString();
      if (output.includes('contract-app: ready')) resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', () => reject(new Error(`the app ended before it was ready:\n${output}`)));
  });
  // Some tests want an app that never becomes ready.
  ready.catch(() => undefined);
  return { child, output: () => output, ready, exited };
}

/** Command lines of processes that name the folder: the app, its browser and their helpers. */
export function processesOf(folders: Folders): string[] {
  return execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(folders.temporary) && !line.includes('ps -eo'));
}

/** Waits until no process and no browser profile of the app is left; throws with what is. */
export async function untilGone(folders: Folders): Promise<void> {
  const left = (): string[] => [
    ...processesOf(folders),
    ...readdirSync(folders.temporary).filter((name) => name.startsWith('sotto-chromium-')),
  ];
  for (const until = Date.now() + 8_000; left().length > 0; ) {
    if (Date.now() > until) throw new Error(`left behind:\n${left().join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The events the app wrote down when it quit, names only. */
export function eventsOf(folders: Folders): string[] {
  return (JSON.parse(readFileSync(join(folders.userData, 'log.json'), 'utf8')) as [string][]).map(([name]) => name);
}

/** What the app under test keeps on its global. */
interface Fixture {
  readonly log: (readonly [string, ...unknown[]])[];
  readonly served: string[];
  readonly windows: Electron.BrowserWindow[];
  child: Electron.UtilityProcess;
  readonly port: Electron.MessagePortMain;
  holdClose: boolean;
  slowQuit: boolean;
  blockedUrls: number;
  openWindow(page: string, options?: object, preferences?: object): Promise<Electron.BrowserWindow>;
  fork(args?: string[], options?: object): Electron.UtilityProcess;
}

declare global {
  /** Only in the app under test. */
  var fixture: Fixture;
}

/** Entries of one kind in the app's log. */
export async function logged(app: ElectronApplication, kind: string): Promise<(readonly [string, ...unknown[]])[]> {
  return app.evaluate((_electron, wanted) => globalThis.fixture.log.filter(([name]) => name === wanted), kind);
}

/** Opens a further window in the app and waits for its page. */
export async function openWindow(
  app: ElectronApplication,
  file: string,
  preferences: Readonly<Record<string, unknown>> = {},
  options: Readonly<Record<string, unknown>> = {},
): Promise<Page> {
  const [page] = await Promise.all([
    app.waitForEvent('window'),
    app.evaluate(async (_electron, [name, ...rest]) => void (await globalThis.fixture.openWindow(name, ...rest)), [
      file,
      options,
      preferences,
    ] as const),
  ]);
  await page.waitForURL(`**/${file}`);
  return page;
}
