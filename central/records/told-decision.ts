/** A stored decision as it is told to whom it was about: taken again from its record where this core can, else as far as the record itself says. */
import { createHash } from 'node:crypto';
import type { CheckedAction, CheckedField, CheckedRevision } from '#contract/checked-policy.ts';
import type { Prompt, Verdict } from '#contract/decision.ts';
import { DecisionRecord } from '#contract/decision-record.ts';
import { REASON_ALPHABET, REASONS } from '#contract/reason-codes.ts';
import type { ToldAction, ToldDecision, ToldValue } from '#contract/subject-access.ts';
import { type CompiledModel, compileModels, compileRevision, Decider, isoFromMs, type NamedManifest, readCanonical } from '#core';

export type ToldRecord = Omit<ToldDecision, 'outcomes' | 'repeated'>;

const PLACE = /\{([^{}]+)\}/g;
const decoder = new TextDecoder();
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Tells the decisions of one revision. */
export class DecisionTeller {
  readonly #revision: CheckedRevision;
  readonly #models: ReadonlyMap<string, NamedManifest['manifest']>;
  readonly #deciders = new Map<string, Decider>();
  readonly #compiledModels = new Map<string, CompiledModel>();
  readonly #compiled: ReturnType<typeof compileRevision>;

  /** `models`: those that records may name, by the hash of their bundle. */
  constructor(revision: CheckedRevision, models: ReadonlyMap<string, NamedManifest['manifest']>) {
    this.#revision = revision;
    this.#models = models;
    this.#compiled = compileRevision(revision);
  }

  tell(body: string): ToldRecord {
    const record = DecisionRecord.parse(readCanonical(body));
    const { hash, name, version } = this.#revision;
    const { id, atMs, callId, agentId, rung, models, result } = record;
    const again = this.#decidedAgain(record, body);
    const refrained = result.kind === 'refrain' ? result.reason : null;
    return {
      id,
      atMs,
      callId,
      agentId,
      rung,
      models,
      refrained,
      policy: { hash, name, version },
      reproduced: again !== null,
      shown: result.kind === 'show' ? result.prompts.map((prompt) => this.#shown(prompt, again?.prompts ?? [], again?.values ?? [])) : [],
      used: this.#used(again?.values ?? []),
      considered: again === null ? this.#asWritten(record) : again.verdicts.map((verdict) => this.#toldAction(verdict)),
    };
  }

  /** What the stages read, and what became of every action, decided anew; null where it does not come out the same. */
  #decidedAgain(record: DecisionRecord, body: string) {
    try {
      const model = this.#model(record.models);
      const decider = this.#decider(record.core);
      const { result, recordJson } = decider.decideAgain(record, model);
      if (recordJson !== body) return null;
      const prompts: readonly Prompt[] = result.kind === 'show' ? result.prompts : [];
      const { candidates, scores } = decider.recorded(record, model);
      const values = this.#compiled.usedFields.map((field, place) => [field, candidates.facts.fields[place] ?? null] as const);
      return { prompts, values, verdicts: decider.explainAll(candidates, scores) };
    } catch {
      // Another core's facts, or a model that is not here any more: the record itself still says where each action ended.
      return null;
    }
  }

  #decider(core: string): Decider {
    const known = this.#deciders.get(core);
    if (known !== undefined) return known;
    const made = new Decider(this.#compiled, { hash: core, sha256, text: (bytes) => decoder.decode(bytes) });
    this.#deciders.set(core, made);
    return made;
  }

  #model(hashes: readonly string[]): CompiledModel | null {
    const name = hashes.join(' ');
    const named = hashes.flatMap((hash) => {
      const manifest = this.#models.get(hash);
      return manifest === undefined ? [] : [{ hash, manifest }];
    });
    const made = this.#compiledModels.get(name) ?? compileModels(this.#compiled, named);
    if (made !== null) this.#compiledModels.set(name, made);
    return made;
  }

  #shown(
    { actionId, treatmentId, role }: { readonly actionId: string; readonly treatmentId: string; readonly role: 'primary' | 'chip' },
    prompts: readonly Prompt[],
    values: readonly (readonly [number, ToldValue])[],
  ): ToldDecision['shown'][number] {
    const action = this.#action(actionId);
    const treatment = action?.treatments.find(({ id }) => id === treatmentId);
    const known = new Map(
      values.map(([place, value]) => {
        const field = this.#revision.fields[place];
        return [field?.path ?? '', this.#withUnit(field, value)];
      }),
    );
    const reasons = prompts.find((prompt) => prompt.actionId === actionId)?.reasons ?? [];
    return {
      actionId,
      name: action?.name ?? actionId,
      role,
      words: { do: treatment?.do ?? '', say: treatment?.say === undefined ? null : filled(treatment.say, (path) => known.get(path)) },
      because: reasons.map(({ templateId, args }) => {
        const index = Number(templateId.slice(templateId.lastIndexOf('/') + 1));
        return filled(action?.reasons[index]?.text ?? '', (path) => {
          const value = args[path];
          return path === 'ago' && typeof value === 'number' ? duration(value) : this.#withUnit(this.#field(path), value ?? null);
        });
      }),
    };
  }

  #used(values: readonly (readonly [number, ToldValue])[]): ToldDecision['used'] {
    return values.flatMap(([place, value]) => {
      const field = this.#revision.fields[place];
      if (field === undefined || value === null) return [];
      return [{ label: field.label, value: this.#withUnit(field, value) }];
    });
  }

  #field(path: string): CheckedField | undefined {
    return this.#revision.fields.find((field) => field.path === path);
  }

  /** A number with its unit, a time as one. */
  #withUnit(field: CheckedField | undefined, value: ToldValue): ToldValue {
    if (field === undefined || typeof value !== 'number') return value;
    if (field.type === 'time') return isoFromMs(value);
    return field.unit === undefined ? value : `${value} ${field.unit}`;
  }

  #toldAction({ actionId, stage, code, condition, by, factors }: Verdict): ToldAction {
    return {
      ...this.#named(actionId),
      stage,
      code,
      rule: condition?.text ?? by,
      values: condition?.operands ?? [],
      ranked: factors,
    };
  }

  /** Where each action ended, by the record's letters. */
  #asWritten({ id, reasons }: DecisionRecord): readonly ToldAction[] {
    return this.#revision.actions.map((action, place) => {
      const reason = REASONS[REASON_ALPHABET.indexOf(reasons.charAt(place))];
      if (reason === undefined) throw new Error(`record ${id} has no reason for ${action.id}, which its revision has`);
      return { ...this.#named(action.id), ...reason, rule: null, values: [], ranked: null };
    });
  }

  #action(id: string): CheckedAction | undefined {
    return this.#revision.actions[this.#compiled.actionIndex.get(id) ?? -1];
  }

  #named(actionId: string): Pick<ToldAction, 'actionId' | 'name' | 'issue' | 'group'> {
    const action = this.#action(actionId);
    return { actionId, name: action?.name ?? actionId, issue: action?.issue ?? '', group: action?.group ?? '' };
  }
}

/** A sentence of the policy with its values; what is unknown stays as its name. */
const filled = (template: string, value: (path: string) => ToldValue | undefined): string =>
  template.replaceAll(PLACE, (place, path: string) => {
    const found = value(path.trim());
    return found === undefined || found === null ? place : typeof found === 'object' ? found.join(', ') : String(found);
  });

/** Milliseconds as people say them. */
function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return 'less than a minute';
  if (minutes < 120) return minutes === 1 ? '1 minute' : `${minutes} minutes`;
  return minutes < 2_880 ? `${Math.round(minutes / 60)} hours` : `${Math.round(minutes / 1_440)} days`;
}

/** A value as it is read. */
export const inWords = (value: ToldValue): string =>
  value === null ? 'unknown' : typeof value === 'object' ? value.join(', ') : String(value);
