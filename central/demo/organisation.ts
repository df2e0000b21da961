/**
 * The demonstration's organisation, read from the data files beside this one and checked as strictly as a real one.
 *
 * Times in `customers.jsonl` are offsets, so that the demonstration holds on any day: an object with exactly one of
 * `daysAgo`, `hoursAgo`, `minutesAgo`, `inDays`, `inHours` (numbers from 0) stands for a moment counted from `nowMs`.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import type { CheckedRevision } from '#contract/checked-policy.ts';
import { ExperienceLevel, type PolicyFile } from '#contract/policy.ts';
import { OrganisationPerson } from '#contract/people.ts';
import { Consent, FieldValue, Interaction, ProfileSlice } from '#contract/profile.ts';
import { Id, LanguageTag, Slug } from '#contract/text.ts';
import { checkRevision, revisionHash } from '#policy';
import { type KnownNames, Script, scriptFaults } from './script.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const offset = z.number().min(0).max(4_000);
/** A moment counted from now. */
export const RelativeTime = z.union([
  z.strictObject({ daysAgo: offset }).transform(({ daysAgo }) => -daysAgo * DAY_MS),
  z.strictObject({ hoursAgo: offset }).transform(({ hoursAgo }) => -hoursAgo * HOUR_MS),
  z.strictObject({ minutesAgo: offset }).transform(({ minutesAgo }) => -minutesAgo * MINUTE_MS),
  z.strictObject({ inDays: offset }).transform(({ inDays }) => inDays * DAY_MS),
  z.strictObject({ inHours: offset }).transform(({ inHours }) => inHours * HOUR_MS),
]);

const CustomerLine = z.strictObject({
  customerId: Id,
  displayName: z.string().min(1).max(80),
  language: LanguageTag,
  fields: z.record(z.string(), z.union([FieldValue, RelativeTime.transform((offsetMs) => ({ offsetMs }))])),
  consents: z.array(Consent.omit({ atMs: true }).extend({ at: RelativeTime })),
  /** Oldest first. */
  history: z.array(Interaction.omit({ atMs: true }).extend({ at: RelativeTime })),
});

export const DemoAgent = z.strictObject({
  id: Id,
  name: z.string().min(1).max(80),
  level: ExperienceLevel,
  language: LanguageTag,
  /** Where they work: a supervisor of it sees their calls. */
  teams: z.array(Slug).min(1),
});
export type DemoAgent = z.infer<typeof DemoAgent>;

export interface Organisation {
  /** The revision as text, to be signed and published like any other. */
  readonly policyFiles: readonly PolicyFile[];
  readonly revision: CheckedRevision;
  readonly agents: readonly DemoAgent[];
  /** Those who take no calls. */
  readonly people: readonly OrganisationPerson[];
  /** Read at `nowMs`. */
  readonly customers: readonly ProfileSlice[];
  /** By id; the calls that follow another stand after it. */
  readonly scripts: readonly Script[];
}

export const DEMO_FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** A data file of the demonstration that is wrong: what, where, and all of it at once. */
export class OrganisationError extends Error {
  override readonly name = 'OrganisationError';
}

/** Loads and checks everything. Times become moments counted from `nowMs`. Throws OrganisationError naming file and fault. */
export const loadOrganisation = async ({
  nowMs,
  folder = DEMO_FOLDER,
}: {
  readonly nowMs: number;
  readonly folder?: string;
}): Promise<Organisation> => {
  const policyFiles = await readPolicy(join(folder, 'policy'));
  const check = checkRevision(policyFiles, { hash: revisionHash(policyFiles, sha256) });
  if (!check.ok)
    throw refuse(
      'policy',
      check.faults.map(({ file, line, reason }) => `${file}:${line} ${reason}`),
    );
  const agents = parsed('agents.yaml', z.array(DemoAgent).min(1), parseYaml(await readFile(join(folder, 'agents.yaml'), 'utf8')));
  const people = parsed('people.yaml', z.array(OrganisationPerson).min(1), parseYaml(await readFile(join(folder, 'people.yaml'), 'utf8')));
  const customers = await readCustomers(folder, nowMs);
  const scripts = await readScripts(folder);
  const known = {
    actions: actionPlaces(check.revision),
    agents: new Set(agents.map(({ id }) => id)),
    customers: new Set(customers.map(({ customerId }) => customerId)),
  };
  const faults = [
    ...twice(
      'customers.jsonl',
      customers.map(({ customerId }) => customerId),
    ),
    ...twice(
      'agents.yaml and people.yaml',
      [...agents, ...people].map(({ id }) => id),
    ),
    ...scripts.flatMap((script) => scriptFaults(script, known, scripts)),
  ];
  if (faults.length > 0) throw refuse('references', faults);
  return { policyFiles, revision: check.revision, agents, people, customers, scripts };
};

/** Every file of the revision in `folder` as text, by path. */
export const readPolicy = async (folder: string): Promise<readonly PolicyFile[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  return Promise.all(
    paths.map(async (path) => ({ path: path.slice(folder.length + 1).replaceAll('\\', '/'), text: await readFile(path, 'utf8') })),
  );
};

const readCustomers = async (folder: string, nowMs: number): Promise<readonly ProfileSlice[]> => {
  const text = await readFile(join(folder, 'customers.jsonl'), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line, index) => {
    const where = `customers.jsonl:${index + 1}`;
    const { fields, consents, history, ...who } = parsed(where, CustomerLine, JSON.parse(line));
    const moment = (offsetMs: number) => nowMs + Math.round(offsetMs);
    return parsed(where, ProfileSlice, {
      ...who,
      version: 1,
      asOfMs: nowMs,
      fields: Object.fromEntries(
        Object.entries(fields).map(([name, value]) => [name, isOffset(value) ? new Date(moment(value.offsetMs)).toISOString() : value]),
      ),
      consents: consents.map(({ at, ...consent }) => ({ ...consent, atMs: moment(at) })),
      history: history.map(({ at, ...interaction }) => ({ ...interaction, atMs: moment(at) })),
    });
  });
};

const isOffset = (value: unknown): value is { readonly offsetMs: number } =>
  typeof value === 'object' && value !== null && 'offsetMs' in value;

const readScripts = async (folder: string): Promise<readonly Script[]> => {
  const names = (await readdir(join(folder, 'calls'))).filter((name) => name.endsWith('.yaml')).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const script = parsed(`calls/${name}`, Script, parseYaml(await readFile(join(folder, 'calls', name), 'utf8')));
      if (`${script.id}.yaml` !== name) throw refuse(`calls/${name}`, [`the id is "${script.id}": name the file after it`]);
      return script;
    }),
  );
};

const parsed = <T>(where: string, schema: z.ZodType<T>, value: unknown): T => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw refuse(where, [z.prettifyError(result.error)]);
};

const refuse = (where: string, faults: readonly string[]): OrganisationError =>
  new OrganisationError(`loading the demonstration: ${where} is wrong, mend it:\n${faults.join('\n')}`);

const twice = (where: string, ids: readonly string[]): readonly string[] =>
  ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `${where}: ${id} is there twice`);

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** Issue and group of every action, for the patterns of scripts. */
export const actionPlaces = (revision: CheckedRevision): KnownNames['actions'] =>
  new Map(revision.actions.map(({ id, issue, group }) => [id, { issue, group }]));
