/** The real app with everything around it, driven so that the test reaches main too: for what its shell must hold. */
import path from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { deskCommand } from '#main/demonstration/launch-desk.ts';
import { Scene } from './scene.ts';

const AGENT = 'agent-marcus';

export interface BareApp extends AsyncDisposable {
  readonly app: ElectronApplication;
  readonly page: Page;
  /** Command line to start it again with. */
  readonly command: { readonly executable: string; readonly args: readonly string[]; readonly env: Record<string, string> };
}

export async function openBareApp(): Promise<BareApp> {
  await using opened = new AsyncDisposableStack();
  const scene = opened.use(await Scene.open());
  const userData = path.join(scene.folder, 'desk');
  const { executable, args, env } = deskCommand({ central: scene.central.url, agent: AGENT, userData, clock: 'system', headless: true });
  const command = { executable, args, env: env as Record<string, string> };
  const app = await _electron.launch({ executablePath: executable, args: [...args], env: command.env, timeout: 30_000 });
  opened.defer(() => app.close());
  const page = await app.firstWindow();
  await page.locator('.link-state[data-state="live"]').waitFor();
  const all = opened.move();
  return { app, page, command, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
