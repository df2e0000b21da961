/**
 * The first file that runs on a new machine, in plain JavaScript for Node 20 and newer: installs what is missing,
 * builds what is stale, finds a Chromium where Electron's runtime is absent, and then hands over to the `sotto`
 * command (or to the tests). Steps that are done are skipped; any that takes longer shows how far it is.
 *
 *   node main/start.mjs start [options]     npm start
 *   node main/start.mjs test [options]      npm test
 *   node main/start.mjs test-full [options] npm run test:full: the generated and the fault suites at their full counts
 *   node main/start.mjs setup               only the set-up
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from './host/find-chromium.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const modules = path.join(root, 'node_modules');
/** Node 24 as an npm package, for machines whose own Node is older. */
const ownNode = path.join(modules, '.bin', process.platform === 'win32' ? 'node.exe' : 'node');
const NEEDED_NODE = 24;

const say = (line) => process.stderr.write(`${line}\n`);

/** Runs a step with its output kept back, a line every two seconds, and the output's end where it fails. */
function step(title, command, args, { env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const startedAt = Date.now();
    const seconds = () => Math.round((Date.now() - startedAt) / 1000);
    say(`${title} …`);
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
    let output = '';
    const keep = (data) => {
      output = (output + data).slice(-8_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const ticker = setInterval(() => say(`  ${title.toLowerCase()}: ${seconds()} s`), 2_000);
    child.on('error', (error) => {
      clearInterval(ticker);
      reject(new Error(`${title} failed: ${error.message}`));
    });
    child.on('close', (code) => {
      clearInterval(ticker);
      if (code === 0) {
        say(`  done in ${seconds()} s`);
        resolve();
      } else reject(new Error(`${title} failed (${command} ${args.join(' ')}):\n${output.trimEnd()}`));
    });
  });
}

async function ensureDependencies() {
  const lock = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = path.join(modules, '.installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  // npm would empty the folder the link leads to, which is another checkout's.
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink())
    throw new Error(`${modules} is a link to packages of another lock file: remove it, or install them where it leads.`);
  // Started through npm, so npm is there; its own path is used so that the same npm installs.
  const npm = process.env.npm_execpath;
  if (npm?.endsWith('.js')) await step('Installing dependencies', process.execPath, [npm, 'ci']);
  else await step('Installing dependencies', 'npm', ['ci']);
  writeFileSync(stamp, lock);
}

/** The Node everything else runs on. */
function nodeToUse() {
  if (existsSync(ownNode)) return ownNode;
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_NODE) return process.execPath;
  throw new Error(
    `Sotto needs Node ${NEEDED_NODE} on this platform; this is ${process.versions.node}. Install it from https://nodejs.org and run the command again.`,
  );
}

const electronIsThere = () => existsSync(path.join(modules, 'electron', 'path.txt'));

async function ensureRuntime() {
  if (electronIsThere() || findChromium({ headed: true }) !== undefined) return;
  const debian = process.platform === 'linux' && existsSync('/usr/bin/apt-get');
  if (!debian || process.getuid?.() !== 0) {
    const how = debian
      ? 'Run: sudo apt-get install -y chromium'
      : 'Install Chromium or Google Chrome, or set SOTTO_CHROMIUM to the path of its binary';
    throw new Error(`Neither Electron's runtime nor a Chromium was found. ${how}; then run this command again.`);
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await step('Reading the package lists', 'apt-get', ['update', '-q'], { env });
  await step('Installing Chromium', 'apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], { env });
  if (findChromium({ headed: true }) === undefined)
    throw new Error('Chromium was installed but not found. Set SOTTO_CHROMIUM to its path and run the command again.');
}

/** Runs the real command in the foreground; Ctrl-C reaches it directly, and its exit code becomes ours. */
function handOver(command, args, env) {
  const child = spawn(command, args, { cwd: root, env, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
  child.on('error', (error) => {
    say(error.message);
    process.exit(1);
  });
  child.on('close', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

const [task, ...rest] = process.argv.slice(2);
try {
  await ensureDependencies();
  const node = nodeToUse();
  await ensureRuntime();
  await new Promise((resolve, reject) => {
    spawn(node, [path.join(root, 'main', 'build', 'ensure-built.ts')], { cwd: root, stdio: 'inherit' }).on('close', (code) =>
      code === 0 ? resolve() : reject(new Error('The build failed; its messages are above.')),
    );
  });
  const env = { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}` };
  if (task === 'start') handOver(node, [path.join(root, 'main', 'cli', 'sotto.ts'), 'start', ...rest], env);
  else if (task === 'test' || task === 'test-full') {
    const counts = task === 'test-full' ? { SOTTO_FULL: '1' } : {};
    handOver(node, [path.join(modules, 'vitest', 'vitest.mjs'), 'run', ...rest], { ...env, ...counts });
  }
} catch (error) {
  say(error.message);
  process.exit(1);
}
