import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launch, logged, openWindow, type Running, until } from './contract-app.ts';

let running: Running;
beforeAll(async () => {
  running = await launch();
});
afterAll(() => running.close());

/** Calls a function of the bridge in the page; `source` is page code. */
const inPage = (source: string): Promise<unknown> => running.page.evaluate(source);

describe('messages between page, main process and utility process', () => {
  test('a click goes through main and a utility process and back', async () => {
    await running.page.click('#work');
    await until(running.page, "document.getElementById('out').textContent === '144'");
  });

  test('a push carries Date, Map and bytes', async () => {
    await running.page.click('#work');
    await until(running.page, "document.getElementById('pushed').textContent === '144:5:3'");
  });

  test('every value structured clone keeps survives invoke, cycles included', async () => {
    const kept = await inPage(`(async () => {
      const given = { date: new Date(3), map: new Map([[1, { hole: undefined }]]), set: new Set(['x']), numbers: [NaN, -0, 10n, Infinity],
        floats: new Float32Array([1.5]), buffer: new Uint8Array([7, 8]).buffer, pattern: /a+/gi, nothing: null };
      given.self = given;
      const back = await fixture.call('echo', given);
      return {
        date: back.date instanceof Date && back.date.getTime() === 3,
        map: back.map instanceof Map && 'hole' in back.map.get(1) && back.map.get(1).hole === undefined,
        set: back.set instanceof Set && back.set.has('x'),
        numbers: Number.isNaN(back.numbers[0]) && Object.is(back.numbers[1], -0) && back.numbers[2] === 10n && back.numbers[3] === Infinity,
        floats: back.floats instanceof Float32Array && back.floats[0] === 1.5,
        buffer: back.buffer instanceof ArrayBuffer && new Uint8Array(back.buffer)[1] === 8,
        pattern: back.pattern instanceof RegExp && String(back.pattern) === '/a+/gi',
        nothing: back.nothing === null,
        self: back.self === back,
      };
    })()`);
    expect(kept).toEqual({
      date: true,
      map: true,
      set: true,
      numbers: true,
      floats: true,
      buffer: true,
      pattern: true,
      nothing: true,
      self: true,
    });
  });

  test('a handler that throws rejects in the page with channel and message', async () => {
    expect(await inPage("fixture.call('fail').catch((error) => [error instanceof Error, error.message])")).toEqual([
      true,
      "Error invoking remote method 'fail': TypeError: said no",
    ]);
  });

  test('a channel nobody handles rejects by name', async () => {
    expect(await inPage("fixture.call('nobody').catch((error) => error.message)")).toContain("No handler registered for 'nobody'");
  });

  test('removeHandler and a second handler', async () => {
    const refusal = await running.app.evaluate(({ ipcMain }) => {
      ipcMain.handle('brief', () => 'here');
      try {
        ipcMain.handle('brief', () => 'again');
        return 'taken twice';
      } catch (error) {
        return String(error);
      }
    });
    expect(refusal).toContain("second handler for 'brief'");
    expect(await inPage("fixture.call('brief')")).toBe('here');
    await running.app.evaluate(({ ipcMain }) => ipcMain.removeHandler('brief'));
    expect(await inPage("fixture.call('brief').catch((error) => error.message)")).toContain('No handler registered');
  });

  test('what cannot be cloned is refused in both directions', async () => {
    expect(await inPage("fixture.call('echo', () => 1).catch((error) => error.message)")).toMatch(/could not be cloned/u);
    expect(await inPage("fixture.call('uncloneable').catch((error) => error.message)")).toMatch(/could not be cloned/u);
  });

  test('send is heard and replied to, and unsubscribing ends it', async () => {
    const heard = await inPage(`new Promise((resolve) => {
      const stop = fixture.onAnswered((value) => { stop(); resolve([value, fixture.listeners('answered')]); });
      fixture.tell('told', 'a word');
    })`);
    expect(heard).toEqual(['a word', 0]);
    expect(await logged(running.app, 'told')).toEqual([['told', 'a word']]);
  });

  test('once, addListener, removeListener and removeAllListeners of ipcRenderer', async () => {
    const once = await inPage(`new Promise((resolve) => {
      const before = fixture.listeners('worked');
      fixture.onceWorked(() => resolve(fixture.listeners('worked') - before));
      fixture.call('work', 2);
    })`);
    expect(once).toBe(0);
    expect(await inPage('fixture.oneOff()')).toEqual([1, 0]);
    expect(await inPage("(fixture.onBurst(() => {}), fixture.forget('burst'), fixture.listeners('burst'))")).toBe(0);
  });

  test('2,000 pushes arrive, each once and in order', async () => {
    const order = await inPage(`new Promise((resolve) => {
      let next = 0, inOrder = true;
      fixture.onBurst((index) => {
        inOrder &&= index === next;
        next += 1;
        if (next === 2000) resolve(inOrder);
      });
      fixture.tell('burst', 2000);
    })`);
    expect(order).toBe(true);
  });

  test('the sender of a main frame is its main frame', async () => {
    expect(await inPage("fixture.call('who')")).toEqual({
      url: 'app://bundle/index.html',
      origin: 'app://bundle',
      isMain: true,
      parent: null,
      top: 'app://bundle/index.html',
      siblings: 1,
      contents: 1,
    });
  });

  test('a sub-frame has no bridge by default', async () => {
    const page = await openWindow(running.app, 'frames.html');
    await until(page.frames()[1]!, 'globalThis.bridge !== undefined');
    expect(await page.frames()[1]!.evaluate('globalThis.bridge')).toBe('undefined');
    await page.close();
  });

  test('a sub-frame that has one is known as a sub-frame', async () => {
    const page = await openWindow(running.app, 'frames.html', { nodeIntegrationInSubFrames: true });
    const inner = page.frames()[1]!;
    await until(inner, 'globalThis.who !== undefined');
    expect(await inner.evaluate('globalThis.who')).toMatchObject({
      url: 'app://bundle/inner.html',
      isMain: false,
      parent: 'app://bundle/frames.html',
      top: 'app://bundle/frames.html',
      siblings: 2,
    });
    const frames = await running.app.evaluate(async () => {
      const window = globalThis.fixture.windows.at(-1) as Electron.BrowserWindow;
      const { mainFrame } = window.webContents;
      const [below] = mainFrame.frames;
      const before = [
        below?.isDestroyed(),
        below?.detached,
        below?.parent === mainFrame,
        mainFrame.frameToken !== below?.frameToken,
        mainFrame.routingId !== below?.routingId,
      ];
      await window.webContents.executeJavaScript("document.querySelector('iframe').remove()");
      for (let tries = 0; mainFrame.frames.length > 0 && tries < 100; tries += 1) await new Promise((resolve) => setTimeout(resolve, 10));
      return [before, mainFrame.frames.length, below?.isDestroyed(), typeof mainFrame.processId, mainFrame.name];
    });
    expect(frames).toEqual([[false, false, true, true, true], 0, true, 'number', '']);
    await page.close();
  });
});
