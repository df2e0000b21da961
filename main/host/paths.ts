/** `app.getPath` and `app.setPath`. */
import { mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Folders of the person and of the app; the app's own are made when first asked for. */
export class Paths {
  readonly #overridden = new Map<string, string>();
  readonly #appName: () => string;
  readonly #userData: string | undefined;

  /** @param userData the switch `--user-data-dir`, if given */
  constructor(appName: () => string, userData: string | undefined) {
    this.#appName = appName;
    this.#userData = userData;
  }

  get(name: string): string {
    const path = this.#overridden.get(name) ?? this.#usual(name);
    if (['userData', 'sessionData', 'logs', 'crashDumps'].includes(name)) mkdirSync(path, { recursive: true });
    return path;
  }

  set(name: string, path: string): void {
    if (!isAbsolute(path)) throw new Error('Path must be absolute');
    this.#overridden.set(name, path);
  }

  #usual(name: string): string {
    switch (name) {
      case 'home':
        return homedir();
      case 'temp':
        return tmpdir();
      case 'appData':
        return appData();
      case 'userData':
        return this.#userData ?? join(this.get('appData'), this.#appName());
      case 'sessionData':
        return this.get('userData');
      case 'logs':
        return join(this.get('userData'), 'logs');
      case 'crashDumps':
        return join(this.get('userData'), 'Crashpad');
      case 'exe':
        return process.execPath;
      default:
        throw new Error(`electron stand-in: app.getPath('${name}') is not implemented`);
    }
  }
}

function appData(): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support');
  if (process.platform === 'win32') return process.env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming');
  return process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config');
}
