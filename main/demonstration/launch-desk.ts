/** Starts the agent's app: in Electron where its runtime is installed, otherwise on the stand-in runtime. */
import { existsSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..', '..');
const STAND_IN = path.join(root, 'main', 'host', 'electron');

export interface DeskOptions {
  readonly central: string;
  readonly agent: string;
  /** The app's own folder: store, key file, settings. */
  readonly userData: string;
  readonly clock: 'system' | 'virtual';
  readonly headless: boolean;
}

export interface DeskCommand {
  readonly executable: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** True where Electron's own runtime is used. */
  readonly electron: boolean;
}

/** What to run for a desk of the demonstration. SOTTO_ELECTRON names another Electron binary. */
export function deskCommand(options: DeskOptions): DeskCommand {
  const installed = installedElectron();
  const executable = process.env['SOTTO_ELECTRON'] ?? installed ?? STAND_IN;
  return {
    executable,
    electron: executable !== STAND_IN,
    args: [
      root,
      `--user-data-dir=${options.userData}`,
      `--central=${options.central}`,
      `--agent=${options.agent}`,
      '--demonstration',
      '--lines',
      ...(options.clock === 'virtual' ? ['--virtual-clock'] : []),
    ],
    env: { ...process.env, SOTTO_NODE: process.execPath, ...(options.headless ? { SOTTO_HEADLESS: '1' } : {}) },
  };
}

/** Electron's binary where its package has fetched one; its name is in path.txt. */
function installedElectron(): string | undefined {
  const folder = path.join(root, 'node_modules', 'electron', 'dist');
  const binary = path.join(
    folder,
    process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : process.platform === 'win32' ? 'electron.exe' : 'electron',
  );
  return existsSync(binary) ? binary : undefined;
}
