/** Which window options the stand-in takes, and which values of them. */
import type { BrowserWindowConstructorOptions, WebPreferences } from 'electron';
import { notImplemented, refuseUnknown } from './strict.ts';

const windowOptions: readonly (keyof BrowserWindowConstructorOptions)[] = [
  'x',
  'y',
  'width',
  'height',
  'minWidth',
  'minHeight',
  'maxWidth',
  'maxHeight',
  'center',
  'show',
  'title',
  'backgroundColor',
  'alwaysOnTop',
  'resizable',
  'movable',
  'minimizable',
  'maximizable',
  'closable',
  'fullscreenable',
  'focusable',
  'skipTaskbar',
  'frame',
  'icon',
  'autoHideMenuBar',
  'titleBarStyle',
  'useContentSize',
  'acceptFirstMouse',
  'hasShadow',
  'webPreferences',
];

/** Preferences that may only have the value under which the stand-in's renderer runs. */
const fixed = {
  allowRunningInsecureContent: false,
  contextIsolation: true,
  experimentalFeatures: false,
  javascript: true,
  navigateOnDragDrop: false,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  plugins: false,
  sandbox: true,
  spellcheck: false,
  webSecurity: true,
  webviewTag: false,
} as const satisfies WebPreferences;

const free: readonly (keyof WebPreferences)[] = [
  'preload',
  'additionalArguments',
  'backgroundThrottling',
  'devTools',
  'disableDialogs',
  'nodeIntegrationInSubFrames',
  'safeDialogs',
  'v8CacheOptions',
  'zoomFactor',
];

/** Throws by name for anything the stand-in cannot honour. */
export function checkWindowOptions(options: BrowserWindowConstructorOptions): WebPreferences {
  refuseUnknown(options, windowOptions, 'BrowserWindow');
  const preferences = options.webPreferences ?? {};
  refuseUnknown(preferences, [...Object.keys(fixed), ...free], 'webPreferences');
  for (const [name, only] of Object.entries(fixed)) {
    const asked = preferences[name as keyof typeof fixed];
    if (asked !== undefined && asked !== only) throw notImplemented(`webPreferences ${name}: ${String(asked)}`);
  }
  return preferences;
}
