/** One desk, two people: the real app, whose window asks who sits there. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Scene, until } from './scene.ts';
import type { SeenDesk } from './seen-desk.ts';
import { Wire } from './wire.ts';

const A = 'agent-marcus';
const B = 'agent-ines';
const PLANTED = 'Hi. I took a day off on Tuesday for your engineer, and nobody came, said the pineapple.';

let scene: Scene;
let wire: Wire;
let desk: SeenDesk;
beforeAll(async () => {
  scene = await Scene.open();
  wire = await Wire.to(scene.central.url);
  desk = await scene.desk(A, { url: wire.url });
});
afterAll(async () => {
  await wire[Symbol.asyncDispose]();
  await scene[Symbol.asyncDispose]();
});

const signOut = async (): Promise<void> => {
  await desk.page.keyboard.press('Escape');
  await desk.page.getByRole('button', { name: 'Settings' }).click();
  await desk.page.getByRole('button', { name: 'Sign out' }).click();
  await desk.page.getByRole('heading', { name: 'Who sits here?' }).waitFor();
};

/** Outcomes of the call at central, by agent. */
const atCentral = async (callId: string): Promise<readonly string[]> =>
  (await scene.outcomes()).filter((outcome) => outcome.callId === callId).map(({ agentId, kind }) => `${agentId} ${kind}`);

/** Everything in the app's own folder that can be read as text or bytes, by file. */
const filesWith = (needle: string): readonly string[] =>
  readdirSync(desk.userData, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(needle));

test('A’s unsent answers arrive while B sits there; nothing of A’s is in B’s window or in the files; A finds everything again', async () => {
  const call = await scene.call({ agentId: A, customerId: 'cust-0023' });
  await call.customer(PLANTED);
  expect(await desk.cardShown()).toBe('rebook-missed-visit');
  wire.cut();
  await desk.page.locator('.link-state[data-state="offline"]').waitFor();
  await desk.accept('rebook-missed-visit');
  await desk.page.locator('.unsent').waitFor();
  expect(await atCentral(call.callId)).not.toContain(`${A} accepted`);
  await signOut();
  await until('A’s engine gone', () => desk.enginePid === null);

  // B has never been here, and central cannot be reached: words.
  await desk.page.getByLabel('Somebody else').fill(B);
  await desk.page.getByRole('button', { name: 'Sign in' }).click();
  await desk.page.getByRole('alert').getByText('not signed in on this computer before').waitFor();
  wire.mend();
  await desk.page.getByRole('button', { name: 'Sign in' }).click();
  await desk.page.locator('.desk').waitFor();
  await desk.page.locator('.link-state[data-state="live"]').waitFor();
  await until('A’s answer at central', async () => (await atCentral(call.callId)).includes(`${A} accepted`), 90_000);
  expect((await atCentral(call.callId)).filter((one) => one === `${A} accepted`)).toHaveLength(1);

  const seen = await desk.page.evaluate(async () => {
    const bridge = (globalThis as unknown as { sotto: { call(channel: string, body: unknown): Promise<unknown> } }).sotto;
    return `${document.documentElement.outerHTML} ${JSON.stringify(await bridge.call('desk:open', {}))}`;
  });
  expect(seen).toContain('Inês Carvalho');
  for (const word of ['pineapple', call.callId, 'Marcus Webb', 'rebook-missed-visit'])
    expect([word, seen.includes(word)]).toEqual([word, false]);
  for (const word of ['pineapple', call.callId, 'Marcus Webb']) expect([word, filesWith(word)]).toEqual([word, []]);
  const beforeB = await desk.page.evaluate(async (of) => {
    const bridge = (globalThis as unknown as { sotto: { call(channel: string, body: unknown): Promise<unknown> } }).sotto;
    return bridge.call('explain:actions', { callId: of });
  }, call.callId);
  expect(JSON.stringify(beforeB)).not.toContain('pineapple');

  await signOut();
  await desk.page.getByRole('button', { name: 'Marcus Webb' }).click();
  await desk.page.locator('.desk').waitFor();
  await desk.page.locator('.link-state[data-state="live"]').waitFor();
  await until('A’s words again', async () => (await desk.transcript()).includes(PLANTED));
  await desk.drained();
  await call.end();
  expect(desk.complaints).toEqual([]);
});
