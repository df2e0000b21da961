/** The blast radius of a change of policy: what it would do to decisions that were taken. */
import type { CheckedRevision } from '#contract/checked-policy.ts';
import { BlastRadius, describeBlast, requestInputs } from '#policy';
import { type Compared, type RecordedModel, RecordSituations } from '#central/policy/record-situations.ts';
import { type ByteLine, readByteLines } from '../byte-lines.ts';
import type { Command, Given } from '../command.ts';
import { loadPresentCore } from '../core/core-file.ts';
import { coreOf } from '../core/runtime.ts';
import { type FoundModel, newestModel, readModels } from '../decide/model-folder.ts';
import { readRequest } from '../decide/read-request.ts';
import { RequestDecider } from '../decide/request-decider.ts';
import { RequestSituations } from '../policy-diff/situations.ts';
import { parseRecord } from '../policy-records/read-records.ts';
import { readPolicy } from '../read-policy.ts';

/** At most this many lines that cannot be used are named; all are counted. */
const NAMED = 10;

/** Fields customers are grouped by; in words what is wrong with those asked for. */
const groupedBy = (given: Given, revisions: readonly CheckedRevision[]): readonly string[] | string => {
  const fields = revisions.flatMap((revision) =>
    revision.fields.filter(({ path, type }) => path.startsWith('profile.') && (type === 'enum' || type === 'boolean')),
  );
  const asked = given
    .list('by')
    .flatMap((names) => names.split(','))
    .map((name) => (name.startsWith('profile.') ? name : `profile.${name}`));
  if (asked.length === 0) return [...new Set(fields.filter(({ kind }) => kind !== 'protected').map(({ path }) => path))].toSorted();
  const unknown = asked.filter((path) => !fields.some((field) => field.path === path));
  return unknown.length > 0 ? `--by takes enum and yes/no fields of the profile; ${unknown.join(', ')} is none` : asked;
};

export const policyDiff: Command = {
  summary: 'Tell what another revision would do to decisions that were taken',
  positionals: [
    { name: 'OLD', help: 'Folder of the revision the decisions were taken under', required: true },
    { name: 'NEW', help: 'Folder of the revision to compare it with', required: true },
  ],
  options: {
    records: { type: 'string', value: 'FILE', help: 'Decision records taken under OLD, one a line, plain or .gz' },
    requests: { type: 'string', value: 'FILE', help: 'Requests instead of records, as for sotto decide: they hold everything' },
    models: {
      type: 'string',
      value: 'DIR',
      help: 'Folder of the model bundle, or of several: those the records name, or the one to decide requests with',
    },
    by: {
      type: 'string',
      value: 'A,B',
      help: 'Profile fields to group customers by; all enum and yes/no fields that are not protected, where not given',
      multiple: true,
    },
    'fail-on-change': { type: 'boolean', help: 'Exit 3 where an action would end elsewhere, or something must not go unnoticed' },
    json: { type: 'boolean', help: 'Print the report as one JSON line' },
  },
  notes:
    'A record holds what its own revision asked. What the new one asks besides is not known from it; such decisions are counted apart, never guessed. Groups of fewer than ten customers are left out.',
  async run(given, terminal) {
    const files = { records: given.text('records'), requests: given.text('requests') };
    const file = files.records ?? files.requests;
    if (file === undefined || (files.records !== undefined && files.requests !== undefined)) {
      terminal.note('give either --records FILE or --requests FILE');
      return 2;
    }
    const [old, next] = [await readPolicy(given.positional(0)), await readPolicy(given.positional(1))];
    for (const policy of [old, next]) if (!policy.ok) for (const fault of policy.faults) terminal.note(fault);
    if (!old.ok || !next.ok) return 1;
    const by = groupedBy(given, [old.revision, next.revision]);
    if (typeof by === 'string') {
      terminal.note(by);
      return 2;
    }
    const modelFolder = given.text('models');
    const found = modelFolder === undefined ? null : await readModels(modelFolder);
    if (found?.ok === false) {
      for (const fault of found.faults) terminal.note(fault);
      return 1;
    }
    const models = found?.models ?? [];
    const blast = new BlastRadius(old.revision, next.revision, by);
    const comparing =
      files.records === undefined
        ? await compareRequests(old.revision, next.revision, models, by)
        : await compareRecords(old.revision, next.revision, found === null ? [] : [...models, ...found.learnt]);
    if (typeof comparing === 'string') {
      terminal.note(comparing);
      return 1;
    }
    let used = 0;
    let refused = 0;
    try {
      for await (const line of readByteLines(file)) {
        const compared = await comparing.compare(line);
        if (compared.ok) {
          blast.add(compared.situation);
          used += 1;
        } else {
          refused += 1;
          if (refused <= NAMED) terminal.note(`${file}:${line.line} ${compared.reason}`);
        }
        terminal.progress(`${used} decisions compared`);
      }
    } finally {
      await comparing.close();
    }
    if (refused > 0) terminal.note(`${refused} of ${used + refused} lines could not be used`);
    if (used === 0) {
      terminal.note(`${file} holds nothing that can be compared`);
      return 1;
    }
    const report = blast.report();
    if (given.flag('json')) await terminal.print(JSON.stringify(report));
    else {
      await terminal.print(
        `${old.revision.name} v${old.revision.version} (${old.hash.slice(0, 12)}) → v${next.revision.version} (${next.hash.slice(0, 12)})`,
      );
      for (const line of describeBlast(report)) await terminal.print(line);
    }
    if (refused > 0) return 1;
    const isChange = report.effect === 'decisions' || report.effect === 'stages' || report.findings.length > 0;
    return given.flag('fail-on-change') && isChange ? 3 : 0;
  },
};

interface Comparing {
  compare(line: ByteLine): Promise<Compared> | Compared;
  close(): Promise<void>;
}

const compareRequests = async (
  old: CheckedRevision,
  next: CheckedRevision,
  models: readonly FoundModel[],
  by: readonly string[],
): Promise<Comparing | string> => {
  const model = models.length === 0 ? null : newestModel(models);
  if (typeof model === 'string') return model;
  const core = await loadPresentCore();
  const before = await RequestDecider.open(core, old, model);
  const after = await RequestDecider.open(core, next, model);
  if (typeof before === 'string') return before;
  if (typeof after === 'string') return after;
  const situations = new RequestSituations(before, after, by);
  return {
    compare: ({ line, text }) => {
      const read = readRequest(text);
      if (!read.ok) return { ok: false, reason: `${read.path === '' ? 'the line' : read.path} ${read.reason}` };
      const inputs = requestInputs(read.request, { id: `request-${line}`, language: old.language });
      return situations.compare(inputs, read.request.propensities);
    },
    close: async () => {
      await before.close();
      await after.close();
    },
  };
};

const compareRecords = async (old: CheckedRevision, next: CheckedRevision, models: readonly RecordedModel[]): Promise<Comparing> => {
  const core = await loadPresentCore();
  const { Decider, compileRevision } = core.module;
  const situations = new RecordSituations(
    core.module,
    new Decider(compileRevision(old), coreOf(core.hash)),
    new Decider(compileRevision(next), coreOf(core.hash)),
    models,
  );
  return {
    compare: ({ text }) => {
      const record = parseRecord(text);
      return typeof record === 'string' ? { ok: false, reason: record } : situations.compare(record);
    },
    close: async () => undefined,
  };
};
