import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventsOf, type Folders, launch, makeFolders, processesOf, realElectron, start, untilGone } from './contract-app.ts';

/** Runs with folders of its own and demands that nothing is left in them. */
async function inFolders(work: (folders: Folders) => Promise<void>): Promise<void> {
  const folders = makeFolders();
  try {
    await work(folders);
    await untilGone(folders);
  } finally {
    rmSync(folders.temporary, { recursive: true, force: true });
  }
}

const leaving = ['before-quit', 'will-quit', 'quit', 'close', 'closed', 'window-all-closed'];
const leavingEvents = (folders: Folders): string[] => eventsOf(folders).filter((name) => leaving.includes(name));
const launches = Number(process.env['SOTTO_LAUNCHES'] ?? 3);

describe('leaving', () => {
  test('quit: before-quit, close, closed, will-quit, quit; nothing is left', () =>
    inFolders(async (folders) => {
      const { app } = await launch({ folders });
      expect(processesOf(folders).length).toBeGreaterThan(1);
      await app.close();
      expect(leavingEvents(folders)).toEqual(['before-quit', 'close', 'closed', 'will-quit', 'quit']);
    }));

  test('closing the last window: close, closed, window-all-closed, then as quit', () =>
    inFolders(async (folders) => {
      const { app } = await launch({ folders });
      const main = app.process();
      const closed = app.waitForEvent('close');
      await app.evaluate(({ BrowserWindow }) => void setTimeout(() => BrowserWindow.getAllWindows()[0]?.close()));
      await closed;
      expect(leavingEvents(folders)).toEqual(['close', 'closed', 'window-all-closed', 'before-quit', 'will-quit', 'quit']);
      expect(main.exitCode).toBe(0);
    }));

  test('a window that refuses to close, and will-quit that is put off, put quitting off', () =>
    inFolders(async (folders) => {
      const { app } = await launch({ folders });
      await app.evaluate(async (electron) => {
        globalThis.fixture.holdClose = true;
        electron.app.quit();
        await new Promise((resolve) => setTimeout(resolve, 100));
        globalThis.fixture.holdClose = false;
        globalThis.fixture.slowQuit = true;
      });
      await app.close();
      expect(leavingEvents(folders)).toEqual([
        'before-quit',
        'close',
        'before-quit',
        'close',
        'closed',
        'will-quit',
        'before-quit',
        'will-quit',
        'quit',
      ]);
    }));

  test('exit asks nobody and gives its code', () =>
    inFolders(async (folders) => {
      const { app } = await launch({ folders });
      const main = app.process();
      const closed = app.waitForEvent('close');
      await app.evaluate((electron) => void setTimeout(() => electron.app.exit(3)));
      await closed;
      expect(main.exitCode).toBe(3);
      expect(leavingEvents(folders).filter((name) => name !== 'closed')).toEqual(['quit']);
    }));

  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    test(`${signal} to the whole process group quits in order; nothing is left`, () =>
      inFolders(async (folders) => {
        const { child, ready, exited } = start(folders);
        await ready;
        process.kill(-(child.pid ?? 0), signal);
        expect(await exited).toBe(0);
        expect(leavingEvents(folders)).toEqual(['before-quit', 'close', 'closed', 'will-quit', 'quit']);
      }));

  test('kill -9 of the main process: browser, utility process and profile go too', () =>
    inFolders(async (folders) => {
      const { child, ready, exited } = start(folders);
      await ready;
      expect(processesOf(folders).length).toBeGreaterThan(2);
      child.kill('SIGKILL');
      expect(await exited).toBe('SIGKILL');
    }));
});

describe('losing the other side', () => {
  test.skipIf(realElectron)('a browser that dies takes its windows along; the app hears it and leaves in order', () =>
    inFolders(async (folders) => {
      const { ready, exited } = start(folders);
      await ready;
      const [browser] = processesOf(folders).filter(
        (line) => line.includes('--remote-debugging-pipe') && !line.includes('--type=') && !line.includes('/bin/sh'),
      );
      process.kill(Number.parseInt(browser ?? '', 10), 'SIGKILL');
      expect(await exited).toBe(0);
      expect(leavingEvents(folders)).toEqual(['close', 'closed', 'window-all-closed', 'before-quit', 'will-quit', 'quit']);
    }),
  );

  test.skipIf(realElectron)('an app whose test driver was killed leaves', () =>
    inFolders(async (folders) => {
      const driver = spawn(process.execPath, [join(import.meta.dirname, 'doomed-driver.ts'), JSON.stringify(folders)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(driver.stdout, 'data');
      expect(processesOf(folders).some((line) => line.includes('start.ts'))).toBe(true);
      driver.kill('SIGKILL');
      await once(driver, 'exit');
    }),
  );
});

describe('starting', () => {
  test('a second instance tells the first and leaves', () =>
    inFolders(async (folders) => {
      const first = start(folders);
      await first.ready;
      const second = start(folders, ['--note', 'hello-second']);
      expect(await second.exited).toBe(0);
      first.child.kill('SIGTERM');
      await first.exited;
      expect(eventsOf(folders).filter((name) => name === 'second-instance')).toHaveLength(1);
    }));

  test('what the second instance says arrives whole', () =>
    inFolders(async (folders) => {
      const { app, close } = await launch({ folders });
      const second = start(folders, ['hello-second']);
      expect(await second.exited).toBe(0);
      const [heard] = await app.evaluate(() => globalThis.fixture.log.filter(([name]) => name === 'second-instance'));
      expect(heard).toEqual(['second-instance', 'hello-second', process.cwd(), { sent: 'with the lock' }]);
      const lock = await app.evaluate((electron) => {
        electron.app.releaseSingleInstanceLock();
        return [electron.app.hasSingleInstanceLock(), electron.app.requestSingleInstanceLock(), electron.app.hasSingleInstanceLock()];
      });
      expect(lock).toEqual([false, true, true]);
      await close();
    }));

  test('the lock of an instance that was killed is free', () =>
    inFolders(async (folders) => {
      const first = start(folders);
      await first.ready;
      first.child.kill('SIGKILL');
      await first.exited;
      const { close } = await launch({ folders });
      await close();
    }));

  test(`${launches} launches in a row, each leaving nothing`, { timeout: 20_000 + launches * 6_000 }, async () => {
    for (let count = 0; count < launches; count += 1)
      await inFolders(async (folders) => {
        const { page, close } = await launch({ folders });
        expect(await page.evaluate("fixture.call('echo', 1)")).toBe(1);
        await close();
      });
  });

  test.skipIf(realElectron)('without a Chromium it says what to do and leaves', () =>
    inFolders(async (folders) => {
      const { exited, output } = start(folders, [], { SOTTO_CHROMIUM: '/nowhere/chromium' });
      expect(await exited).toBe(69);
      expect(output()).toContain('SOTTO_CHROMIUM names /nowhere/chromium, which does not exist');
    }),
  );
});
