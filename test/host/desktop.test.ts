import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Levers } from '#main/host/levers.ts';
import { launch, makeFolders, realElectron, type Running } from './contract-app.ts';

let running: Running;
beforeAll(async () => {
  running = await launch();
});
afterAll(() => running.close());

/** Pulls one lever of the stand-in. */
const pull = (name: keyof Levers, ...values: unknown[]): Promise<unknown> =>
  running.app.evaluate(
    (_electron, [lever, args]) => {
      const levers = Reflect.get(globalThis, Symbol.for('sotto.electron-stand-in')) as Record<string, (...given: unknown[]) => void>;
      levers[lever]?.(...args);
    },
    [name, values] as const,
  );
const recorded = (kind: string): Promise<unknown[]> =>
  running.app.evaluate((_electron, wanted) => {
    const levers = Reflect.get(globalThis, Symbol.for('sotto.electron-stand-in')) as Levers;
    return levers.recorded.filter((call) => call.kind === wanted).map(({ details }) => details);
  }, kind);

/** What safeStorage says of itself, and whether it works. */
const storage = (): Promise<unknown> =>
  running.app.evaluate(async ({ safeStorage }) => [
    safeStorage.getSelectedStorageBackend(),
    await safeStorage.isAsyncEncryptionAvailable(),
    await safeStorage.encryptStringAsync('x').then(
      () => 'encrypts',
      () => 'refuses',
    ),
  ]);

describe('app', () => {
  test('is named, versioned and placed by its package', async () => {
    const { name, ...rest } = await running.app.evaluate(({ app }) => ({
      name: app.getName(),
      version: app.getVersion(),
      folder: app.getAppPath(),
      packaged: app.isPackaged,
      ready: app.isReady(),
      locale: app.getLocale(),
      dock: process.platform === 'darwin' ? 'there' : typeof app.dock,
      type: Reflect.get(process, 'type') as unknown,
      electron: process.versions['electron']?.split('.').length,
      chrome: Number.parseInt(process.versions['chrome'] ?? '', 10) > 100,
    }));
    expect(name).toBe('contract-app');
    expect(rest).toMatchObject({
      version: '3.2.1',
      folder: join(import.meta.dirname, 'app'),
      packaged: false,
      ready: true,
      type: 'browser',
      electron: 3,
      chrome: true,
    });
    expect(rest.locale).toMatch(/^[a-z]{2}/u);
  });

  test('paths: userData is where it was told, others can be set', async () => {
    const paths = await running.app.evaluate(({ app }, temporary) => {
      app.setPath('logs', temporary);
      return {
        userData: app.getPath('userData'),
        logs: app.getPath('logs'),
        temp: app.getPath('temp'),
        home: app.getPath('home').length > 0,
        appData: app.getPath('appData').length > 0,
        exe: app.getPath('exe').length > 0,
        session: app.getPath('sessionData'),
        dumps: app.getPath('crashDumps').length > 0,
      };
    }, running.folders.temporary);
    expect(paths).toMatchObject({
      userData: running.folders.userData,
      logs: running.folders.temporary,
      temp: running.folders.temporary,
      home: true,
      appData: true,
      exe: true,
    });
    expect(paths.session).toBe(running.folders.userData);
  });

  test('setPath refuses a relative path, setName renames', async () => {
    const result = await running.app.evaluate(({ app }) => {
      let refusal = 'taken';
      try {
        app.setPath('userData', 'not/absolute');
      } catch {
        refusal = 'refused';
      }
      const before = app.getName();
      app.setName('other');
      const after = app.getName();
      app.setName(before);
      app.setAppUserModelId('test.contract');
      return [refusal, after, app.hasSingleInstanceLock()];
    });
    expect(result).toEqual(['refused', 'other', true]);
  });

  test('the command line has the switches given and added', async () => {
    expect(
      await running.app.evaluate(({ app: { commandLine } }) => {
        commandLine.appendSwitch('added-later', 'with-value');
        return [
          commandLine.hasSwitch('user-data-dir'),
          commandLine.getSwitchValue('added-later'),
          commandLine.hasSwitch('never-given'),
          commandLine.getSwitchValue('never-given'),
        ];
      }),
    ).toEqual([true, 'with-value', false, '']);
  });

  test('is too late for what must come before ready', async () => {
    expect(
      await running.app.evaluate(({ app, protocol }) =>
        [() => app.enableSandbox(), () => protocol.registerSchemesAsPrivileged([])].map((call) => {
          try {
            call();
            return 'done';
          } catch {
            return 'too late';
          }
        }),
      ),
    ).toEqual(['too late', 'too late']);
  });
});

describe('safeStorage', () => {
  test('what was encrypted is decrypted, and a changed text is refused', async () => {
    const result = await running.app.evaluate(async ({ safeStorage }) => {
      if (!(await safeStorage.isAsyncEncryptionAvailable())) return 'not available';
      const secret = await safeStorage.encryptStringAsync('hunter2 €');
      const { result: text } = await safeStorage.decryptStringAsync(secret);
      const changed = Buffer.from(secret);
      changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
      const refused = await safeStorage.decryptStringAsync(changed).then(
        () => 'read',
        () => 'refused',
      );
      return [text, secret.includes('hunter2'), refused, Buffer.isBuffer(secret)];
    });
    expect(result).toEqual(['hunter2 €', false, 'refused', true]);
  });

  test.skipIf(realElectron)('says basic_text unless a test chooses another backend', async () => {
    expect(await storage()).toEqual(['basic_text', true, 'encrypts']);
    for (const backend of ['gnome_libsecret', 'kwallet', 'kwallet5', 'kwallet6']) {
      await pull('storageBackend', backend);
      expect(await storage()).toEqual([backend, true, 'encrypts']);
    }
    await pull('storageBackend', 'none');
    expect(await storage()).toEqual(['unknown', false, 'refuses']);
    await pull('storageBackend', 'basic_text');
  });

  test.skipIf(realElectron)('a secret outlives the app; the key file is private; the environment chooses a backend', async () => {
    const folders = makeFolders();
    const first = await launch({ folders, env: { SOTTO_TEST_STORAGE_BACKEND: 'gnome_libsecret' } });
    const secret = await first.app.evaluate(async ({ safeStorage }) => (await safeStorage.encryptStringAsync('kept')).toString('base64'));
    await first.close();
    expect(statSync(join(folders.userData, 'stand-in-storage-key')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folders.userData, 'log.json'), 'utf8')).not.toContain('kept');
    const second = await launch({ folders, env: { SOTTO_TEST_STORAGE_BACKEND: 'gnome_libsecret' } });
    const read = await second.app.evaluate(
      async ({ safeStorage }, text) => [
        (await safeStorage.decryptStringAsync(Buffer.from(text, 'base64'))).result,
        safeStorage.getSelectedStorageBackend(),
      ],
      secret,
    );
    expect(read).toEqual(['kept', 'gnome_libsecret']);
    await second.close();
    rmSync(folders.temporary, { recursive: true });
  });
});

describe('session', () => {
  test('answers which proxy an address takes', async () => {
    expect(
      await running.app.evaluate(async ({ session: { defaultSession } }) => {
        await defaultSession.setProxy({ mode: 'fixed_servers', proxyRules: 'proxy.test:8080' });
        const fixed = await defaultSession.resolveProxy('https://central.test/');
        await defaultSession.setProxy({ mode: 'direct' });
        defaultSession.setSpellCheckerEnabled(false);
        return [fixed, await defaultSession.resolveProxy('https://central.test/')];
      }),
    ).toEqual(['PROXY proxy.test:8080', 'DIRECT']);
  });

  test.skipIf(realElectron)('a test can choose the proxy', async () => {
    await pull('proxy', 'PROXY chosen.test:1');
    expect(await running.app.evaluate(({ session }) => session.defaultSession.resolveProxy('https://central.test/'))).toBe(
      'PROXY chosen.test:1',
    );
    await pull('proxy', 'DIRECT');
  });
});

describe('menu', () => {
  test('items are found by id, below others too, and clicked', async () => {
    const result = await running.app.evaluate(({ Menu }) => {
      let clicked = 0;
      const menu = Menu.buildFromTemplate([
        {
          label: 'File',
          submenu: [
            { id: 'mark', label: 'Mark', accelerator: 'CmdOrCtrl+M', click: () => (clicked += 1) },
            { type: 'separator' },
            { role: 'quit' },
          ],
        },
        { id: 'off', label: 'Off', enabled: false, click: () => (clicked += 100) },
      ]);
      Menu.setApplicationMenu(menu);
      const same = Menu.getApplicationMenu() === menu;
      menu.getMenuItemById('mark')?.click();
      menu.getMenuItemById('off')?.click();
      const label = menu.items[0]?.label;
      const missing = menu.getMenuItemById('none');
      Menu.setApplicationMenu(null);
      return [clicked, same, label, missing, Menu.getApplicationMenu()];
    });
    expect(result).toEqual([1, true, 'File', null, null]);
  });
});

describe('screen and net', () => {
  test('there is a primary display', async () => {
    const [width, same] = await running.app.evaluate(
      ({ screen }) => [screen.getPrimaryDisplay().workAreaSize.width, screen.getAllDisplays().length >= 1] as const,
    );
    expect(width).toBeGreaterThan(300);
    expect(same).toBe(true);
  });

  test('net.fetch reads files and refuses missing ones', async () => {
    const text = await running.app.evaluate(
      async ({ net }, [here, missing]) => [
        await (await net.fetch(here)).text(),
        await net.fetch(missing).then(String, (error: Error) => error.message),
      ],
      [`file://${import.meta.dirname}/app/package.json`, `file://${import.meta.dirname}/app/none.json`] as const,
    );
    expect(text[0]).toContain('contract-app');
    expect(text[1]).toContain('ERR_FILE_NOT_FOUND');
  });
});

describe.skipIf(realElectron)('the desktop, played by levers', () => {
  test('links are written down, not opened', async () => {
    await running.app.evaluate(({ shell }) => shell.openExternal('https://example.test/help'));
    expect(await recorded('external-link')).toEqual([{ url: 'https://example.test/help' }]);
  });

  test('a message box is cancelled unless an answer waits', async () => {
    const ask = (): Promise<number> =>
      running.app.evaluate(
        async ({ dialog }) => (await dialog.showMessageBox({ message: 'Restart?', buttons: ['Yes', 'Later', 'No'], cancelId: 2 })).response,
      );
    expect(await ask()).toBe(2);
    await pull('answerNextDialog', 1);
    expect(await ask()).toBe(1);
    await running.app.evaluate(({ dialog }) => dialog.showErrorBox('Broken', 'It is'));
    expect(await recorded('dialog')).toMatchObject([
      { message: 'Restart?' },
      { message: 'Restart?' },
      { title: 'Broken', content: 'It is' },
    ]);
  });

  test('a notification is shown and clicked', async () => {
    await running.app.evaluate(async ({ Notification }) => {
      const notification = new Notification({ title: 'Sotto', body: 'hello' });
      const heard: string[] = [];
      Reflect.set(globalThis, 'heardByNotification', heard);
      notification.on('show', () => heard.push('show'));
      notification.on('click', () => heard.push('click'));
      notification.on('close', () => heard.push('close'));
      notification.show();
      heard.push(notification.title, notification.body, String(Notification.isSupported()));
      await new Promise((resolve) => setTimeout(resolve, 20));
      Reflect.set(globalThis, 'lastNotification', notification);
    });
    await pull('clickLastNotification');
    const heard = await running.app.evaluate(async () => {
      (Reflect.get(globalThis, 'lastNotification') as Electron.Notification).close();
      await new Promise((resolve) => setTimeout(resolve, 20));
      return Reflect.get(globalThis, 'heardByNotification') as string[];
    });
    expect(heard).toEqual(['Sotto', 'hello', 'true', 'show', 'click', 'close']);
    expect(await recorded('notification')).toEqual([{ title: 'Sotto', body: 'hello' }]);
  });

  test('the machine sleeps and wakes', async () => {
    await running.app.evaluate(({ powerMonitor }) => {
      const heard: string[] = [];
      Reflect.set(globalThis, 'heardOfPower', heard);
      powerMonitor.on('suspend', () => heard.push('suspend'));
      powerMonitor.on('resume', () => heard.push('resume'));
    });
    await pull('suspend');
    await pull('resume');
    expect(await running.app.evaluate(() => Reflect.get(globalThis, 'heardOfPower') as string[])).toEqual(['suspend', 'resume']);
  });

  test('nothing inside the stand-in has failed meanwhile', async () => {
    expect(await recorded('error')).toEqual([]);
  });
});
