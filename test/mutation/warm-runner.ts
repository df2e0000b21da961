/**
 * Tries mutants in one process that stays warm: the tests are imported once, and a mutant is switched on, asked all the
 * tests that reach it until one fails, and switched off. A fresh process per mutant would cost a second each; there are
 * thousands.
 */
import { registerHooks } from 'node:module';
import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { INSTRUMENTER_CONSTANTS } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  determineHitLimitReached,
  type DryRunResult,
  DryRunStatus,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  type TestRunnerCapabilities,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import fc from 'fast-check';
import { beginFile, type CollectedTest, tests } from './collected-tests.ts';

/** Cheapest first: most mutants fall to the first of them. */
const TESTS = ['test/core/*.test.ts', 'test/decisions/*.test.ts', 'test/property/core-{call-state,candidates,decision,sequence}.test.ts'];
/** About other things, or too slow to be asked of thousands of mutants. */
const LEFT_OUT = /redaction|counterfactual|demonstration:|there are enough cases/;

interface Switches {
  activeMutant: string | undefined;
  currentTestId: string | undefined;
  hitCount: number | undefined;
  hitLimit: number | undefined;
  mutantCoverage?: Extract<DryRunResult, { status: DryRunStatus.Complete }>['mutantCoverage'];
}

class WarmRunner implements TestRunner {
  readonly #switches: Switches = ((globalThis as Record<string, unknown>)[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {}) as Switches;
  #tests: readonly CollectedTest[] = [];

  capabilities(): TestRunnerCapabilities {
    return { reloadEnvironment: false };
  }

  /** Imports the tests of the sandbox, which is the current folder, with `vitest` standing for what collects them. */
  async init(): Promise<void> {
    const collector = new URL('./collected-tests.ts', import.meta.url).href;
    registerHooks({
      resolve: (specifier, context, next) =>
        specifier === 'vitest' && context.parentURL !== collector ? { url: collector, shortCircuit: true } : next(specifier, context),
    });
    // A counterexample is enough; the smallest one is not looked for.
    fc.configureGlobal({ endOnFailure: true });
    for (const file of TESTS.flatMap((pattern) => globSync(pattern).toSorted())) {
      if (LEFT_OUT.test(file)) continue;
      beginFile(file);
      await import(pathToFileURL(resolve(file)).href);
    }
    this.#tests = tests.filter(({ id }) => !LEFT_OUT.test(id));
    if (this.#tests.length < 300) throw new Error(`only ${this.#tests.length} tests were found: nothing could be said of the mutants`);
  }

  async dryRun(): Promise<DryRunResult> {
    const results: TestResult[] = [];
    for (const test of this.#tests) {
      this.#switches.currentTestId = test.id;
      results.push(await resultOf(test));
    }
    this.#switches.currentTestId = undefined;
    const { mutantCoverage } = this.#switches;
    return { status: DryRunStatus.Complete, tests: results, ...(mutantCoverage === undefined ? {} : { mutantCoverage }) };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit }: MutantRunOptions): Promise<MutantRunResult> {
    const asked = testFilter === undefined ? null : new Set(testFilter);
    const results: TestResult[] = [];
    Object.assign(this.#switches, { activeMutant: activeMutant.id, hitCount: 0, hitLimit });
    for (const test of this.#tests) {
      if (asked?.has(test.id) === false) continue;
      const result = await resultOf(test);
      results.push(result);
      if (result.status === TestStatus.Failed) break;
    }
    const tooOften = determineHitLimitReached(this.#switches.hitCount, hitLimit);
    Object.assign(this.#switches, { activeMutant: undefined, hitCount: undefined, hitLimit: undefined });
    return toMutantRunResult(tooOften ?? { status: DryRunStatus.Complete, tests: results });
  }
}

async function resultOf({ id, file, run }: CollectedTest): Promise<TestResult> {
  const fromMs = performance.now();
  const test = { id, name: id, fileName: file };
  try {
    await run();
    return { ...test, status: TestStatus.Success, timeSpentMs: performance.now() - fromMs };
  } catch (error) {
    const failureMessage = error instanceof Error ? error.message.slice(0, 500) : String(error);
    return { ...test, status: TestStatus.Failed, timeSpentMs: performance.now() - fromMs, failureMessage };
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'warm', WarmRunner)];
