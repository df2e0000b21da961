import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launch, logged, openWindow, realElectron, type Running } from './contract-app.ts';

let running: Running;
beforeAll(async () => {
  running = await launch();
});
afterAll(() => running.close());

const inPage = (source: string): Promise<unknown> => running.page.evaluate(source);

describe('contextBridge', () => {
  test('what is exposed is frozen to its depth and cannot be replaced', async () => {
    expect(
      await inPage(`[Object.isFrozen(fixture), Object.isFrozen(fixture.list), Object.isFrozen(fixture.list[1]), Object.isFrozen(fixture.add),
        Reflect.set(globalThis, 'fixture', 1), Reflect.deleteProperty(globalThis, 'fixture'), typeof fixture.call]`),
    ).toEqual([true, true, true, true, false, false, 'function']);
  });

  test('nothing else of the preload is in the page', async () => {
    expect(await inPage('seen.globals')).toBe('undefined,undefined,undefined');
    expect(await inPage("Object.getOwnPropertyNames(globalThis).filter((name) => name.startsWith('_') && name.length > 20)")).toEqual([]);
  });

  test('values, callbacks, closures and promises cross', async () => {
    expect(await inPage('[fixture.list, fixture.born instanceof Date && +fixture.born, fixture.add(2, 3)]')).toEqual([
      [1, { two: 2 }],
      7,
      5,
    ]);
    expect(await inPage('fixture.each([1, 2], (value) => value * 10)')).toEqual([10, 20]);
    expect(await inPage('(() => { const counter = fixture.counter(); counter.next(); return counter.next(); })()')).toBe(2);
    expect(await inPage('fixture.later(true)')).toBe('later yes');
    expect(await inPage('(() => { const mine = () => 1; return fixture.echo(mine) === mine; })()')).toBe(true);
  });

  test('an error crosses as its message', async () => {
    expect(await inPage('(() => { try { fixture.fail(); } catch (error) { return [error instanceof Error, error.message]; } })()')).toEqual(
      [true, 'from the preload'],
    );
    expect(await inPage('fixture.later(false).catch((error) => [error instanceof Error, error.message])')).toEqual([true, 'later no']);
  });

  test('a symbol does not cross', async () => {
    expect(await inPage("(() => { try { return String(fixture.echo(Symbol('x'))); } catch (error) { return error.message; } })()")).toMatch(
      /could not be cloned/u,
    );
  });

  test('a key is bound once', async () => {
    expect(await inPage('fixture.secondBinding()')).toBe('Cannot bind an API on top of an existing property on the window object');
  });

  test('a page that patches what a bridge leans on sees nothing pass', async () => {
    const page = await openWindow(running.app, 'hostile.html');
    expect(JSON.parse(await page.title())).toEqual({
      sum: 5,
      depth: 1,
      second: 3,
      failure: 'from the preload',
      passed: [],
      control: ['new Map', 'set'],
    });
    await page.close();
  });

  test('a preload that throws is reported', async () => {
    await running.app.evaluate(
      async (_electron, preload) => void (await globalThis.fixture.openWindow('inner.html', {}, { preload })),
      `${import.meta.dirname}/app/broken-preload.cjs`,
    );
    expect(await logged(running.app, 'preload-error')).toEqual([['preload-error', 'broken-preload.cjs', 'the preload is broken']]);
  });

  test.skipIf(realElectron)('what the stand-in lacks in a preload throws by name', async () => {
    expect(await inPage('fixture.missing()')).toBe('electron stand-in: ipcRenderer.sendSync is not implemented');
  });
});
