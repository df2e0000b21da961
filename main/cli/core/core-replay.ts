/**
 * What replaying asks of a bundled core, today's or a former one. A core that is not today's is called as it was when it
 * was shipped, so every way a core was ever called stays here:
 *
 *   `new Decider(compileRevision(revision), core).decideAgain(record, compileModels(…)).recordJson`          today's
 *   `new Decider(compileRevision(revision), core).decideAgain(record, compileModel(…) | null).recordJson`   before models were learnt
 *   `decideAgain(compileRevision(revision), record, core).recordJson`                                       before there was a Decider
 */
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { NamedManifest } from '#core';
import type { CoreModule } from './core-file.ts';
import { coreOf } from './runtime.ts';

export interface CoreReplay {
  readonly hash: string;
  /** Whether it needs the models that records name in order to decide again. */
  readonly needsModels: boolean;
  /** The record taken again, as canonical JSON. Throws what the core throws for a record it cannot have written. */
  again(revision: CheckedRevision, record: unknown, models: readonly NamedManifest[]): string;
}

type Callable = (...args: readonly unknown[]) => unknown;

const isCallable = (value: unknown): value is Callable => typeof value === 'function';

/** Null where the module is no core that is known here. */
export const coreReplay = (hash: string, module: unknown): CoreReplay | null => {
  if (typeof module !== 'object' || module === null) return null;
  const { Decider, compileRevision, compileModel, decideAgain } = module as Readonly<Record<string, unknown>>;
  if (isCallable(Decider) && isCallable(compileRevision) && isCallable(compileModel)) return withDecider(hash, module as DecidingCore);
  return isCallable(decideAgain) && isCallable(compileRevision) ? withoutDecider(hash, compileRevision, decideAgain) : null;
};

/** Cores from before models were learnt know one model a record. */
type DecidingCore = Omit<CoreModule, 'compileModels'> & Partial<Pick<CoreModule, 'compileModels'>>;

const withDecider = (hash: string, { Decider, compileRevision, compileModel, compileModels }: DecidingCore): CoreReplay => {
  type Model = ReturnType<typeof compileModel>;
  const core = coreOf(hash);
  const known = new Map<CheckedRevision, { readonly decider: InstanceType<typeof Decider>; readonly models: Map<string, Model> }>();
  return {
    hash,
    needsModels: true,
    again(revision, record, models) {
      const ready = known.get(revision) ?? { decider: new Decider(compileRevision(revision), core), models: new Map<string, Model>() };
      known.set(revision, ready);
      const [found] = models;
      const key = models.map((model) => model.hash).join(' ');
      const model =
        found === undefined
          ? null
          : (ready.models.get(key) ??
            compileModels?.(ready.decider.compiled, models) ??
            compileModel(ready.decider.compiled, found.manifest, found.hash));
      if (model !== null) ready.models.set(key, model);
      return ready.decider.decideAgain(record as Parameters<typeof ready.decider.decideAgain>[0], model).recordJson;
    },
  };
};

const withoutDecider = (hash: string, compileRevision: Callable, decideAgain: Callable): CoreReplay => {
  const compiled = new Map<CheckedRevision, unknown>();
  return {
    hash,
    needsModels: false,
    again(revision, record) {
      const ready = compiled.get(revision) ?? compileRevision(revision);
      compiled.set(revision, ready);
      const decision = decideAgain(ready, record, coreOf(hash));
      const json = typeof decision === 'object' && decision !== null && 'recordJson' in decision ? decision.recordJson : undefined;
      if (typeof json !== 'string') throw new TypeError('the core took a decision without a record');
      return json;
    },
  };
};
