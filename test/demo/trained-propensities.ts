/** Scores by a propensity model trained on the demonstration's responses, without a model file in between. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEMO_FOLDER, type Organisation } from '#central/demo/organisation.ts';
import { compileModel, compileRevision, featureVector } from '#core';
import { readTable, trainPropensity } from '#learning';
import type { Scoring } from './core-desk.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export const trainedPropensities = async ({ revision }: Organisation): Promise<Scoring> => {
  const bytes = await readFile(join(DEMO_FOLDER, 'training', 'responses.csv'));
  const trained = trainPropensity(readTable(bytes.toString('utf8')), {
    id: 'demo',
    version: 1,
    label: 'accepted',
    positive: '1',
    action: 'actionId',
    form: 'linear',
    fields: revision.fields.filter(({ path }) => !path.startsWith('call.')),
    trainedOn: sha256(bytes),
    sha256,
  });
  if (!trained.ok) throw new Error(trained.faults.map(({ detail }) => detail).join('\n'));
  const { manifest, propensity: own } = trained;
  const model = compileModel(compileRevision(revision), manifest, manifest.onnx);
  const placeOf = new Map(manifest.actions.map(({ id }, place) => [id, place]));
  return (candidates) => {
    const vector = featureVector(manifest.features, candidates);
    const places = [...candidates.actions].map((action) => placeOf.get(revision.actions[action]!.id));
    const propensity = Float32Array.from(places, (place) => (place === undefined ? Number.NaN : own(vector, place)));
    return { rung: 'model', propensity, model };
  };
};
