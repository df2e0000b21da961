/** A model on its way to the desks: held against the policy in force, and its effect told from decisions that were taken. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NAMELESS } from '#central/policy/blast-of-records.ts';
import { ChangeView } from '#contract/change-request.ts';
import type { ServedBundle } from '#contract/served-bundle.ts';
import { compileRevision, Decider } from '#core';
import { requestInputs } from '#policy';
import { demonstrationIntents, demonstrationModel, demonstrationRevision } from '../engine/demonstration.ts';
import { onPostgres } from './engines.ts';
import { type Opened, openCentral, sha256 } from './fixture.ts';
import { checked, People, PEOPLE } from './governing.ts';

const LIMITS = 'modelCard: { leastAuc: 0.55, mostAuc: 0.9, leastPositives: 200, leastAccuracy: 0.7 }\n';
const FILES = demonstrationRevision((path, text) =>
  path === 'revision.yaml' ? `${text.replace(/^adaptive:.*$/m, '')}\n${LIMITS}` : text,
).files;
const COUNT = 20;

onPostgres((engine) => {
  let opened: Opened;
  const people = new People(() => opened.central);
  const propose = (bundle: ServedBundle) =>
    people.ask('h1', '/api/changes', { kind: 'model', bundle, title: 'A model', reason: 'It is better' });

  beforeAll(async () => {
    opened = await openCentral(await engine.open());
    await opened.central.loadOrganisation({ agents: PEOPLE, customers: [], policyFiles: FILES, models: [] });
    const revision = checked(FILES);
    const decider = new Decider(compileRevision(revision), NAMELESS);
    for (let i = 0; i < COUNT; i += 1) {
      const request = {
        profile: {
          customerId: `c-${i}`,
          fields: { tenureMonths: i * 5, plan: 'fibre-100', appUser: false, paperless: false },
          consents: [{ purpose: 'marketing', granted: true }],
        },
      };
      const { recordBytes } = decider.decide(requestInputs(request, { id: `d-${i}`, language: 'en' }), null);
      const body = new TextDecoder().decode(recordBytes);
      const row = { device_id: 'd', agent_id: 'ann', call_id: `call-${i}`, customer_id: `c-${i}`, at_ms: 1 + i, received_at_ms: 1 };
      await opened.central.store.db
        .insertInto('decisions')
        .values({ ...row, id: `d-${i}`, hash: sha256(body), policy: revision.hash, body })
        .execute();
    }
  });
  afterAll(() => opened.close());

  test('its card and what it would have done to the decisions that were taken are told to whoever reviews it', async () => {
    const { status, body } = await propose(demonstrationModel((manifest) => ({ ...manifest, version: 2 })));
    expect([status, body['error']]).toEqual([201, undefined]);
    const effect = ChangeView.parse(body).effect.join('\n');
    expect(effect).toMatch(/^Its card: AUC 0\.\d+, log loss 0\.\d+, calibration error 0\.\d+, \d+ of \d+ rows positive\.$/m);
    expect(effect).toMatch(/\d+ of \d+ decisions? differ/);
  });

  test('one that only looks into itself with difficulty has its card told, and that its effect is not', async () => {
    const opaque = demonstrationModel((manifest) => ({ ...manifest, golden: manifest.golden.map((one) => ({ ...one, propensity: 0.5 })) }));
    const { effect } = ChangeView.parse((await propose(opaque)).body);
    expect(effect.at(-1)).toMatch(/^Its effect on decisions is not told: .*golden/);
  });

  test.each([
    ['a card below what the council asks', { auc: 0.5 }, /AUC 0.5, and the council asks for 0.55/],
    ['a card that knows too much', { auc: 0.97 }, /suspected of knowing the outcome/],
    ['too few positives', { positives: 10 }, /positives 10, and the council asks for 200/],
  ])('is refused before anybody reviews it: %s', async (_, card, words) => {
    const { status, body } = await propose(demonstrationModel((manifest) => ({ ...manifest, card: { ...manifest.card, ...card } })));
    expect([status, body['error'], body['detail']]).toEqual([422, 'bad-model', expect.stringMatching(words)]);
  });

  test('a model of text is refused below its accuracy, or where the policy asks for what it never tells', async () => {
    const asIs = await propose(demonstrationIntents());
    expect([asIs.status, ChangeView.parse(asIs.body).effect[0]]).toEqual([201, expect.stringMatching(/^Its card: accuracy 0\.\d+/)]);
    const weak = await propose(demonstrationIntents((manifest) => ({ ...manifest, card: { ...manifest.card, accuracy: 0.6 } })));
    expect(weak.body).toMatchObject({ error: 'bad-model', detail: expect.stringMatching(/accuracy 0.6, and the council asks for 0.7/) });
    const other = await propose(
      demonstrationIntents((manifest) => ({ ...manifest, labels: manifest.labels.map((label) => `x-${label}`) })),
    );
    expect(other.body).toMatchObject({
      error: 'bad-model',
      detail: expect.stringMatching(/asks for the intent ".*", which it never tells/),
    });
  });
});
