/** `app`: starting, the one instance, and leaving in Electron's order of events. */
import type { App as ElectronApp, Details, RenderProcessGoneDetails, WebContents as ElectronWebContents } from 'electron';
import type { CommandLine } from './command-line.ts';
import { type AppEvents, appEvents } from './emitted-events.ts';
import { electronEvent } from './event.ts';
import type { LaunchedApp } from './launched-app.ts';
import { Paths } from './paths.ts';
import { SingleInstance } from './single-instance.ts';
import { type Agrees, StrictEmitter } from './strict.ts';

/** The Electron whose API this is. */
export const electronVersion = '45.4.1';

export class App extends StrictEmitter<AppEvents> implements Agrees<App, ElectronApp> {
  readonly isPackaged = false;
  readonly dock = undefined;
  readonly commandLine: ElectronApp['commandLine'];
  readonly #launched: LaunchedApp | undefined;
  readonly #paths: Paths;
  readonly #instance = new SingleInstance();
  readonly #windows: () => readonly { close(): void }[];
  readonly #whenReady: Promise<void>;
  #becomeReady: () => void = () => undefined;
  #ready = false;
  #quitting = false;
  #leaving = false;
  #name: string;

  constructor(launched: LaunchedApp | undefined, commandLine: CommandLine, windows: () => readonly { close(): void }[]) {
    super('app', appEvents);
    this.#launched = launched;
    this.#name = launched?.name ?? 'Electron';
    this.#windows = windows;
    this.#paths = new Paths(() => this.#name, commandLine.getSwitchValue('user-data-dir') || undefined);
    this.commandLine = commandLine as unknown as ElectronApp['commandLine'];
    this.#whenReady = new Promise((resolve) => {
      this.#becomeReady = resolve;
    });
  }

  whenReady(): Promise<void> {
    return this.#whenReady;
  }

  isReady(): boolean {
    return this.#ready;
  }

  getName(): string {
    return this.#name;
  }

  setName(name: string): void {
    this.#name = name;
  }

  getVersion(): string {
    return this.#launched?.version ?? electronVersion;
  }

  getAppPath(): string {
    return this.#launched?.folder ?? process.cwd();
  }

  getLocale(): string {
    return 'en-US';
  }

  getPath(name: string): string {
    return this.#paths.get(name);
  }

  setPath(name: string, path: string): void {
    this.#paths.set(name, path);
  }

  /** Windows of the stand-in are sandboxed or refused, so there is nothing left to enable. */
  enableSandbox(): void {
    if (this.#ready) throw new Error('app.enableSandbox() can only be called before app is ready');
  }

  /** Windows only. */
  setAppUserModelId(): void {
    return undefined;
  }

  requestSingleInstanceLock(additionalData?: Record<string, unknown>): boolean {
    const mine = { argv: [...process.argv], workingDirectory: process.cwd(), additionalData };
    return this.#instance.acquire(this.getPath('userData'), mine, ({ argv, workingDirectory, additionalData: theirs }) => {
      void this.#whenReady.then(() => this.emit('second-instance', electronEvent(), argv, workingDirectory, theirs));
    });
  }

  hasSingleInstanceLock(): boolean {
    return this.#instance.held;
  }

  releaseSingleInstanceLock(): void {
    this.#instance.release();
  }

  /** before-quit, every window's close and closed, will-quit, quit; any of the first three can stop it. */
  quit(): void {
    if (this.#quitting) return;
    const event = electronEvent();
    this.emit('before-quit', event);
    if (event.defaultPrevented) return;
    this.#quitting = true;
    const windows = this.#windows();
    if (windows.length === 0) this.#leave();
    for (const window of windows) window.close();
  }

  /** Without asking anybody. What the app still does in this turn is done, as in Electron. */
  exit(exitCode = 0): void {
    this.#quitting = true;
    if (this.#leaving) return;
    this.#leaving = true;
    this.emit('quit', electronEvent(), exitCode);
    setImmediate(() => process.exit(exitCode));
  }

  get leaving(): boolean {
    return this.#leaving;
  }

  /** Chromium is up. */
  started(): void {
    this.#ready = true;
    this.emit('ready', electronEvent(), {});
    this.#becomeReady();
  }

  contentsCreated(contents: ElectronWebContents): void {
    this.emit('web-contents-created', electronEvent(), contents);
  }

  renderProcessGone(contents: ElectronWebContents, details: RenderProcessGoneDetails): void {
    this.emit('render-process-gone', electronEvent(), contents, details);
  }

  childProcessGone(details: Details): void {
    this.emit('child-process-gone', electronEvent(), details);
  }

  allWindowsClosed(): void {
    if (this.#quitting) this.#leave();
    else if (this.listenerCount('window-all-closed') > 0) this.emit('window-all-closed');
    else this.quit();
  }

  closeRefused(): void {
    this.#quitting = false;
  }

  #leave(): void {
    const event = electronEvent();
    this.emit('will-quit', event);
    if (event.defaultPrevented) this.#quitting = false;
    else this.exit(0);
  }
}
