import { describe, expect, test } from 'vitest';
import type { ModelBundle } from '#contract/model.ts';
import { revisionHash } from '#policy';
import { Scratch } from '../conformance/sqlite-scratch.ts';
import { demonstrationModel, sha256 } from './demonstration.ts';
import { DeskBench, START_MS } from './desk-bench.ts';
import { MemoryLink } from './memory-link.ts';
import { signed } from './signing.ts';
import { CONSENTED, smallRevision } from './small-revision.ts';

const GOOD = smallRevision(1);
const NEXT = smallRevision(2);
const MODEL = demonstrationModel();

/** A bundle whose text does not pass the policy check, with the right hash for it. */
const FAULTY = smallRevision(3, [{ path: 'actions/care/billing/broken.yaml', text: 'id: broken\n' }]);

const versions = (revision: string, models: readonly string[] = [], excluded: readonly string[] = []) => ({ revision, models, excluded });

const flipped = (model: ModelBundle): ModelBundle => {
  const bytes = Buffer.from(model.onnxBase64, 'base64');
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  return { ...model, onnxBase64: bytes.toString('base64') };
};

describe('[V3] a bad bundle never replaces a good one', () => {
  test.each([
    ['a revision with another hash', { revision: { ...NEXT, hash: GOOD.hash } }, /hash/],
    ['a revision that fails its check', { revision: FAULTY }, /fault/],
    ['a revision without any file', { revision: { ...NEXT, files: [] } }, /hash/],
    ['a model whose file was changed', { model: flipped(MODEL) }, /Fetch it again/],
    ['a model with another hash', { model: { ...MODEL, hash: GOOD.hash } }, /hash/],
    [
      'a model that misses its golden inputs',
      {
        model: demonstrationModel((m) => ({ ...m, golden: m.golden.map((golden) => ({ ...golden, propensity: golden.propensity / 2 })) })),
      },
      /golden/,
    ],
  ])('%s', async (_, bundle, words) => {
    using scratch = new Scratch();
    {
      await using desk = await DeskBench.open({ scratch, bundles: [{ revision: GOOD }, { model: MODEL }] });
      const refused = await desk.engine.install(bundle);
      expect(refused).toEqual({ ok: false, words: expect.stringMatching(words) });
      await desk.begin('call-1');
      expect(desk.lines.at(-1)).toMatchObject({ kind: 'show', rung: expect.stringMatching(/^(last-good-)?model$/) });
      expect((await desk.view()).session.policy).toBe('Small v1');
    }
    await using again = await DeskBench.open({ scratch, bundles: [] });
    expect((await again.view()).session.policy).toBe('Small v1');
    await again.begin('call-2');
    expect(again.lines.at(-1)).toMatchObject({ kind: 'show' });
  });
});

describe('following central', () => {
  test('named versions are fetched, checked and used at once; after a restart they are there without central', async () => {
    using scratch = new Scratch();
    const link = new MemoryLink();
    link.revisions.set(GOOD.hash, GOOD);
    link.models.set(MODEL.hash, MODEL);
    {
      await using desk = await DeskBench.open({ scratch, bundles: [], surroundings: { link } });
      expect((await desk.view()).engine).toMatchObject({ rung: 'refrain', trouble: expect.stringContaining('policy') });
      await link.say('versions', versions(GOOD.hash, [MODEL.hash]));
      await desk.engine.settled();
      expect((await desk.view()).engine).toMatchObject({ rung: 'model', trouble: null });
    }
    await using again = await DeskBench.open({ scratch, bundles: [] });
    expect((await again.view()).session.policy).toBe('Small v1');
    expect((await again.view()).engine.rung).toBe('model');
  });

  test('a revision that central sends under another name, or that is faulty, is refused with a word in the log', async () => {
    const link = new MemoryLink();
    link.revisions.set(NEXT.hash, GOOD);
    link.revisions.set(FAULTY.hash, FAULTY);
    await using desk = await DeskBench.open({ bundles: [{ revision: GOOD }], surroundings: { link } });
    for (const hash of [NEXT.hash, FAULTY.hash]) {
      await link.say('versions', versions(hash));
      await desk.engine.settled();
    }
    expect(desk.logs).toEqual([expect.stringMatching(/refused.*another revision/), expect.stringMatching(/refused.*broken\.yaml/)]);
    expect((await desk.view()).session.policy).toBe('Small v1');
  });

  test('a new revision in the middle of a call takes away what it no longer has', async () => {
    const link = new MemoryLink();
    const files = smallRevision(2).files.filter(({ path }) => !path.endsWith(`${CONSENTED}.yaml`));
    const bundle = signed({ ...smallRevision(2), files, hash: revisionHash(files, sha256) });
    link.revisions.set(bundle.hash, bundle);
    await using desk = await DeskBench.open({ bundles: [{ revision: GOOD }], surroundings: { link } });
    await desk.begin('call-1');
    expect((await desk.view()).cards.map(({ actionId }) => actionId)).toContain(CONSENTED);
    await link.say('versions', versions(bundle.hash));
    await desk.engine.settled();
    const view = await desk.view();
    expect(view.session.policy).toBe('Small v2');
    expect(view.cards.map(({ actionId }) => actionId)).not.toContain(CONSENTED);
    expect(desk.kinds('call-1')).toContain(`withdrawn ${CONSENTED}`);
  });

  test('an emergency exclusion takes the card away within its own turn', async () => {
    const link = new MemoryLink();
    await using desk = await DeskBench.open({ bundles: [{ revision: GOOD }], surroundings: { link } });
    await desk.begin('call-1');
    await link.say('versions', versions(GOOD.hash, [], [CONSENTED]));
    expect((await desk.view()).cards.map(({ actionId }) => actionId)).not.toContain(CONSENTED);
    expect(desk.kinds('call-1')).toContain(`withdrawn ${CONSENTED}`);
  });

  test('[C2] consent nobody has confirmed for longer than its age is unknown: nothing that needs it is shown', async () => {
    using scratch = new Scratch();
    {
      await using desk = await DeskBench.open({ scratch, bundles: [{ revision: GOOD }] });
      await desk.begin('call-1');
      expect((await desk.view()).cards.map(({ actionId }) => actionId)).toContain(CONSENTED);
    }
    for (const [hours, isShown] of [
      [23, true],
      [25, false],
    ] as const) {
      const link = new MemoryLink();
      await using later = await DeskBench.open({ scratch, bundles: [], surroundings: { link }, startMs: START_MS + hours * 3_600_000 });
      await later.advance(1_000);
      const { cards } = await later.view();
      expect(
        cards.some(({ actionId }) => actionId === CONSENTED),
        `after ${hours} hours`,
      ).toBe(isShown);
      expect(cards.length).toBeGreaterThan(0);
    }
  });
});
