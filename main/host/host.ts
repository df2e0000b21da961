/** What windows and their contents share: the browser, the app-wide objects and the registers of both. */
import type { RenderProcessGoneDetails, WebContents as ElectronWebContents } from 'electron';
import type { BrowserWindow } from './browser-window.ts';
import type { Chromium } from './chromium.ts';
import type { IpcMain } from './ipc-main.ts';
import type { NativeTheme } from './native-theme.ts';
import type { Protocol } from './protocol.ts';
import type { Recorder } from './recorder.ts';
import type { SchemeMap } from './scheme-map.ts';
import type { Session } from './session.ts';
import type { WebContents } from './web-contents.ts';

/** What the app hears about its windows. */
export interface WindowObserver {
  readonly isReady: () => boolean;
  readonly name: () => string;
  contentsCreated(contents: ElectronWebContents): void;
  renderProcessGone(contents: ElectronWebContents, details: RenderProcessGoneDetails): void;
  allWindowsClosed(): void;
  closeRefused(): void;
}

export interface Host {
  readonly headed: boolean;
  readonly chromium: () => Promise<Chromium>;
  readonly app: WindowObserver;
  readonly ipcMain: IpcMain;
  readonly nativeTheme: NativeTheme;
  readonly protocol: Protocol;
  readonly recorder: Recorder;
  readonly schemes: SchemeMap;
  readonly session: Session;
  readonly windows: Map<number, BrowserWindow>;
  readonly contents: Map<number, WebContents>;
}
