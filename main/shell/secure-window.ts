import { BrowserWindow } from 'electron';
import { secureWindowOptions } from './window-options.ts';

/** The one way a window is made. It shows our own pages and nothing else: no pop-ups, no navigation away, no webview. */
export function createSecureWindow(preload: string): BrowserWindow {
  const window = new BrowserWindow(secureWindowOptions(preload));
  const contents = window.webContents;
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-navigate', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  return window;
}
