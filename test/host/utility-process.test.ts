import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launch, logged, type Running } from './contract-app.ts';

let running: Running;
beforeAll(async () => {
  running = await launch();
});
afterAll(() => running.close());

describe('utilityProcess', () => {
  test('tells when it has started and with which process', async () => {
    const pid = await running.app.evaluate(() => globalThis.fixture.child.pid);
    expect(pid).toBeTypeOf('number');
    expect(await logged(running.app, 'spawn')).toEqual([['spawn', pid]]);
  });

  test('message ports carry messages both ways, rich types included', async () => {
    const heard = await running.page.evaluate(
      "fixture.call('channel').then(([hello, { back }]) => [hello, back.sent instanceof Date && back.sent.getTime()])",
    );
    expect(heard).toEqual([{ hello: 'from the worker' }, 7]);
  });

  test('closing one side of a port closes the other', async () => {
    const closed = await running.app.evaluate(async ({ MessageChannelMain }) => {
      const { port1, port2 } = new MessageChannelMain();
      const heard: unknown[] = [];
      port2.on('message', ({ data }) => heard.push(data));
      port1.postMessage('early');
      port2.start();
      const end = new Promise<void>((resolve) => {
        port2.once('close', () => resolve());
      });
      port1.postMessage(new Map([['a', 1]]));
      port1.close();
      await end;
      return heard.map((value) => (value instanceof Map ? 'map' : value));
    });
    expect(closed).toEqual(['early', 'map']);
  });

  test('a port can travel through a port', async () => {
    const heard = await running.app.evaluate(async ({ MessageChannelMain }) => {
      const outer = new MessageChannelMain();
      const inner = new MessageChannelMain();
      const got = new Promise((resolve) => {
        outer.port2.on('message', ({ ports: [port] }) => {
          port?.on('message', ({ data }) => resolve(data));
          port?.start();
        });
      });
      outer.port2.start();
      outer.port1.postMessage('take this', [inner.port2]);
      inner.port1.postMessage('through both');
      return got;
    });
    expect(heard).toBe('through both');
  });

  test('its output, arguments and environment are what was asked for', async () => {
    const output = await running.app.evaluate(async () => {
      const child = globalThis.fixture.fork(['--kind=second'], { env: { ...process.env, CONTRACT: 'set' } });
      let [out, err] = ['', ''];
      child.stdout?.on('data', (bytes) => (out += String(bytes)));
      child.stderr?.on('data', (bytes) => (err += String(bytes)));
      while (!out.includes('\n') || !err.includes('\n')) await new Promise((resolve) => setTimeout(resolve, 20));
      const ended = new Promise((resolve) => {
        child.once('exit', resolve);
      });
      const killed = child.kill();
      return { out: out.trim(), err: err.trim(), killed, code: await ended, pid: child.pid ?? 'none' };
    });
    expect(output).toEqual({ out: 'worker says --kind=second set', err: 'worker warns', killed: true, code: 0, pid: 'none' });
  });

  test('leaving by itself gives its exit code, and child-process-gone when it is not 0', async () => {
    const code = await running.app.evaluate(async () => {
      const child = globalThis.fixture.fork();
      const ended = new Promise((resolve) => {
        child.once('exit', resolve);
      });
      child.postMessage({ operation: 'leave', data: 7 });
      return ended;
    });
    expect(code).toBe(7);
    expect(await logged(running.app, 'child-process-gone')).toContainEqual(['child-process-gone', 'Utility', 'contract-worker']);
  });

  test('kill -9 from outside ends in exit with a code other than 0, and a new one can be started', async () => {
    const result = await running.app.evaluate(async () => {
      const child = globalThis.fixture.fork();
      await new Promise<void>((resolve) => {
        child.once('spawn', () => resolve());
      });
      const ended = new Promise<number>((resolve) => {
        child.once('exit', resolve);
      });
      process.kill(child.pid ?? 0, 'SIGKILL');
      const code = await ended;
      // Posting to the dead is harmless.
      child.postMessage('anyone?');
      const next = globalThis.fixture.fork();
      const answer = await new Promise<{ readonly result: number }>((resolve) => {
        next.once('message', resolve);
        next.postMessage({ id: 0, operation: 'square', data: 5 });
      });
      next.kill();
      return [code, answer.result];
    });
    expect(result[0]).not.toBe(0);
    expect(result[1]).toBe(25);
  });

  test('messages to a process that was killed a moment ago are dropped, as to one that is gone', async () => {
    const code = await running.app.evaluate(async () => {
      const child = globalThis.fixture.fork();
      await new Promise<void>((resolve) => {
        child.once('spawn', () => resolve());
      });
      const exited = new Promise<number>((resolve) => {
        child.once('exit', resolve);
      });
      process.kill(child.pid ?? 0, 'SIGKILL');
      // The process is gone before this one hears of it.
      for (const untilMs = performance.now() + 100; performance.now() < untilMs; );
      for (let sent = 0; sent < 3; sent++) child.postMessage({ id: sent, operation: 'square', data: 2 });
      return exited;
    });
    expect(code).toBe(9);
    expect(await running.page.evaluate('1 + 1')).toBe(2);
  });

  test('what cannot be cloned is refused', async () => {
    const refusal = await running.app.evaluate(() => {
      try {
        globalThis.fixture.child.postMessage({ call: () => 1 });
        return 'sent';
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(refusal).toMatch(/could not be cloned/u);
  });
});
