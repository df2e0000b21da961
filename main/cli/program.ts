/** From the words typed to a command, held against its table, to an exit code. */
import { parseArgs } from 'node:util';
import { type Command, type CommandEntry, type ExitCode, Given } from './command.ts';
import { COMMANDS } from './command-table.ts';
import { DataFileFault } from './datasets/data-file-fault.ts';
import { commandHelp, programHelp, usageLine } from './help-text.ts';
import { nearestWord } from './nearest-word.ts';
import type { Terminal } from './terminal.ts';

const HELP = new Set(['--help', '-h', 'help']);

/** What is wrong with the values typed; null = nothing. */
const wrongUse = (command: Command, values: Readonly<Record<string, unknown>>, positionals: readonly string[]): string | null => {
  for (const [at, { name, required, oneOf }] of command.positionals.entries()) {
    const value = positionals[at];
    if (value === undefined && required) return `${oneOf?.join(' or ') ?? name} is missing`;
    if (value !== undefined && oneOf !== undefined && !oneOf.includes(value))
      return `"${value}" is no ${name}; it is ${oneOf.join(' or ')}`;
  }
  const extra = positionals[command.positionals.length];
  if (extra !== undefined) return `"${extra}" is one argument too many`;
  for (const [name, { required, oneOf, value: placeholder }] of Object.entries(command.options)) {
    const value = values[name];
    if (value === undefined && required === true) return `--${name} ${oneOf?.join('|') ?? placeholder ?? 'VALUE'} is missing`;
    for (const one of Array.isArray(value) ? value : [value])
      if (typeof one === 'string' && oneOf !== undefined && !oneOf.includes(one))
        return `--${name} "${one}" is not possible; it is ${oneOf.join(' or ')}`;
  }
  return null;
};

const find = (args: readonly string[], entries: readonly CommandEntry[]): { entry: CommandEntry; rest: readonly string[] } | undefined => {
  for (const entry of entries) {
    const words = entry.words.split(' ');
    if (words.every((word, at) => args[at] === word)) return { entry, rest: args.slice(words.length) };
  }
  return undefined;
};

const runCommand = async (words: string, command: Command, args: readonly string[], terminal: Terminal): Promise<ExitCode> => {
  const refuse = (reason: string): ExitCode => {
    terminal.note(`sotto ${words}: ${reason}`);
    terminal.note(usageLine(words, command));
    terminal.note(`sotto ${words} --help says more.`);
    return 2;
  };
  if (args.includes('--help') || args.includes('-h')) {
    await terminal.print(commandHelp(words, command));
    return 0;
  }
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: Object.fromEntries(
        Object.entries(command.options).map(([name, { type, multiple }]) => [name, { type, multiple: multiple === true }]),
      ),
    });
  } catch (error) {
    const typed = /'(--?[^' =]+)/.exec(error instanceof Error ? error.message : '')?.[1] ?? '';
    const near = nearestWord(typed.replace(/^-+/, ''), Object.keys(command.options));
    const known = command.options[typed.slice(2)] !== undefined;
    if (known || typed === '') return refuse(error instanceof Error ? error.message : String(error));
    return refuse(`there is no option ${typed}${near === undefined ? '' : `; did you mean --${near}?`}`);
  }
  const wrong = wrongUse(command, parsed.values, parsed.positionals);
  if (wrong !== null) return refuse(wrong);
  try {
    return await command.run(new Given(parsed.values, parsed.positionals), terminal);
  } catch (error) {
    if (error instanceof DataFileFault) {
      terminal.note(error.message);
      return 1;
    }
    // A file that is not there or may not be read is the most common slip: one line, not a stack.
    const { code, path, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return refuse(`${path ?? 'a file'} is not there`);
    if (code === 'EACCES' || code === 'EISDIR' || code === 'ENOTDIR') return refuse(message);
    throw error;
  }
};

/** Runs one command line. Failures of the program itself are told with their stack and count as 1. */
export const runProgram = async (
  args: readonly string[],
  terminal: Terminal,
  entries: readonly CommandEntry[] = COMMANDS,
): Promise<ExitCode> => {
  const [first = '--help'] = args;
  if (HELP.has(first)) {
    await terminal.print(programHelp(entries));
    return 0;
  }
  const found = find(args, entries);
  if (found === undefined) {
    const group = entries.filter(({ words }) => words.startsWith(`${first} `));
    const second = args[1];
    if (group.length > 0 && (second === undefined || HELP.has(second))) {
      if (second === undefined) terminal.note(programHelp(group, first));
      else await terminal.print(programHelp(group, first));
      return second === undefined ? 2 : 0;
    }
    const typed = group.length > 0 ? `${first} ${second ?? ''}` : first;
    const near = nearestWord(
      typed,
      group.length > 0 ? group.map(({ words }) => words) : entries.flatMap(({ words }) => [words, words.split(' ')[0] ?? '']),
    );
    terminal.note(`sotto: there is no command "${typed}"${near === undefined ? '' : `; did you mean "${near}"?`} sotto --help lists them.`);
    return 2;
  }
  try {
    return await runCommand(found.entry.words, await found.entry.load(), found.rest, terminal);
  } catch (error) {
    terminal.note(`sotto ${found.entry.words}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return 1;
  }
};
