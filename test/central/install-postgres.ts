/** Before the tests: PostgreSQL from Debian, where it is missing and may be installed. Where it may not, what needs it says so and is skipped. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findPostgres } from './postgres.ts';

const APT = '/usr/bin/apt-get';

export function setup(): void {
  if (findPostgres() !== null || process.getuid?.() !== 0 || !existsSync(APT)) return;
  console.log('Installing PostgreSQL, which the tests of central run on …');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    execFileSync(APT, ['update', '-q'], { env, stdio: 'pipe' });
    execFileSync(APT, ['install', '-y', '-q', '--no-install-recommends', 'postgresql'], { env, stdio: 'pipe' });
  } catch (error) {
    console.warn(`PostgreSQL was not installed: ${error instanceof Error ? error.message : String(error)}`);
  }
}
