/**
 * The `sotto` command for any Node from 20: plain JavaScript, so that an old Node can still say what is missing.
 * Goes on in this process where Node can run TypeScript, and in the Node of the project's packages where it cannot.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const program = path.join(here, 'sotto.ts');
const ownNode = path.join(here, '..', '..', 'node_modules', '.bin', process.platform === 'win32' ? 'node.exe' : 'node');
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

// From 22.18 on Node runs TypeScript by itself.
if (major > 22 || (major === 22 && minor >= 18)) await import(program);
else if (existsSync(ownNode)) {
  const { status, error } = spawnSync(ownNode, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
  if (error) process.stderr.write(`sotto: ${ownNode} could not be started: ${error.message}\n`);
  process.exitCode = status ?? 1;
} else {
  process.stderr.write(
    `sotto: this is Node ${process.versions.node}; Node 22.18 or newer is needed. Run "npm ci" here, which brings its own, or install one from https://nodejs.org.\n`,
  );
  process.exitCode = 2;
}
