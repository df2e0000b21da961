import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { BRIDGE } from '#contract/bridge.ts';
import type { IpcRequest, Saved } from '#contract/ipc.ts';
import { Scene, until } from '../e2e/scene.ts';
import type { SeenDesk } from '../e2e/seen-desk.ts';
import { timedTest } from './timed-test.ts';

const AGENT = 'agent-marcus';
const MISSED_VISIT = 'Hi. I took a day off on Tuesday for your engineer, and nobody came.';
const BACK_WITHIN_MS = 2_000;
const KILLS = 4;

let scene: Scene;
let desk: SeenDesk;
beforeAll(async () => {
  scene = await Scene.open();
  desk = await scene.desk(AGENT);
});
beforeEach(async ({ task }) => {
  await scene.clear();
  // A try that failed may have left the app in any state; and an engine that was killed six times in a minute stays away.
  if ((task.result?.retryCount ?? 0) === 0) return;
  await desk.close();
  desk = await scene.desk(AGENT);
});
afterAll(() => scene[Symbol.asyncDispose]());

timedTest(
  '[V2] the engine killed in the middle of a call: the window lives and says so, is back within two seconds, and has everything again',
  {},
  async () => {
    const { page } = desk;
    const call = await scene.call({ agentId: AGENT, customerId: 'cust-0023' });
    await call.agent('Harbour Telecom, Marcus speaking.');
    await call.customer(MISSED_VISIT);
    expect(await desk.cardShown()).toBe('rebook-missed-visit');
    await desk.accept('rebook-missed-visit');
    await desk.cardOf('chase-open-fault').and(desk.card).waitFor();
    const said = await desk.transcript();
    expect(said).toHaveLength(2);

    await desk.drained();
    const offered = (await scene.outcomes()).find(({ callId, actionId }) => callId === call.callId && actionId === 'chase-open-fault');
    const request = { decisionId: offered?.decisionId ?? '', actionId: 'chase-open-fault', answer: { kind: 'accepted' } } as const;
    const awayMs: number[] = [];
    let answered: Saved | undefined;
    for (let kill = 1; kill <= KILLS; kill++) {
      const pid = desk.enginePid;
      if (pid === null) throw new Error('the app has no engine process');
      const killedMs = performance.now();
      process.kill(pid, 'SIGKILL');
      // The last time an answer is given before anybody has noticed.
      const answer = kill === KILLS ? answerDirectly(request) : null;
      await page.getByText('Engine restarting').waitFor();
      await page.locator('.link-state:not([data-state="away"])').waitFor();
      awayMs.push(performance.now() - killedMs);
      await until('another engine process', () => ![null, pid].includes(desk.enginePid));
      answered = (await answer) ?? undefined;
      expect(await desk.transcript()).toEqual(said);
      if (answered?.saved !== true) await desk.cardOf('chase-open-fault').and(desk.card).waitFor();
    }
    console.log(
      `engine killed ${KILLS} times: back after ${awayMs.map(Math.round).join(', ')} ms; an answer given meanwhile: ${JSON.stringify(answered)}`,
    );
    expect(awayMs).toHaveLength(KILLS);
    // The fastest tells what the app takes; the others tell how busy the machine is.
    expect(Math.min(...awayMs)).toBeLessThanOrEqual(BACK_WITHIN_MS);

    // Saved, or refused in words; and what was said holds.
    if (answered?.saved !== true) expect(answered).toMatchObject({ saved: false, detail: expect.stringMatching(/\w{3,}/) });
    await call.customer('Are you still there?');
    await until('the next words are shown', async () => (await desk.transcript()).at(-1) === 'Are you still there?');
    await desk.drained();
    const accepted = (await scene.outcomes()).filter(({ callId, kind }) => callId === call.callId && kind === 'accepted');
    expect(accepted.map(({ actionId }) => actionId).toSorted()).toEqual([
      ...(answered?.saved === true ? ['chase-open-fault'] : []),
      'rebook-missed-visit',
    ]);
    await call.end();
  },
);

/** As the window itself hands it over. */
const answerDirectly = (request: IpcRequest<'card:answer'>): Promise<Saved> =>
  desk.page.evaluate(
    ([bridge, body]) =>
      (globalThis as unknown as Record<string, { call(channel: string, body: unknown): Promise<Saved> }>)[bridge]?.call(
        'card:answer',
        body,
      ) ?? Promise.reject(new Error('there is no bridge')),
    [BRIDGE, request] as const,
  );
