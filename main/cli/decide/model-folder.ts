/** Model bundles as `sotto model train` writes them: a folder with manifest.json and, but for additive models, model.onnx. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { WholeModel } from '#central/policy/model-fit.ts';
import { LearntManifest } from '#contract/learning.ts';
import { AdditiveManifest, ModelManifest } from '#contract/model.ts';
import { IntentManifest } from '#contract/text-model.ts';
import { canonicalJson } from '#core';
import { z } from 'zod';

export interface FoundModel extends WholeModel {
  readonly folder: string;
}

/** A bundle that tells what the customer's sentences are about: no decision names it, policies do by its labels. */
export interface FoundIntents {
  readonly folder: string;
  readonly hash: string;
  readonly manifest: IntentManifest;
}

/** A base of what was learnt from answers, by its manifest alone: enough for records that name it, which hold its scores. */
export interface FoundLearnt {
  readonly folder: string;
  readonly hash: string;
  readonly manifest: LearntManifest;
}

export type FoundModels =
  | {
      readonly ok: true;
      readonly models: readonly FoundModel[];
      readonly intents: readonly FoundIntents[];
      readonly learnt: readonly FoundLearnt[];
    }
  /** One line per bundle that cannot be used. */
  | { readonly ok: false; readonly faults: readonly string[] };

const Manifest = z.discriminatedUnion('kind', [ModelManifest, AdditiveManifest, IntentManifest, LearntManifest]);
const MANIFEST = 'manifest.json';
const ONNX = 'model.onnx';

/** The folder itself, if it is a bundle, or those directly below it. Throws where the folder cannot be read. */
export const readModels = async (folder: string): Promise<FoundModels> => {
  const names = await readdir(folder, { withFileTypes: true });
  const folders = names.some(({ name }) => name === MANIFEST)
    ? [folder]
    : names.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => path.join(folder, name));
  const models: FoundModel[] = [];
  const intents: FoundIntents[] = [];
  const learnt: FoundLearnt[] = [];
  const faults: string[] = [];
  for (const one of folders.toSorted()) {
    if (!existsSync(path.join(one, MANIFEST))) continue;
    const read = await readBundle(one);
    if (typeof read === 'string') faults.push(read);
    else if ('onnx' in read) models.push(read);
    else if (isLearnt(read)) learnt.push(read);
    else intents.push(read);
  }
  if (models.length + intents.length + learnt.length + faults.length === 0)
    faults.push(`${folder} holds no model: sotto model train writes one`);
  return faults.length > 0 ? { ok: false, faults } : { ok: true, models, intents, learnt };
};

const isLearnt = (found: FoundIntents | FoundLearnt): found is FoundLearnt => found.manifest.kind === 'adaptive';

/** In words what is wrong with it. */
const readBundle = async (folder: string): Promise<FoundModel | FoundIntents | FoundLearnt | string> => {
  const file = path.join(folder, MANIFEST);
  let raw: unknown;
  try {
    raw = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    return `${file} is no JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  const parsed = Manifest.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return `${file} is no manifest: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`;
  }
  const manifest = parsed.data;
  const hash = createHash('sha256').update(canonicalJson(manifest)).digest('hex');
  if (manifest.kind === 'additive') return { folder, hash, manifest, onnx: null };
  if (manifest.kind === 'adaptive') return { folder, hash, manifest };
  const onnx = await readFile(path.join(folder, ONNX));
  const sha256 = createHash('sha256').update(onnx).digest('hex');
  if (onnx.length !== manifest.bytes || sha256 !== manifest.onnx)
    return `${path.join(folder, ONNX)} is not the file its manifest names (${manifest.onnx.slice(0, 12)}): a byte of it was changed, or of the manifest`;
  return manifest.kind === 'intent' ? { folder, hash, manifest } : { folder, hash, manifest, onnx };
};

/** The newest version of the one model there is; in words where there are several. */
export const newestModel = (models: readonly FoundModel[]): FoundModel | string => {
  const ids = [...new Set(models.map(({ manifest }) => manifest.id))];
  if (ids.length !== 1) return `there are ${ids.length} models (${ids.join(', ')}): give the folder of the one to use`;
  const [first, ...rest] = models.toSorted((a, b) => b.manifest.version - a.manifest.version);
  if (first === undefined) return 'there is no model';
  if (rest[0]?.manifest.version === first.manifest.version)
    return `version ${first.manifest.version} of ${first.manifest.id} is there twice`;
  return first;
};
