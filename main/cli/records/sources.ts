/** Where replaying finds the revisions and models that records name: folders given, a desk's store, central. */
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { LearntBundle } from '#contract/learning.ts';
import type { ModelBundle } from '#contract/model.ts';
import type { RevisionBundle } from '#contract/policy.ts';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { canonicalJson, type NamedManifest } from '#core';
import { checkFiles, hashOfPolicy, readPolicy } from '../read-policy.ts';

/** Somewhere with revisions and models by hash. */
export interface Shelf {
  /** For messages: `the store in DIR`. */
  readonly name: string;
  revision(hash: string): Promise<RevisionBundle | null>;
  model(hash: string): Promise<ModelBundle | LearntBundle | null>;
}

export type Found<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly words: string };

const short = (hash: string): string => hash.slice(0, 12);

export interface SourceOptions {
  /** Folders of revisions. */
  readonly policies: readonly string[];
  readonly models: readonly NamedManifest[];
  readonly modelFolder: string | null;
  readonly shelves: readonly Shelf[];
  /** Where a former core's checked revisions lie, as `<policy hash>.json`. */
  readonly cores: readonly string[];
}

export class Sources {
  readonly #o: SourceOptions;
  readonly #revisions = new Map<string, Found<CheckedRevision>>();
  readonly #models = new Map<string, Found<NamedManifest>>();

  constructor(options: SourceOptions) {
    this.#o = options;
  }

  /** The revision as the core that asks for it knows it: a former core may need the checked form of its own time, which is kept beside it. */
  async revision(hash: string, isFormerCore: boolean): Promise<Found<CheckedRevision>> {
    const key = `${hash} ${isFormerCore}`;
    const known = this.#revisions.get(key) ?? (await this.#findRevision(hash, isFormerCore));
    this.#revisions.set(key, known);
    return known;
  }

  async model(hash: string): Promise<Found<NamedManifest>> {
    const known = this.#models.get(hash) ?? (await this.#findModel(hash));
    this.#models.set(hash, known);
    return known;
  }

  async #findRevision(hash: string, isFormerCore: boolean): Promise<Found<CheckedRevision>> {
    const { policies, shelves, cores } = this.#o;
    const looked: string[] = [];
    for (const folder of policies) {
      const policy = await readPolicy(folder);
      looked.push(`${folder} is ${short(policy.hash)}`);
      if (policy.hash !== hash) continue;
      const kept = isFormerCore ? await this.#keptRevision(hash, cores) : null;
      if (kept !== null) return { ok: true, value: kept };
      if (policy.ok) return { ok: true, value: policy.revision };
      return { ok: false, words: `its policy does not pass today's check: ${policy.faults[0] ?? ''}` };
    }
    for (const shelf of policies.length > 0 ? [] : shelves) {
      const bundle = await shelf.revision(hash);
      looked.push(`${shelf.name} does not have it`);
      if (bundle === null) continue;
      if (hashOfPolicy(bundle.files) !== hash)
        return { ok: false, words: `its policy in ${shelf.name} was changed: its files have another hash` };
      const kept = isFormerCore ? await this.#keptRevision(hash, cores) : null;
      if (kept !== null) return { ok: true, value: kept };
      const checked = checkFiles(bundle.files, shelf.name);
      if (checked.ok) return { ok: true, value: checked.revision };
      return { ok: false, words: `its policy does not pass today's check: ${checked.faults[0] ?? ''}` };
    }
    const advice = looked.length > 0 ? looked.join(', ') : 'give --policy DIR, --store DIR or --central URL';
    return { ok: false, words: `it names policy ${short(hash)}, ${policies.length > 0 ? 'and ' : ''}${advice}` };
  }

  /** As `sotto policy check --checked` wrote it. */
  async #keptRevision(hash: string, folders: readonly string[]): Promise<CheckedRevision | null> {
    const file = folders.map((folder) => path.join(folder, `${hash}.json`)).find((one) => existsSync(one));
    if (file === undefined) return null;
    const revision = JSON.parse(await readFile(file, 'utf8')) as CheckedRevision;
    return revision.hash === hash ? revision : null;
  }

  async #findModel(hash: string): Promise<Found<NamedManifest>> {
    const { models, modelFolder, shelves } = this.#o;
    const given = models.find((model) => model.hash === hash);
    if (given !== undefined) return { ok: true, value: given };
    if (modelFolder !== null) {
      const there = models.map(({ manifest, hash: other }) => `${manifest.id} ${manifest.version} is ${short(other)}`).join(', ');
      return { ok: false, words: `it names model ${short(hash)}, and in ${modelFolder} ${there}` };
    }
    for (const shelf of shelves) {
      const bundle = await shelf.model(hash);
      if (bundle === null) continue;
      if (createHash('sha256').update(canonicalJson(bundle.manifest)).digest('hex') !== hash)
        return { ok: false, words: `its model in ${shelf.name} was changed: the manifest has another hash` };
      return { ok: true, value: { hash, manifest: bundle.manifest } };
    }
    return { ok: false, words: `it names model ${short(hash)}: give --models DIR, --store DIR or --central URL` };
  }
}
