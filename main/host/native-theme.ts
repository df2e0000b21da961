/** `nativeTheme`. Without a desktop to ask, the system is light until a lever says otherwise. */
import type { NativeTheme as ElectronNativeTheme } from 'electron';
import { type Agrees, StrictEmitter } from './strict.ts';

export class NativeTheme extends StrictEmitter<{ updated: [] }> implements Agrees<NativeTheme, ElectronNativeTheme> {
  #source: ElectronNativeTheme['themeSource'] = 'system';
  #systemDark = false;

  constructor() {
    super('nativeTheme', ['updated']);
  }

  get themeSource(): ElectronNativeTheme['themeSource'] {
    return this.#source;
  }

  set themeSource(source: ElectronNativeTheme['themeSource']) {
    this.#source = source;
    this.emit('updated');
  }

  get shouldUseDarkColors(): boolean {
    return this.#source === 'system' ? this.#systemDark : this.#source === 'dark';
  }

  /** A lever of tests. */
  systemBecame(dark: boolean): void {
    this.#systemDark = dark;
    this.emit('updated');
  }
}
