/** `app.commandLine`: the switches this process was given and those the app adds before Chromium starts. */
import type { CommandLine as ElectronCommandLine } from 'electron';
import { type Agrees, StrictObject } from './strict.ts';

/** The stand-in's own; handing them to Chromium would change whom it obeys or where it writes. */
const kept: ReadonlySet<string> = new Set([
  'headless',
  'inspect',
  'inspect-brk',
  'remote-debugging-port',
  'remote-debugging-pipe',
  'user-data-dir',
]);

export class CommandLine extends StrictObject implements Agrees<CommandLine, ElectronCommandLine> {
  readonly #switches = new Map<string, string>();
  readonly #appended = new Map<string, string>();

  /** @param argv as `process.argv` */
  constructor(argv: readonly string[]) {
    super('app.commandLine');
    for (const argument of argv.slice(1)) {
      const [, name, value = ''] = /^--([^=]+)(?:=(.*))?$/su.exec(argument) ?? [];
      if (name !== undefined) this.#switches.set(name, value);
    }
  }

  appendSwitch(name: string, value = ''): void {
    this.#switches.set(name, value);
    this.#appended.set(name, value);
  }

  hasSwitch(name: string): boolean {
    return this.#switches.has(name);
  }

  getSwitchValue(name: string): string {
    return this.#switches.get(name) ?? '';
  }

  /** What Chromium is to be told, with dashes. */
  forChromium(): string[] {
    const appended = [...this.#appended]
      .filter(([name]) => !kept.has(name))
      .map(([name, value]) => (value === '' ? `--${name}` : `--${name}=${value}`));
    return this.hasSwitch('no-sandbox') ? [...appended, '--no-sandbox'] : appended;
  }
}
