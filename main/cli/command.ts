/** What a subcommand is: a row of the command table, and how it reads what was typed. */
import type { Terminal } from './terminal.ts';

/** 0 fine, 1 the check failed, 2 wrong use, 3 something would change and the command was asked to say so. */
export type ExitCode = 0 | 1 | 2 | 3;

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  /** What stands for the value in the help. */
  readonly value?: string;
  readonly help: string;
  readonly required?: boolean;
  /** May be given more than once. */
  readonly multiple?: boolean;
  /** The only values there are. */
  readonly oneOf?: readonly string[];
}

export interface PositionalSpec {
  readonly name: string;
  readonly help: string;
  readonly required: boolean;
  readonly oneOf?: readonly string[];
}

export interface Command {
  /** One line, verb first. */
  readonly summary: string;
  readonly positionals: readonly PositionalSpec[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Whole sentences below the options. */
  readonly notes?: string;
  /** Resolves to the exit code; what the terminal is told has been written by then. */
  run(given: Given, terminal: Terminal): Promise<ExitCode>;
}

/** What was typed, already held against the command's table: required things are there, values are among those allowed. */
export class Given {
  readonly #options: Readonly<Record<string, unknown>>;
  readonly #positionals: readonly string[];

  constructor(options: Readonly<Record<string, unknown>>, positionals: readonly string[]) {
    this.#options = options;
    this.#positionals = positionals;
  }

  /** A positional by its place; throws where the table does not require it and it is absent. */
  positional(at: number): string {
    const value = this.#positionals[at];
    if (value === undefined) throw new Error(`argument ${at} was not given and is not required`);
    return value;
  }

  /** A positional that may be left out. */
  maybe(at: number): string | undefined {
    return this.#positionals[at];
  }

  text(option: string): string | undefined {
    const value = this.#options[option];
    return typeof value === 'string' ? value : undefined;
  }

  /** A required option; throws where the table does not require it and it is absent. */
  required(option: string): string {
    const value = this.text(option);
    if (value === undefined) throw new Error(`option --${option} was not given and is not required`);
    return value;
  }

  list(option: string): readonly string[] {
    const value = this.#options[option];
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  }

  flag(option: string): boolean {
    return this.#options[option] === true;
  }

  /** The options as they would be typed once more. */
  retyped(): readonly string[] {
    return Object.entries(this.#options).flatMap(([option, value]) => {
      if (value === true) return [`--${option}`];
      const values = Array.isArray(value) ? value : [value];
      return values.filter((each) => typeof each === 'string').flatMap((each) => [`--${option}`, each]);
    });
  }
}

/** One row of the table: the words typed, and where the command is (loaded only when it is meant). */
export interface CommandEntry {
  readonly words: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}
