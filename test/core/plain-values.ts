/** Conditions and the values they ask for, in three values, evaluated the slow way: null is unknown. */
import type { CheckedField, CheckedRevision } from '#contract/checked-policy.ts';
import type { Condition, Operand } from '#contract/condition.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import { AHEAD, plainBasis } from './plain-basis.ts';
import type { PlainHistory } from './plain-history.ts';

export type Truth = boolean | null;
const HOUR = 3_600_000;

export class PlainValues {
  readonly #revision: CheckedRevision;
  readonly #in: DecisionInputs;
  readonly #history: PlainHistory;

  constructor(revision: CheckedRevision, inputs: DecisionInputs, history: PlainHistory) {
    this.#revision = revision;
    this.#in = inputs;
    this.#history = history;
  }

  truth(condition: Condition): Truth {
    switch (condition.op) {
      case 'literal':
        return condition.value;
      case 'not': {
        const inner = this.truth(condition.of);
        return inner === null ? null : !inner;
      }
      case 'and': {
        const parts = condition.of.map((part) => this.truth(part));
        return parts.includes(false) ? false : parts.includes(null) ? null : true;
      }
      case 'or': {
        const parts = condition.of.map((part) => this.truth(part));
        return parts.includes(true) ? true : parts.includes(null) ? null : false;
      }
      case 'has': {
        const set = this.#field(condition.path);
        if (!Array.isArray(set)) return null;
        if (set.includes(condition.value)) return true;
        if (condition.path === 'call.intents' && (this.#in.call.gaps.length > 0 || this.#unread())) return null;
        return condition.path === 'call.topics' && this.#in.call.gaps.length > 0 ? null : false;
      }
      case 'said':
        if (this.#heard(condition.by, condition.phrases)) return true;
        return this.#in.call.gaps.length > 0 ? null : false;
      case 'in': {
        const value = this.#value(condition.left);
        return value === null ? null : (condition.set as readonly unknown[]).includes(value);
      }
      case 'compare': {
        const value = this.#value(condition.left) as number | null;
        const right = condition.right as number;
        if (value === null) return null;
        switch (condition.is) {
          case '<':
            return value < right;
          case '<=':
            return value <= right;
          case '==':
            return value === right;
          case '!=':
            return value !== right;
          case '>=':
            return value >= right;
          case '>':
            return value > right;
        }
      }
    }
  }

  #saidByCustomer() {
    return this.#in.call.utterances.filter(({ speaker, text }) => speaker === 'customer' && text !== '');
  }

  #unread(): boolean {
    const { understood } = this.#in.call;
    return this.#saidByCustomer().some(({ seq }) => understood.every((one) => one.seq !== seq));
  }

  #heard(by: string, phrases: readonly string[]): boolean {
    return this.#in.call.utterances.some(
      (one) => (by === 'anyone' || by === one.speaker) && phrases.some((phrase) => plain(one.text).includes(plain(phrase))),
    );
  }

  #value(operand: Operand): unknown {
    switch (operand.kind) {
      case 'field':
        return this.#field(operand.path);
      case 'since': {
        const at = this.#field(operand.path);
        return typeof at === 'number' ? this.#in.nowMs - at : null;
      }
      case 'count': {
        if (this.#history.profile === null) return null;
        const { scope } = operand;
        return this.#history.past(false).filter((one) => {
          if (
            one.kind !== operand.outcome ||
            (operand.channel ?? one.channel) !== one.channel ||
            one.atMs <= this.#in.nowMs - operand.windowMs
          )
            return false;
          if (scope.of === 'any') return true;
          if (scope.of === 'action') return one.actionId === scope.name;
          const { of, name } = scope;
          return this.#revision.actions.some((action) => action.id === one.actionId && action[of as 'group'] === name);
        }).length;
      }
    }
  }

  #field(path: string): unknown {
    const definition = this.#revision.fields.find((one) => one.path === path)!;
    const purpose = this.#revision.purposes.find(({ id }) => id === definition.purpose);
    if (purpose !== undefined && plainBasis(purpose, this.#in, this.#history.profile) !== null) return null;
    const [root, name] = path.split('.') as [string, string];
    return fitting(
      definition,
      root === 'call' ? this.#call(name) : root === 'journey' ? this.#in.call.journeys[name] : this.#fromProfile(definition, name),
    );
  }

  #fromProfile(definition: CheckedField, name: string): unknown {
    const { call, nowMs } = this.#in;
    const { profile } = this.#history;
    const newer = call.profileVersion !== null && call.profileVersion > (profile?.version ?? 0);
    if (newer && call.identity !== 'unknown' && Object.hasOwn(call.fields, name)) return call.fields[name];
    if (profile === null) return null;
    const age = nowMs - profile.asOfMs;
    return age < -AHEAD || (definition.maxAgeHours !== undefined && age > definition.maxAgeHours * HOUR) ? null : profile.fields[name];
  }

  #call(name: string): unknown {
    const { call, nowMs, speaking } = this.#in;
    const end = call.endedAtMs ?? nowMs;
    if (name === 'topics') return this.#revision.topics.filter(({ by, phrases }) => this.#heard(by, phrases)).map(({ topic }) => topic);
    if (name === 'elapsedS') return call.connectedAtMs === null ? null : Math.max(0, Math.floor((end - call.connectedAtMs) / 1_000));
    if (name === 'customerSilentS') {
      if (speaking?.by === 'customer') return 0;
      if (call.connectedAtMs === null) return null;
      const spoke = call.utterances.findLast(({ speaker }) => speaker === 'customer')?.atMs ?? 0;
      return Math.max(0, Math.floor((end - Math.max(spoke, call.connectedAtMs)) / 1_000));
    }
    const known = call.understood.filter(({ intent }) => intent !== null);
    if (name === 'intent') return known.at(-1)?.intent ?? null;
    if (name === 'intentConfidence') return known.at(-1)?.confidence ?? null;
    if (name === 'intents') {
      if (call.understoodBy === null && this.#saidByCustomer().length > 0) return null;
      return known.map(({ intent }) => intent).filter((intent, at, all) => all.indexOf(intent) === at);
    }
    return (call as unknown as Record<string, unknown>)[name];
  }
}

const plain = (text: string): string =>
  ` ${text
    .toLowerCase()
    .replaceAll(/[^a-z0-9']+/g, ' ')
    .trim()} `;

function fitting({ type, values = [] }: CheckedField, value: unknown): unknown {
  const ok =
    type === 'boolean'
      ? typeof value === 'boolean'
      : type === 'number'
        ? Number.isFinite(value)
        : type === 'text'
          ? typeof value === 'string' && value.isWellFormed()
          : type === 'enum'
            ? values.includes(value as string)
            : type === 'time'
              ? typeof value === 'string' && value.endsWith('Z') && !Number.isNaN(Date.parse(value))
              : Array.isArray(value) && value.every((item) => typeof item === 'string' && (values.length === 0 || values.includes(item)));
  if (!ok) return null;
  return type === 'time' ? Date.parse(value as string) : value;
}
