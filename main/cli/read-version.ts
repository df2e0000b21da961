/** `--version` of a model, in every command that makes one. */
import type { Given } from './command.ts';
import type { Terminal } from './terminal.ts';

/** 1 where not given; null where it is no version, and the terminal has been told. */
export const readVersion = (given: Given, terminal: Terminal): number | null => {
  const text = given.text('version') ?? '1';
  const version = Number(text);
  if (Number.isSafeInteger(version) && version >= 1) return version;
  terminal.note(`--version must be a whole number from 1, not "${text}"`);
  return null;
};
