/**
 * What a test can do to the stand-in that it cannot do to Electron, found on the global under one symbol:
 *
 *   await electronApp.evaluate(() => globalThis[Symbol.for('sotto.electron-stand-in')].suspend())
 *
 * On a real Electron the symbol holds nothing; tests that need a lever skip there.
 */
import type { RecordedCall } from './recorder.ts';
import type { ChosenBackend } from './safe-storage.ts';

export const leversSymbol = Symbol.for('sotto.electron-stand-in');

export interface Levers {
  /** What the app asked of the desktop so far: links, dialogs, notifications, refused windows, failures inside the stand-in. */
  readonly recorded: readonly RecordedCall[];
  suspend(): void;
  resume(): void;
  /** The system's theme, which `themeSource: 'system'` follows. */
  systemDark(dark: boolean): void;
  /** The button the next message box is answered with; answers queue up. */
  answerNextDialog(response: number): void;
  clickLastNotification(): void;
  storageBackend(backend: ChosenBackend): void;
  /** What `session.resolveProxy` says from now on. */
  proxy(answer: string): void;
}
