/** What the commands have in common that tell central one thing and print what came of it. */
import type { z } from 'zod';
import type { Command, Given } from '../command.ts';
import { CENTRAL_OPTIONS, CentralApi } from './central-api.ts';

interface Told<T> {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  readonly answer: z.ZodType<T>;
}

type Shape<T> = Omit<Command, 'run'> & {
  /** In words what is wrong with what was typed. */
  readonly tell: (given: Given) => Told<T> | string;
  readonly describe: (value: T) => readonly string[];
};

export function centralCommand<T>({ tell, describe, ...command }: Shape<T>): Command {
  return {
    ...command,
    options: { ...command.options, ...CENTRAL_OPTIONS, json: { type: 'boolean', help: 'Print the answer as one JSON line' } },
    async run(given, terminal) {
      const told = tell(given);
      if (typeof told === 'string') {
        terminal.note(told);
        return 2;
      }
      const central = await CentralApi.open(given, terminal);
      if (typeof central === 'string') {
        terminal.note(central);
        return 2;
      }
      const answer = await central.ask(told.method, told.path, told.answer, told.body);
      if (!answer.ok) {
        terminal.note(answer.words);
        return 1;
      }
      if (given.flag('json')) await terminal.print(JSON.stringify(answer.value));
      else for (const line of describe(answer.value)) await terminal.print(line);
      return 0;
    },
  };
}
