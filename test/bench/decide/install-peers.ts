/** Installs the peers' packages, exactly as their own lock file says, into their own folder. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PEERS_FOLDER } from './peers.ts';

const STAMP = path.join(PEERS_FOLDER, 'node_modules', '.installed');
const PROGRESS_EVERY_MS = 2_000;

/** Resolves at once where the packages of this lock file are there already; throws with npm's last words where they cannot be had. */
export async function installPeers(say: (line: string) => void): Promise<void> {
  const lock = createHash('sha256')
    .update(readFileSync(path.join(PEERS_FOLDER, 'package-lock.json')))
    .digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lock) return;
  say('Installing the peers …');
  const startedAtMs = performance.now();
  const seconds = (): number => Math.round((performance.now() - startedAtMs) / 1_000);
  const ticker = setInterval(() => say(`  installing the peers: ${seconds()} s`), PROGRESS_EVERY_MS);
  try {
    await npmCi();
  } finally {
    clearInterval(ticker);
  }
  say(`  done in ${seconds()} s`);
  writeFileSync(STAMP, lock);
}

function npmCi(): Promise<void> {
  // Started through npm, its own path is used, so that the same npm installs.
  const npm = process.env['npm_execpath'];
  const own = npm?.endsWith('.js') === true ? npm : null;
  const args = ['ci', '--ignore-scripts'];
  const child = spawn(own === null ? 'npm' : process.execPath, own === null ? args : [own, ...args], {
    cwd: PEERS_FOLDER,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: own === null && process.platform === 'win32',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      output = (output + data.toString()).slice(-8_000);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`the peers could not be installed: ${error.message}`, { cause: error })));
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`the peers could not be installed (npm ci in ${PEERS_FOLDER} ended with ${code}):\n${output.trimEnd()}`));
    });
  });
}
