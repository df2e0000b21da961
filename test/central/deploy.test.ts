/** What an operator deploys: the files of the container are enough to start a node, and systemd understands the unit. No daemon is needed for either. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { presentCore } from '#main/build/present-core.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const CONTAINER = readFileSync(join(ROOT, 'central/deploy/Containerfile'), 'utf8');
const UNIT = readFileSync(join(ROOT, 'central/deploy/sotto-central.service'), 'utf8');
/** Instructions of the format, with what continues on the next line. */
const instructions = CONTAINER.replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => ({ name: line.split(' ', 1)[0] ?? '', rest: line.slice(line.indexOf(' ') + 1) }));
const lastStage = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
const commandOf = (name: string): readonly string[] => JSON.parse(lastStage.find((one) => one.name === name)?.rest ?? '[]') as string[];

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-deploy-'));
});
afterEach(() => {
  execFileSync('chmod', ['-R', 'u+w', folder]);
  rmSync(folder, { recursive: true, force: true });
});

/** Puts into a folder what the container's COPY lines put into /sotto; the packages are those of this checkout. */
async function contents(without: string | null): Promise<string> {
  await presentCore();
  const at = join(folder, 'sotto');
  mkdirSync(at);
  symlinkSync(join(ROOT, 'node_modules'), join(at, 'node_modules'));
  for (const { name, rest } of lastStage) {
    const words = rest.split(' ').filter((word) => !word.startsWith('--'));
    const to = words.pop() ?? '';
    if (name !== 'COPY' || to === 'node_modules') continue;
    for (const from of words.map((word) => word.replace(/^\/sotto\//, '')))
      if (from !== without) cpSync(join(ROOT, from), to.endsWith('/') ? join(at, to, from) : join(at, to), { recursive: true });
  }
  // As in the container, where nothing is written beside the program.
  execFileSync('chmod', ['-R', 'a-w', join(at, 'out')]);
  return at;
}

/** Its first line and how it ended; it is told to end once it said something. */
async function start(at: string): Promise<{ readonly said: string | null; readonly code: number | null }> {
  const config = join(folder, 'central.json');
  writeFileSync(config, JSON.stringify({ mode: 'embedded', folder: join(folder, 'store') }));
  const [program = '', ...given] = commandOf('CMD').map((word) => (word === '/etc/sotto/central.json' ? config : word));
  expect(program).toBe('node');
  const node = spawn(process.execPath, given, { cwd: at, stdio: ['ignore', 'pipe', 'ignore'] });
  let said: string | null = null;
  createInterface({ input: node.stdout }).on('line', (line) => {
    said ??= line;
    node.kill('SIGTERM');
  });
  const code = await new Promise<number | null>((ended) => node.once('exit', ended));
  return { said, code };
}

test('the container has the instructions of its format, runs as nobody special, and is told to end as a node understands it', () => {
  const known = ['FROM', 'WORKDIR', 'COPY', 'RUN', 'ENV', 'USER', 'EXPOSE', 'HEALTHCHECK', 'STOPSIGNAL', 'CMD'];
  expect(instructions.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
  expect(lastStage.filter(({ name }) => name === 'COPY').length).toBeGreaterThan(4);
  expect(lastStage.find(({ name }) => name === 'USER')?.rest).toBe('node');
  expect(lastStage.find(({ name }) => name === 'STOPSIGNAL')?.rest).toBe('SIGTERM');
});

test('what the container is given is enough to start a node, and it ends when it is told to', async () => {
  const { said, code } = await start(await contents(null));
  expect(JSON.parse(said ?? '{}')).toMatchObject({ url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as unknown });
  expect(code).toBe(0);
});

test.each(['migrations', 'main/build'])('canary: without %s it does not start', async (without) => {
  const { said, code } = await start(await contents(without));
  expect(said).toBeNull();
  expect(code).not.toBe(0);
});

test('the unit starts what the container starts', () => {
  const exec = /^ExecStart=(.+)$/m.exec(UNIT)?.[1]?.split(' ') ?? [];
  expect(exec.slice(1)).toEqual(commandOf('CMD').slice(1));
});

const SYSTEMD = '/usr/bin/systemd-analyze';
const hasSystemd = existsSync(SYSTEMD);
if (!hasSystemd) console.warn('\n!!! SKIPPED: systemd is not installed, so the unit was read by nobody (apt-get install systemd)\n');

/** What systemd has against a unit; nothing where it understands all of it. */
function verify(text: string): string {
  const unit = join(folder, 'sotto-central.service');
  // The program may be elsewhere on this machine; every other word of the unit is looked at.
  writeFileSync(unit, text.replace('/usr/bin/node', process.execPath));
  const { stderr } = spawnSync(SYSTEMD, ['verify', '--man=no', '--recursive-errors=no', unit], { encoding: 'utf8' });
  return stderr;
}

test.skipIf(!hasSystemd)('systemd understands every line of the unit', () => {
  expect(verify(UNIT)).toBe('');
  // Canary: it would say so.
  expect(verify(UNIT.replace('ProtectHome=yes', 'ProtectHome=perhaps'))).not.toBe('');
});
