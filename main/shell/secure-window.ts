import { BrowserWindow } from 'electron';
import { lockContents } from './window-policy.ts';
import { secureWindowOptions } from './window-options.ts';

/** The one way a window is made. It shows our own pages and nothing else: no pop-ups, no navigation away, no webview. */
export function createSecureWindow(preload: string): BrowserWindow {
  const window = new BrowserWindow(secureWindowOptions(preload));
  lockContents(window.webContents);
  return window;
}
