/** The words of `--help`, on every level. */
import type { Command, CommandEntry } from './command.ts';

const columns = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`).join('\n');
};

/** The whole program, or the commands of one group (`sotto model --help`). */
export const programHelp = (entries: readonly CommandEntry[], group?: string): string =>
  [
    `Usage: sotto ${group === undefined ? '' : `${group} `}<command> [options]`,
    '',
    columns(entries.map(({ words, summary }) => [words, summary])),
    '',
    'sotto <command> --help says more. Exit codes: 0 fine, 1 the check failed, 2 wrong use.',
  ].join('\n');

export const usageLine = (words: string, command: Command): string => {
  const options = Object.entries(command.options).map(([name, { type, value, required, oneOf }]) => {
    const text = type === 'boolean' ? `--${name}` : `--${name} ${oneOf?.join('|') ?? value ?? 'VALUE'}`;
    return required === true ? text : `[${text}]`;
  });
  const positionals = command.positionals.map(({ name, required, oneOf }) => {
    const text = oneOf?.join('|') ?? name;
    return required ? text : `[${text}]`;
  });
  return `Usage: sotto ${[words, ...positionals, ...options].join(' ')}`;
};

export const commandHelp = (words: string, command: Command): string => {
  const rows: [string, string][] = [
    ...command.positionals.map(({ name, help }): [string, string] => [name, help]),
    ...Object.entries(command.options).map(([name, option]): [string, string] => [
      option.type === 'boolean' ? `--${name}` : `--${name} ${option.value ?? 'VALUE'}`,
      `${option.help}${option.oneOf === undefined ? '' : ` (${option.oneOf.join(', ')})`}${option.multiple === true ? '; may be repeated' : ''}`,
    ]),
    ['--help', 'Say this'],
  ];
  return [
    usageLine(words, command),
    '',
    `${command.summary}.`,
    '',
    columns(rows),
    ...(command.notes === undefined ? [] : ['', command.notes]),
  ].join('\n');
};
