/** `BrowserWindow`: its state is kept here; a page of Chromium shows its contents, in a real window when there is a display. */
import type {
  BrowserWindow as ElectronWindow,
  BrowserWindowConstructorOptions,
  Rectangle,
  WebContents as ElectronWebContents,
} from 'electron';
import { ignoreGone } from './devtools-session.ts';
import { type WindowEvents, windowEvents } from './emitted-events.ts';
import { electronEvent } from './event.ts';
import type { Host } from './host.ts';
import { type Agrees, StrictEmitter } from './strict.ts';
import { WebContents } from './web-contents.ts';
import { checkWindowOptions } from './window-options.ts';

/** The display the stand-in reports; windows are centred on it. */
export const display = { width: 1920, height: 1080 } as const;

const defaultSize = { width: 800, height: 600 } as const;

export class BrowserWindow extends StrictEmitter<WindowEvents> implements Agrees<BrowserWindow, ElectronWindow> {
  static #joined: Host;
  static #focused: BrowserWindow | undefined;

  readonly id: number;
  readonly contents: WebContents;
  readonly #host: Host;
  #bounds: Rectangle;
  #minimum: readonly [number, number];
  #visible = false;
  #minimized = false;
  #destroyed = false;
  #painted = false;
  #alwaysOnTop: boolean;
  #protected = false;
  #title: string;
  #backgroundColor: string;

  constructor(options: BrowserWindowConstructorOptions = {}) {
    const host = BrowserWindow.#joined;
    if (!host.app.isReady()) throw new Error('Cannot create BrowserWindow before app is ready');
    const preferences = checkWindowOptions(options);
    super('BrowserWindow', windowEvents);
    this.#host = host;
    const { width = defaultSize.width, height = defaultSize.height } = options;
    this.#bounds = {
      width,
      height,
      x: options.x ?? Math.round((display.width - width) / 2),
      y: options.y ?? Math.round((display.height - height) / 2),
    };
    this.#minimum = [options.minWidth ?? 0, options.minHeight ?? 0];
    this.#alwaysOnTop = options.alwaysOnTop ?? false;
    this.#title = options.title ?? host.app.name();
    this.#backgroundColor = options.backgroundColor ?? '#FFFFFF';
    this.contents = new WebContents(
      host,
      { size: () => this.#bounds, painted: () => this.#wasPainted(), pageGone: () => this.pageGone(), close: () => this.close() },
      preferences,
    );
    this.id = this.contents.id;
    host.windows.set(this.id, this);
    if (preferences.zoomFactor !== undefined) this.contents.setZoomFactor(preferences.zoomFactor);
    host.app.contentsCreated(this.contents.asElectron());
    if (options.show !== false) this.show();
    else this.#applyWindow();
  }

  /** The one host of this process; set before the app can make a window. */
  static joinHost(host: Host): void {
    BrowserWindow.#joined = host;
  }

  static getAllWindows(): ElectronWindow[] {
    return [...BrowserWindow.#joined.windows.values()].map(asElectronWindow);
  }

  static fromWebContents(contents: ElectronWebContents): ElectronWindow | null {
    const window = [...BrowserWindow.#joined.windows.values()].find((known) => known.contents.asElectron() === contents);
    return window ? asElectronWindow(window) : null;
  }

  static fromId(id: number): ElectronWindow | null {
    const window = BrowserWindow.#joined.windows.get(id);
    return window ? asElectronWindow(window) : null;
  }

  static getFocusedWindow(): ElectronWindow | null {
    return BrowserWindow.#focused ? asElectronWindow(BrowserWindow.#focused) : null;
  }

  get webContents(): ElectronWebContents {
    return this.contents.asElectron();
  }

  loadURL(url: string): Promise<void> {
    return this.#alive().contents.loadURL(url);
  }

  reload(): void {
    this.#alive().contents.reload();
  }

  show(): void {
    this.showInactive();
    this.focus();
  }

  showInactive(): void {
    this.#alive();
    this.#minimized = false;
    if (this.#visible) return;
    this.#visible = true;
    this.#applyWindow();
    this.emit('show');
  }

  hide(): void {
    this.#alive();
    this.blur();
    if (!this.#visible) return;
    this.#visible = false;
    this.#applyWindow();
    this.emit('hide');
  }

  focus(): void {
    this.#alive();
    const before = BrowserWindow.#focused;
    if (before === this || !this.#visible) return;
    BrowserWindow.#focused = this;
    before?.emit('blur');
    if (this.contents.page) ignoreGone(this.contents.page.activate(), this.#host.recorder.failed('focusing a window'));
    this.emit('focus');
  }

  blur(): void {
    if (BrowserWindow.#focused !== this) return;
    BrowserWindow.#focused = undefined;
    this.emit('blur');
  }

  /** Asks the app, then closes in a later turn, as Electron does. */
  close(): void {
    if (this.#destroyed) return;
    const event = electronEvent();
    this.emit('close', event);
    if (event.defaultPrevented) this.#host.app.closeRefused();
    else setImmediate(() => this.destroy());
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    if (BrowserWindow.#focused === this) BrowserWindow.#focused = undefined;
    this.#host.windows.delete(this.id);
    this.contents.destroy();
    this.emit('closed');
    if (this.#host.windows.size === 0) this.#host.app.allWindowsClosed();
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  isVisible(): boolean {
    return this.#visible && !this.#minimized;
  }

  isFocused(): boolean {
    return BrowserWindow.#focused === this;
  }

  minimize(): void {
    this.#alive();
    this.#minimized = true;
    this.blur();
    this.#applyWindow();
    this.emit('minimize');
  }

  restore(): void {
    this.#alive();
    if (!this.#minimized) return;
    this.#minimized = false;
    this.#applyWindow();
    this.emit('restore');
  }

  isMinimized(): boolean {
    return this.#minimized;
  }

  getBounds(): Rectangle {
    return { ...this.#alive().#bounds };
  }

  setBounds(wanted: Partial<Rectangle>): void {
    const before = this.getBounds();
    const asked = { ...before, ...wanted };
    const [minWidth, minHeight] = this.#minimum;
    this.#bounds = {
      x: Math.round(asked.x),
      y: Math.round(asked.y),
      width: Math.max(minWidth, Math.round(asked.width)),
      height: Math.max(minHeight, Math.round(asked.height)),
    };
    this.#applyWindow();
    if (this.#bounds.x !== before.x || this.#bounds.y !== before.y) this.emit('move');
    if (this.#bounds.width === before.width && this.#bounds.height === before.height) return;
    this.contents.refreshLook();
    this.emit('resize');
  }

  getSize(): number[] {
    const { width, height } = this.getBounds();
    return [width, height];
  }

  setSize(width: number, height: number): void {
    this.setBounds({ width, height });
  }

  getMinimumSize(): number[] {
    return [...this.#alive().#minimum];
  }

  setMinimumSize(width: number, height: number): void {
    this.#alive().#minimum = [width, height];
  }

  isAlwaysOnTop(): boolean {
    return this.#alive().#alwaysOnTop;
  }

  setAlwaysOnTop(onTop: boolean): void {
    this.#alive().#alwaysOnTop = onTop;
  }

  isContentProtected(): boolean {
    return this.#alive().#protected;
  }

  setContentProtection(enable: boolean): void {
    this.#alive().#protected = enable;
  }

  getTitle(): string {
    return this.#alive().#title;
  }

  setTitle(title: string): void {
    this.#alive().#title = title;
  }

  getBackgroundColor(): string {
    return this.#alive().#backgroundColor;
  }

  setBackgroundColor(color: string): void {
    this.#alive().#backgroundColor = color;
  }

  /** Windows of the stand-in have no menu bar. */
  setMenu(): void {
    this.#alive();
  }

  setMenuBarVisibility(): void {
    this.#alive();
  }

  #alive(): this {
    if (this.#destroyed) throw new TypeError('Object has been destroyed');
    return this;
  }

  /** A person closed the browser's window: the app hears it, and cannot prevent what has happened. */
  pageGone(): void {
    if (this.#destroyed) return;
    this.emit('close', electronEvent());
    this.destroy();
  }

  #wasPainted(): void {
    this.#applyWindow();
    if (this.#painted) return;
    this.#painted = true;
    this.emit('ready-to-show');
  }

  #applyWindow(): void {
    const { page } = this.contents;
    const { x, y, width, height } = this.#bounds;
    if (page)
      ignoreGone(page.applyWindow({ left: x, top: y, width, height }, this.isVisible()), this.#host.recorder.failed('placing a window'));
  }
}

function asElectronWindow(window: BrowserWindow): ElectronWindow {
  return window as unknown as ElectronWindow;
}
