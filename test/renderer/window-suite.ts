import type { Browser } from 'playwright-core';
import type { Plugin } from 'vite';
import { afterAll, beforeAll } from 'vitest';
import { buildWindow } from './built-window.ts';
import type { BuiltWindow } from './built-window.ts';
import { DeskPage, launchChromium } from './window-driver.ts';
import type { WindowOptions } from './window-driver.ts';
import { serveWindow } from './window-server.ts';
import type { WindowServer } from './window-server.ts';

export interface WindowSuite {
  open(options: Omit<WindowOptions, 'origin'>): Promise<DeskPage>;
}

/** Builds and serves the window and starts Chromium for the tests of one file. */
export function windowSuite({
  plugins = [],
  policy,
}: {
  readonly plugins?: readonly Plugin[];
  readonly policy?: string;
} = {}): WindowSuite {
  let browser: Browser;
  let built: BuiltWindow;
  let server: WindowServer;
  beforeAll(async () => {
    [browser, built] = await Promise.all([launchChromium(), buildWindow(plugins)]);
    server = await serveWindow(built.folder, policy);
  });
  afterAll(async () => {
    await browser.close();
    await server[Symbol.asyncDispose]();
    await built[Symbol.asyncDispose]();
  });
  return { open: (options) => DeskPage.open(browser, { ...options, origin: server.origin }) };
}
