/** What a window may be, as data: a test compares it exactly. */
import type { BrowserWindowConstructorOptions } from 'electron';
import { APP_ORIGIN } from './app-protocol.ts';

export const COMPACT_SIZE = { width: 360, height: 640 } as const;
export const FULL_SIZE = { width: 1440, height: 900 } as const;
/** The narrowest the design works at. */
export const MINIMUM_SIZE = { width: 320, height: 480 } as const;

/** Window options; `preload` is the bundled preload script's path. */
export function secureWindowOptions(preload: string): BrowserWindowConstructorOptions {
  return {
    ...FULL_SIZE,
    minWidth: MINIMUM_SIZE.width,
    minHeight: MINIMUM_SIZE.height,
    title: 'Sotto',
    show: false,
    backgroundColor: '#f6f7f9',
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      safeDialogs: true,
      spellcheck: false,
      devTools: false,
    },
  };
}

/** True for a page of ours, whatever the path, query or fragment. */
export function isAppUrl(url: string): boolean {
  try {
    const { protocol, host, username, password } = new URL(url);
    return `${protocol}//${host}` === APP_ORIGIN && username === '' && password === '';
  } catch {
    return false;
  }
}
