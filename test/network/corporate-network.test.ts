/** Central behind a company's own authority, to be reached through its proxy alone: what the system says is what every process goes by. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTls, type Server as TlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { proxyOf } from '#main/network/network-use.ts';
import { DURABLE, onPostgres } from '../central/engines.ts';
import { until } from '../central/fixture.ts';
import { type ProductionCentral, productionCentral, TestProvider } from '../central/provider.ts';
import { HotDesk } from '../desk/hot-desk.ts';

/** A name that no resolver knows: only the proxy can lead there. */
/** Of the system. */
const OPENSSL = 'openssl';
const HOST = 'central.corp.invalid';

function hasOpenssl(): boolean {
  try {
    execFileSync(OPENSSL, ['version'], { stdio: 'pipe' });
    return true;
  } catch {
    console.warn('SKIPPED: there is no openssl to be a company’s authority with.');
    return false;
  }
}

/** An authority, and a certificate of its for HOST. */
function authority(folder: string): { readonly ca: string; readonly key: Buffer; readonly cert: Buffer } {
  const openssl = (...args: readonly string[]) => execFileSync(OPENSSL, args, { cwd: folder, stdio: 'pipe' });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...ec,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '2',
    '-subj',
    '/CN=Company authority',
    '-addext',
    'basicConstraints=critical,CA:TRUE',
  );
  openssl('req', '-new', ...ec, '-keyout', 'key.pem', '-out', 'asked.csr', '-subj', `/CN=${HOST}`);
  writeFileSync(join(folder, 'names'), `subjectAltName=DNS:${HOST}\n`);
  openssl(
    'x509',
    '-req',
    '-in',
    'asked.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    'names',
    '-out',
    'cert.pem',
  );
  return { ca: join(folder, 'ca.pem'), key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'cert.pem')) };
}

const portOf = (server: Server | TlsServer): number => (server.address() as AddressInfo).port;
const listening = (server: Server | TlsServer): Promise<void> => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve()));

onPostgres((engine) => {
  describe.skipIf(!hasOpenssl())('a company’s network', () => {
    const opened: Server[] = [];
    const sockets = new Set<Socket>();
    /** What the proxy was asked to lead to. */
    const led: string[] = [];
    let provider: TestProvider;
    let production: ProductionCentral;
    let folder: string;
    let proxy: Server;
    let trusted: TlsServer;
    let foreign: TlsServer;
    let heardByForeign = 0;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'sotto-authority-'));
      provider = await TestProvider.open();
      production = await productionCentral(await engine.open(), provider.issuer);
      const behind = new URL(production.central.url);
      const own = authority(folder);
      const other = authority(mkdtempSync(join(folder, 'other-')));
      // Where this computer keeps what it trusts, for this process and those it starts.
      process.env['SSL_CERT_FILE'] = own.ca;
      const tls = (pair: { readonly key: Buffer; readonly cert: Buffer }, heard: () => void): TlsServer =>
        createTls(pair, (socket) => {
          socket.on('data', heard);
          const on = connect(Number(behind.port), behind.hostname);
          for (const [from, to] of [
            [socket, on],
            [on, socket],
          ] as const) {
            from.pipe(to);
            from.on('error', () => to.destroy());
            sockets.add(from);
          }
        }).on('tlsClientError', () => undefined);
      trusted = tls(own, () => undefined);
      foreign = tls(other, () => (heardByForeign += 1));
      proxy = createHttp((_, response) => response.writeHead(405).end());
      proxy.on('connect', (request, socket: Socket) => {
        led.push(request.url ?? '');
        const on = connect(Number(request.url?.split(':').at(-1)), '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          socket.pipe(on);
          on.pipe(socket);
        });
        for (const each of [socket, on]) {
          sockets.add(each);
          each.on('error', () => undefined);
        }
      });
      opened.push(proxy);
      for (const server of [trusted, foreign, proxy]) await listening(server);
    });
    afterAll(async () => {
      delete process.env['SSL_CERT_FILE'];
      for (const socket of sockets) socket.destroy();
      for (const server of [trusted, foreign, proxy]) server.close();
      await production[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    });

    const surroundings = (asked: string[] = []) => ({
      visit: provider.browser(),
      resolveProxy: async (url: string): Promise<string> => {
        asked.push(url);
        return url.includes(HOST) ? `PROXY 127.0.0.1:${portOf(proxy)}; DIRECT` : 'DIRECT';
      },
    });

    test('somebody signs in and is connected through the proxy, under the company’s certificate, in main and in the engine’s process', async () => {
      provider.signsInAs = 'sub-ann';
      const asked: string[] = [];
      await using desk = await HotDesk.open(`https://${HOST}:${portOf(trusted)}`, undefined, surroundings(asked));
      await desk.enter(null);
      await until('connected', () => production.central.desks() === 1, 15_000);
      expect(new Set(led)).toEqual(new Set([`${HOST}:${portOf(trusted)}`]));
      // One for what main asked, another that the socket keeps.
      expect(led.length).toBeGreaterThan(1);
      expect(asked.some((url) => url.startsWith(`https://${HOST}`))).toBe(true);
      expect(asked).toContain(provider.issuer);
      expect(desk.of('engine-process.js')[0]?.heard[0]).toMatchObject({
        op: 'start',
        network: { proxy: `http://127.0.0.1:${portOf(proxy)}`, direct: ['127.0.0.1'] },
      });
      await until('live', async () => (await desk.view()).link.state === 'live', 10_000);
    });

    test('another authority’s certificate is not trusted for being on the way, and nothing is said to it', async () => {
      await using desk = await HotDesk.open(`https://${HOST}:${portOf(foreign)}`, undefined, surroundings());
      const before = led.length;
      expect(await desk.sessions.offer()).toBeNull();
      expect(led.length).toBeGreaterThan(before);
      expect(heardByForeign).toBe(0);
    });
  });
}, DURABLE);

test('what a system answers for an address is read as far as it can be gone by', () => {
  expect(proxyOf('DIRECT')).toBeNull();
  expect(proxyOf('PROXY proxy.corp:3128; DIRECT')).toBe('http://proxy.corp:3128');
  expect(proxyOf('HTTPS proxy.corp:443')).toBe('https://proxy.corp:443');
  expect(proxyOf('SOCKS5 proxy.corp:1080; PROXY proxy.corp:3128')).toBe('http://proxy.corp:3128');
  expect(proxyOf('SOCKS5 proxy.corp:1080')).toBeNull();
  expect(proxyOf('')).toBeNull();
});
