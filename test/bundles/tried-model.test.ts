/** [V3] A model is tried in a process of its own, with so much memory and time and no more, before it gets a slot. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { UtilityProcess } from 'electron';
import { afterAll, describe, expect, test } from 'vitest';
import { OnnxScorer } from '#adapters/onnx/onnx-scorer.ts';
import type { ModelBundle } from '#contract/model.ts';
import { createUtilityProcess } from '#main/host/utility-process.ts';
import { TRIAL_LIMITS, tryModel } from '#main/shell/model-trial.ts';
import { openCentral, until } from '../central/fixture.ts';
import { embeddedFolder } from '../central/engines.ts';
import { Scratch } from '../conformance/sqlite-scratch.ts';
import { HotDesk } from '../desk/hot-desk.ts';
import { demonstrationIntents } from '../engine/demonstration.ts';
import { DeskBench } from '../engine/desk-bench.ts';
import { BAD_BUNDLES, GOOD_MODEL, GOOD_REVISION } from './bad-bundles.ts';
import { takesMemory, takesTime } from './greedy-models.ts';

const PROBE = path.join(fileURLToPath(new URL('../../main/engine-process/', import.meta.url)), 'probe-process.ts');
const INTENTS = demonstrationIntents();
/** Far over what is permitted, and still less than this computer has. */
const HUNGRY = takesMemory(900);
const SLOW = takesTime(150);
/** For what is not about time: a busy machine is slow. */
const NO_HURRY = { ...TRIAL_LIMITS, withinMs: 60_000 };
const LIMIT_MB = TRIAL_LIMITS.residentBytes / 1_048_576;

const { utilityProcess, killAll } = createUtilityProcess({ isReady: () => true, childGone: () => undefined });
const tried: UtilityProcess[] = [];
const fork = (): UtilityProcess => {
  const child = utilityProcess.fork(PROBE, [], { stdio: 'ignore' });
  tried.push(child);
  return child;
};
const dying = (): UtilityProcess => {
  const child = fork();
  child.once('spawn', () => child.kill());
  return child;
};
afterAll(killAll);

const slotsOf = (desk: HotDesk) => desk.inStoreOf('ann', (store) => store.setting('slots') as { readonly model: string | null } | null);

describe('[V3] the trial', () => {
  test('lets a good model pass, and leaves no process behind', async () => {
    expect(await tryModel(fork, GOOD_MODEL, NO_HURRY)).toBeNull();
    expect(tried.map(({ pid }) => pid)).toEqual([undefined]);
  });

  test('ends a model that takes more memory than it may, before it has much more', async () => {
    const startMs = performance.now();
    expect(await tryModel(fork, HUNGRY, NO_HURRY)).toMatch(`more than ${LIMIT_MB} MB of memory`);
    console.log(`[V3] 900 MB: ended after ${Math.round(performance.now() - startMs)} ms`);
    // With more room the same one passes: it is the memory, and nothing else, that it was refused for.
    expect(await tryModel(fork, HUNGRY, { residentBytes: 4_096 * 1_048_576, withinMs: 60_000 })).toBeNull();
    expect(tried.every(({ pid }) => pid === undefined)).toBe(true);
  });

  test('ends a model that takes longer than it may', async () => {
    const startMs = performance.now();
    const words = await tryModel(fork, SLOW);
    // On a busy machine it may take two tries until there is a process.
    expect(words?.includes('Try again later') === true ? await tryModel(fork, SLOW) : words).toMatch('longer than 2000 ms');
    expect(performance.now() - startMs).toBeLessThan(60_000);
    const quick = takesTime(1);
    expect(await tryModel(fork, quick, NO_HURRY)).toBeNull();
    expect(tried.every(({ pid }) => pid === undefined)).toBe(true);
  });

  test('ends by itself when nobody else ends it', async () => {
    const child = fork();
    const exited = new Promise<number>((resolve) => child.once('exit', resolve));
    child.once('message', () => child.postMessage({ op: 'try', bundle: SLOW, residentBytes: TRIAL_LIMITS.residentBytes, endsInMs: 500 }));
    expect(await exited).toBe(9);
  });

  test('says what a model of the catalogue is refused for when it has to be run to know', async () => {
    const run = BAD_BUNDLES.filter(({ isRun }) => isRun === true);
    expect(run.length).toBeGreaterThanOrEqual(2);
    for (const { name, bundle, words } of run)
      expect(await tryModel(fork, (bundle as { readonly model: ModelBundle }).model, NO_HURRY), name).toMatch(words);
  });

  test('tries a model of text by what it must tell, and by the longest texts there can be', async () => {
    expect(await tryModel(fork, INTENTS, NO_HURRY)).toBeNull();
    const wrong = demonstrationIntents((manifest) => ({ ...manifest, golden: manifest.golden.map((one) => ({ ...one, text: 'Hello' })) }));
    expect(await tryModel(fork, wrong, NO_HURRY)).toMatch(/golden input 0 gave other probabilities/);
  });

  test('takes a process that never comes up, or dies, for a no', async () => {
    expect(await tryModel(dying, GOOD_MODEL)).toMatch('brought down the process');
  });
});

describe('[V3] a desk', () => {
  test('does not let its own runtime see a model that takes too much, and keeps the good one', async () => {
    using scratch = new Scratch();
    const seen: string[] = [];
    const real = new OnnxScorer();
    const scorer = {
      load: (bundle: ModelBundle) => (seen.push(bundle.hash), real.load(bundle)),
      score: (...given: Parameters<OnnxScorer['score']>) => real.score(...given),
      close: () => real.close(),
    };
    await using desk = await DeskBench.open({
      scratch,
      bundles: [{ revision: GOOD_REVISION }, { model: GOOD_MODEL }],
      surroundings: { scorer, tryModel: (bundle) => tryModel(fork, bundle) },
    });
    for (const model of [HUNGRY, SLOW]) {
      let isTried = false;
      const under = desk.engine.install({ model }).finally(() => (isTried = true));
      // The desk goes on meanwhile.
      await desk.view();
      expect(isTried).toBe(false);
      expect(await under).toMatchObject({ ok: false });
    }
    expect(seen).toEqual([GOOD_MODEL.hash]);
    expect(desk.store.setting('slots')).toMatchObject({ model: GOOD_MODEL.hash });
    await real.close();
  });

  test('of real processes refuses what central names, with its engine alive throughout', async () => {
    const home = await embeddedFolder();
    const opened = await openCentral(null, { folder: home.folder });
    try {
      await using desk = await HotDesk.open(opened.central.url);
      expect(await opened.central.publishModel(GOOD_MODEL)).toMatchObject({ ok: true });
      await desk.enter('ann');
      const probes = () => desk.of('probe-process.js');
      await until('the good one tried', () => probes().length === 1 && probes().every(({ child }) => child.pid === undefined), 20_000);
      // One of text goes the same way into a slot of its own.
      expect(await opened.central.publishModel(INTENTS)).toMatchObject({ ok: true });
      await until('the one of text tried', () => probes().length === 2 && probes().every(({ child }) => child.pid === undefined), 20_000);
      expect(await opened.central.publishModel(HUNGRY)).toMatchObject({ ok: true });
      await until(
        'the greedy one refused',
        () => desk.logs.some((line) => /was refused, .*(more than 512 MB|longer than 2000 ms)/.test(line)),
        20_000,
      );
      // Nothing but the one model was handed to the process, and no key.
      expect(probes().map(({ heard }) => heard.map((message) => Object.keys(message as object)))).toEqual(
        probes().map(() => [['op', 'bundle', 'residentBytes', 'endsInMs']]),
      );
      expect(desk.of('engine-process.js')).toHaveLength(1);
      await desk.sessions.leave();
      expect(await slotsOf(desk)).toMatchObject({ model: GOOD_MODEL.hash, intent: INTENTS.hash });
    } finally {
      await opened.close();
      home.remove();
    }
  });
});
