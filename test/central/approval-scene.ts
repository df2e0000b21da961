/** Central with people around significant requests, a system of record that is signed to, and ann at her desk. */
import { verifyBody } from '#central/actions/signature.ts';
import { startSystemOfRecord, type SystemOfRecord } from '#central/demo/system-of-record.ts';
import { DECIDERS, Deciders, decidedBy } from './deciding.ts';
import { type Opened, openCentral, TestDesk } from './fixture.ts';
import { smallPolicy } from './small-policy.ts';

export const ACTIONS = { undoMs: 0, retryMs: 20, timeoutMs: 3_000, expireAfterMs: 60_000 };

export interface Scene extends AsyncDisposable {
  readonly opened: Opened;
  readonly desk: TestDesk;
  readonly people: Deciders;
  readonly system: SystemOfRecord;
}

/** `route`: of the significant action; null: as the small policy has it. */
export async function scene(
  store: Parameters<typeof openCentral>[0],
  route: string | null,
  options: Parameters<typeof openCentral>[1] = {},
): Promise<Scene> {
  let opened: Opened | null = null;
  const of = (): Opened => {
    if (opened === null) throw new Error('not open yet');
    return opened;
  };
  const system = await startSystemOfRecord({
    verify: (body, signature) => verifyBody(body, signature, of().central.publicKeyPem),
    answerUrl: 'http://127.0.0.1:1/answers',
    nowMs: Date.now,
    delayMs: 3_600_000,
  });
  opened = await openCentral(store, { systemOfRecord: { url: system.url }, actions: ACTIONS, ...options });
  const { central } = opened;
  await central.loadOrganisation({
    agents: DECIDERS,
    customers: [],
    policyFiles: route === null ? smallPolicy() : decidedBy(route),
    models: [],
  });
  const desk = await TestDesk.connect(central, 'ann');
  return {
    opened,
    desk,
    system,
    people: new Deciders(() => central),
    async [Symbol.asyncDispose]() {
      desk.close();
      await of().close();
      await system.close();
    },
  };
}
