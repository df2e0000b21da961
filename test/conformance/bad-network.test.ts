/** Networks that are not what they seem: the link says it is away, sends nothing it should not, and comes to its end when told to. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, type Server as HttpServer } from 'node:http';
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTls } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { SocketLink } from '#adapters/socket/socket-link.ts';
import type { OutboxBatch } from '#contract/sync.ts';
import type { LinkState } from '#ports/link.ts';

/** Of the system; where there is none the certificates are skipped, loudly. */
const OPENSSL = 'openssl';
const TOKEN = 'the-token-nobody-else-may-have';

const open: { readonly close: () => Promise<void> | void }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

const nothing = (): Promise<null> => Promise.resolve(null);

class Desk {
  readonly states: LinkState[] = [];
  readonly link: SocketLink;

  constructor(url: string) {
    this.link = new SocketLink({ url, token: TOKEN, deviceToken: TOKEN, deviceId: 'device-1', random: () => 0.5 });
    open.push({ close: () => this.link.close() });
    this.link.open({
      delivery: nothing,
      partial: nothing,
      context: nothing,
      release: nothing,
      versions: nothing,
      usage: nothing,
      learnt: nothing,
      orders: nothing,
      answer: nothing,
      approval: nothing,
      supervision: nothing,
      clock: nothing,
      state: (state) => this.states.push(state),
      tokenWanted: () => undefined,
      fault: () => undefined,
    });
  }

  /** It tried, failed, and tried again. */
  async triedAgain(): Promise<void> {
    await expect.poll(() => this.states.filter((state) => state === 'connecting').length, { timeout: 15_000 }).toBeGreaterThan(1);
    expect(this.states).not.toContain('connected');
  }
}

const BATCH: OutboxBatch = {
  protocol: 1,
  deviceId: 'device-1',
  epoch: 'e',
  items: [{ seq: 1, kind: 'outcome', id: 'o-1', hash: 'a'.repeat(64), body: '{}' }],
};

async function listening(server: Server | HttpServer): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return (server.address() as AddressInfo).port;
}

test('a name nobody knows: it is away, tries again, and what is sent stays', async () => {
  const desk = new Desk('http://central.invalid');
  await desk.triedAgain();
  expect(await desk.link.sendBatch(BATCH)).toMatchObject({ ok: false, reason: 'away' });
  expect(await desk.link.fetchRevision('a'.repeat(64))).toMatchObject({ ok: false, reason: 'away' });
});

test('a page that answers everything with 200 and HTML is no central', async () => {
  const server = createHttp((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome to our hotel</h1>'));
  const desk = new Desk(`http://127.0.0.1:${await listening(server)}`);
  await desk.triedAgain();
  expect(await desk.link.sendBatch(BATCH)).toMatchObject({ ok: false, reason: 'away' });
  expect(await desk.link.fetchModel('a'.repeat(64))).toMatchObject({ ok: false });
});

test('whoever accepts and says nothing holds nothing up: a batch stays, and the link closes at once', async () => {
  const server = createTcp(() => undefined);
  const desk = new Desk(`http://127.0.0.1:${await listening(server)}`);
  expect(await desk.link.sendBatch(BATCH)).toMatchObject({ ok: false, reason: 'away' });
  await desk.link.close();
  expect(desk.states).not.toContain('connected');
});

test('whoever hangs up in the middle of an answer is away', async () => {
  const server = createTcp((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: webso'));
  });
  const desk = new Desk(`http://127.0.0.1:${await listening(server)}`);
  await desk.triedAgain();
  expect(await desk.link.fetchRevision('a'.repeat(64))).toMatchObject({ ok: false, reason: 'away' });
});

function hasOpenssl(): boolean {
  try {
    execFileSync(OPENSSL, ['version'], { stdio: 'pipe' });
    return true;
  } catch {
    console.warn('SKIPPED: there is no openssl to make bad certificates with.');
    return false;
  }
}

/** What `openssl ca` needs to know to put any dates it is told into a certificate. */
const AUTHORITY = (address: string): string => `[ca]
default_ca = here
[here]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = policy
x509_extensions = names
[policy]
commonName = supplied
[names]
subjectAltName = IP:${address}
`;

/** A key and a certificate nobody vouches for, from one day to another (`YYYYMMDD`). */
function certificate(address: string, from: string, until: string): { readonly key: Buffer; readonly cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-tls-'));
  open.push({ close: () => rmSync(folder, { recursive: true, force: true }) });
  const openssl = (...args: readonly string[]) => execFileSync(OPENSSL, args, { cwd: folder, stdio: 'pipe' });
  for (const [file, text] of [
    ['index.txt', ''],
    ['serial', '01'],
    ['ca.cnf', AUTHORITY(address)],
  ] as const)
    writeFileSync(join(folder, file), text);
  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'key.pem');
  openssl('req', '-new', '-key', 'key.pem', '-subj', '/CN=central', '-out', 'asked.csr');
  const dates = ['-startdate', `${from}000000Z`, '-enddate', `${until}000000Z`];
  openssl(
    'ca',
    '-batch',
    '-selfsign',
    '-notext',
    '-config',
    'ca.cnf',
    '-keyfile',
    'key.pem',
    '-in',
    'asked.csr',
    '-out',
    'cert.pem',
    ...dates,
  );
  return { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'cert.pem')) };
}

test.skipIf(!hasOpenssl()).each([
  ['that nobody vouches for', '127.0.0.1', '2099', {}],
  ['of another computer', '10.9.9.9', '2099', {}],
  ['whose time is over', '127.0.0.1', '2021', {}],
  ['over a TLS of before 1.2', '127.0.0.1', '2099', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }],
] as const)('a certificate %s is refused before anything is said', async (_, address, until, settings) => {
  const pair = certificate(address, '20200101', `${until}0101`);
  const heard: Buffer[] = [];
  let connections = 0;
  const server = createTls({ ...pair, ...settings }, (socket) => {
    socket.on('data', (data) => heard.push(data));
    socket.on('error', () => undefined);
  });
  server.on('tlsClientError', () => undefined);
  server.on('connection', () => (connections += 1));
  const desk = new Desk(`https://127.0.0.1:${await listening(server)}`);
  await desk.triedAgain();
  expect(await desk.link.fetchRevision('a'.repeat(64))).toMatchObject({ ok: false, reason: 'away' });
  expect(await desk.link.sendBatch(BATCH)).toMatchObject({ ok: false, reason: 'away' });
  expect(connections).toBeGreaterThan(1);
  expect(Buffer.concat(heard)).toHaveLength(0);
});

test('canary: over a connection it trusts the link does say its token, and this suite would hear it', async () => {
  const heard: string[] = [];
  const server = createHttp((request, response) => {
    heard.push(request.headers.authorization ?? '');
    response.writeHead(404).end();
  });
  const desk = new Desk(`http://127.0.0.1:${await listening(server)}`);
  await desk.link.fetchRevision('a'.repeat(64));
  expect(heard.join('\n')).toContain(TOKEN);
});
