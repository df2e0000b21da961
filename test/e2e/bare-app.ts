/** The real app without a central, for what its shell must hold whatever the engine does. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { deskCommand } from '#main/demonstration/launch-desk.ts';
import { ensureFreshBuild } from './fresh-build.ts';

/** Nothing listens there. */
const NO_CENTRAL = 'http://127.0.0.1:9';

export interface BareApp extends AsyncDisposable {
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly userData: string;
  /** Command line to start it again with. */
  readonly command: { readonly executable: string; readonly args: readonly string[]; readonly env: Record<string, string> };
  readonly printed: () => string;
}

export async function openBareApp(): Promise<BareApp> {
  await ensureFreshBuild();
  const userData = mkdtempSync(path.join(tmpdir(), 'sotto-bare-'));
  const { executable, args, env } = deskCommand({ central: NO_CENTRAL, agent: 'ag-nobody', userData, clock: 'system', headless: true });
  const command = { executable, args, env: env as Record<string, string> };
  const app = await _electron.launch({ executablePath: executable, args: [...args], env: command.env, timeout: 30_000 });
  let printed = '';
  const { stdout, stderr } = app.process();
  for (const stream of [stdout, stderr]) stream?.on('data', (data: Buffer) => (printed += data.toString()));
  const page = await app.firstWindow();
  await page.locator('#root > *').first().waitFor();
  return {
    app,
    page,
    userData,
    command,
    printed: () => printed,
    [Symbol.asyncDispose]: async () => {
      await app.close();
      rmSync(userData, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}
