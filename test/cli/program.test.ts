import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '#main/cli/command-table.ts';
import { runSotto } from './run-sotto.ts';

const SOTTO = path.join(import.meta.dirname, '..', '..', 'main', 'cli');
/** Whatever the table holds, these must be in it: a loop over nothing proves nothing. */
const LEAST_COMMANDS = 4;

describe('the sotto command', () => {
  it('lists every command on --help, on no arguments, and by group', async () => {
    for (const args of [['--help'], ['-h'], ['help'], []]) {
      const { code, out } = await runSotto(args);
      expect(code).toBe(0);
      for (const { words, summary } of COMMANDS) expect(out).toMatch(new RegExp(`^  ${words} +${summary}$`, 'm'));
    }
    const group = await runSotto(['policy', '--help']);
    expect(group).toMatchObject({ code: 0 });
    expect(group.out).toContain('policy check');
    expect(group.out).not.toContain('import-calls');
    expect(await runSotto(['policy'])).toMatchObject({ code: 2, out: '' });
  });

  it('has help for every command that names each of its options', async () => {
    expect(COMMANDS.length).toBeGreaterThanOrEqual(LEAST_COMMANDS);
    for (const { words, summary, load } of COMMANDS) {
      const command = await load();
      const { code, out } = await runSotto([...words.split(' '), '--help']);
      expect(code, words).toBe(0);
      expect(out).toContain(`Usage: sotto ${words}`);
      expect(command.summary, words).toBe(summary);
      for (const option of Object.keys(command.options)) expect(out, words).toContain(`--${option}`);
      for (const { name } of command.positionals) expect(out, words).toContain(name);
      expect(Object.keys(command.options), `${words} can answer in JSON`).toContain('json');
    }
  });

  it('exits 2 on wrong use of every command, with a line that says what is wrong and how it is used', async () => {
    for (const { words, load } of COMMANDS) {
      const command = await load();
      const typed = words.split(' ');
      const unknown = await runSotto([...typed, '--no-such-option']);
      expect(unknown, words).toMatchObject({ code: 2, out: '' });
      expect(unknown.err).toContain('there is no option --no-such-option');
      expect(unknown.err).toContain(`Usage: sotto ${words}`);
      const needs = command.positionals.some(({ required }) => required) || Object.values(command.options).some(({ required }) => required);
      if (!needs) continue;
      const bare = await runSotto(typed);
      expect(bare, words).toMatchObject({ code: 2, out: '' });
      expect(bare.err).toContain('is missing');
    }
  });

  it('suggests the nearest command, option or value', async () => {
    expect(await runSotto(['import-call'])).toMatchObject({ code: 2 });
    expect((await runSotto(['import-call'])).err).toContain('did you mean "import-calls"?');
    expect((await runSotto(['polcy', 'check'])).err).toContain('did you mean "policy"?');
    expect((await runSotto(['policy', 'chek'])).err).toContain('did you mean "policy check"?');
    expect((await runSotto(['import-calls', '--form', 'star'])).err).toContain('did you mean --from?');
    expect((await runSotto(['xyzzy-frotz'])).err).not.toContain('did you mean');
    const value = await runSotto(['import-calls', '--from', 'tape', '--in', 'x', '--out', 'y']);
    expect(value.err).toContain('--from "tape" is not possible; it is star or multidogo');
  });

  it('says in one line that a file is not there', async () => {
    const { code, err } = await runSotto(['policy', 'check', '/no/such/folder']);
    expect(code).toBe(2);
    expect(err).toContain('/no/such/folder is not there');
    expect(err).not.toContain('    at ');
  });

  it('tells a failure of its own with the stack and exits 1', async () => {
    const broken = {
      words: 'break',
      summary: 'Break',
      load: async () => ({
        summary: 'Break',
        positionals: [],
        options: {},
        run: async () => {
          throw new Error('an invariant is broken');
        },
      }),
    };
    const { code, err } = await runSotto(['break'], [broken]);
    expect(code).toBe(1);
    expect(err).toContain('an invariant is broken');
    expect(err).toContain('    at ');
  });

  it('runs as a process of its own, also by the launcher for older Nodes, and bears a reader that leaves early', () => {
    for (const file of ['sotto.ts', 'sotto.mjs']) {
      const { status, stdout } = spawnSync(process.execPath, [path.join(SOTTO, file), '--help'], { encoding: 'utf8' });
      expect(status, file).toBe(0);
      expect(stdout).toContain('Usage: sotto <command>');
      expect(spawnSync(process.execPath, [path.join(SOTTO, file), 'nonsense']).status).toBe(2);
    }
    const early = spawnSync('sh', ['-c', `"${process.execPath}" "${path.join(SOTTO, 'sotto.ts')}" schema event | head -c 10`], {
      encoding: 'utf8',
    });
    expect(early.stdout).toHaveLength(10);
    expect(early.stderr).toBe('');
  });
});
