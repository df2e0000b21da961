/** What a start costs in time of a processor: the engine with policy and model, and central from its folder. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { embeddedFolder } from '../central/engines.ts';
import { openCentral } from '../central/fixture.ts';
import { ensureFreshBuild } from '../e2e/fresh-build.ts';
import { demonstrationModel, demonstrationRevision } from '../engine/demonstration.ts';
import { engineStart, withStore } from '../fault/engine-start.ts';
import { EngineUnderTest } from '../fault/engine-under-test.ts';
import { timedTest } from './timed-test.ts';

beforeAll(ensureFreshBuild);

timedTest(
  'a cold start with the demonstration’s policy and model takes at most 1.5 s of processor time',
  { skip: process.platform !== 'linux' },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sotto-cold-'));
    const revision = demonstrationRevision();
    const model = demonstrationModel();
    withStore(folder, (store) => {
      store.installRevision(revision, {});
      store.installModel(model, {});
      store.saveSetting('versions', { revision: revision.hash, models: [model.hash], excluded: [] });
    });
    const engine = new EngineUnderTest();
    try {
      await engine.start(engineStart(folder));
      // Fields 14 and 15 of stat: user and system time in hundredths of a second.
      const fields = readFileSync(`/proc/${engine.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      const processorMs = (Number(fields[11]) + Number(fields[12])) * 10;
      console.log(`the engine: ${processorMs} ms of processor time`);
      expect((await engine.view()).engine).toMatchObject({ state: 'ready', rung: 'model', trouble: null });
      expect(processorMs).toBeGreaterThan(100);
      expect(processorMs).toBeLessThanOrEqual(1_500);
    } finally {
      engine.kill();
      await engine.gone;
      rmSync(folder, { recursive: true });
    }
  },
);

timedTest('central starts from its folder within 3 s of processor time', {}, async () => {
  const embedded = await embeddedFolder();
  const { folder } = embedded;
  await (await openCentral(null, { folder })).close();
  const began = process.cpuUsage();
  const central = await openCentral(null, { folder });
  const { user, system } = process.cpuUsage(began);
  await central.close();
  embedded.remove();
  console.log(`central: ${Math.round((user + system) / 1_000)} ms of processor time`);
  expect((user + system) / 1_000).toBeLessThan(3_000);
});
