/** The demonstration, complete but for the agent's window: central on its embedded store, the organisation, its system of record. */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { DEMO_FOLDER, loadOrganisation, type Organisation } from '#central/demo/organisation.ts';
import { startSystemOfRecord } from '#central/demo/system-of-record.ts';
import { verifyBody } from '#central/actions/signature.ts';
import { presentCore } from '#main/build/present-core.ts';
import type { Central } from '#central/central.ts';
import { startCentral } from '#central/start-central.ts';
import { canonicalJson } from '#core';
import { schemaOfServed, type ServedBundle } from '#contract/served-bundle.ts';
import { SessionResponse } from '#contract/sign-in.ts';

export interface Demonstration extends AsyncDisposable {
  readonly central: Central;
  readonly organisation: Organisation;
  /** Time by the demonstration's clock. */
  nowMs(): number;
  /** Moves the virtual clock here, at central and at every connected desk; fulfilled when all that fell due is done. */
  advance(toMs: number): Promise<void>;
  /** What the system of record was asked to do so far. */
  readonly requested: () => number;
}

export interface DemonstrationOptions {
  /** Where the embedded store and the keys are kept. */
  readonly folder: string;
  readonly clock: 'system' | 'virtual';
  /** The organisation's "now": times in its data count from here. */
  readonly nowMs: number;
  /** 0 = any free port. */
  readonly port: number;
}

/** Several times within the few calls that somebody watches. */
const LEARN_EVERY_MS = 120_000;

const SYSTEM_OF_RECORD = 'demo-system-of-record';

/** Starts everything; what was started is stopped again when a later step fails. */
export async function openDemonstration({ folder, clock, nowMs, port }: DemonstrationOptions): Promise<Demonstration> {
  await using opened = new AsyncDisposableStack();
  await mkdir(folder, { recursive: true });
  let virtualNowMs = nowMs;
  const now = (): number => (clock === 'virtual' ? virtualNowMs : Date.now());
  const organisation = await loadOrganisation({ nowMs });
  const centralPort = port === 0 ? await freePort() : port;
  const centralUrl = `http://127.0.0.1:${centralPort}`;
  let publicKey = '';
  const systemOfRecord = opened.use(
    await startSystemOfRecord({
      verify: (body, signature) => verifyBody(body, signature, publicKey),
      answerUrl: `${centralUrl}/api/actions/answers`,
      answerHeaders: async () => ({ authorization: `Bearer ${await integrationToken(centralUrl, SYSTEM_OF_RECORD)}` }),
      nowMs: now,
    }),
  );
  const central = await startCentral(
    {
      mode: 'embedded',
      folder: path.join(folder, 'central'),
      clock,
      port: centralPort,
      systemOfRecord: { url: systemOfRecord.url },
      learning: { publishMs: LEARN_EVERY_MS },
      // On a virtual clock nobody waits in real time for an undo that the script would have clicked already.
      ...(clock === 'virtual' ? { actions: { undoMs: 0 } } : {}),
    },
    { core: await readFile((await presentCore()).file) },
  );
  opened.defer(() => central.close());
  publicKey = central.publicKeyPem;
  await central.loadOrganisation({
    agents: [...organisation.agents, ...organisation.people],
    customers: organisation.customers,
    policyFiles: organisation.policyFiles,
    models: await Promise.all(['propensity', 'intent'].map(readModel)),
  });
  const advance = async (toMs: number): Promise<void> => {
    virtualNowMs = Math.max(virtualNowMs, toMs);
    await central.tick(virtualNowMs);
  };
  if (clock === 'virtual') await advance(nowMs);
  const stop = opened.move();
  return {
    central,
    organisation,
    nowMs: now,
    advance,
    requested: () => systemOfRecord.received().length,
    [Symbol.asyncDispose]: () => stop.disposeAsync(),
  };
}

/** A token for a producer or a system of record, from the development issuer. */
export async function integrationToken(centralUrl: string, name: string): Promise<string> {
  const response = await fetch(new URL('/dev/token', centralUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ integration: name }),
  });
  if (!response.ok) throw new Error(`central gave ${name} no token (${response.status})`);
  return SessionResponse.parse(await response.json()).token;
}

async function readModel(kind: string): Promise<ServedBundle> {
  const folder = path.join(DEMO_FOLDER, 'models', kind);
  const manifest: unknown = JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8'));
  const onnx = await readFile(path.join(folder, 'model.onnx'));
  const bundle = {
    hash: createHash('sha256').update(canonicalJson(manifest)).digest('hex'),
    manifest,
    onnxBase64: onnx.toString('base64'),
  };
  return schemaOfServed(bundle).parse(bundle);
}

/** A port nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
