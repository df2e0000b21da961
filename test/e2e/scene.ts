/**
 * The whole of Sotto for one test file: the real central on its embedded store, the demonstration organisation, its
 * system of record, and the app of as many agents as sit down. Everything is in one folder, which is gone afterwards.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Outcome } from '#contract/outcome.ts';
import { type Demonstration, integrationToken, openDemonstration } from '#main/demonstration/demonstration.ts';
import { prepareEmbedded } from '../central/engines.ts';
import { ensureFreshBuild } from './fresh-build.ts';
import { type Caller, LiveCall } from './live-call.ts';
import { SeenDesk } from './seen-desk.ts';

const GONE_WITHIN_MS = 10_000;

export class Scene implements AsyncDisposable {
  readonly folder: string;
  /** Everything the apps printed. */
  readonly printed: string[] = [];
  readonly #clock: 'system' | 'virtual';
  readonly #startedMs: number;
  readonly #port: number;
  readonly #desks: SeenDesk[] = [];
  readonly #open = new Set<LiveCall>();
  #demonstration: Demonstration | null;
  #calls = 0;

  private constructor(folder: string, clock: 'system' | 'virtual', startedMs: number, demonstration: Demonstration) {
    this.folder = folder;
    this.#clock = clock;
    this.#startedMs = startedMs;
    this.#demonstration = demonstration;
    this.#port = Number(new URL(demonstration.central.url).port);
  }

  static async open(clock: 'system' | 'virtual' = 'system'): Promise<Scene> {
    await ensureFreshBuild();
    const folder = mkdtempSync(path.join(tmpdir(), 'sotto-e2e-'));
    const nowMs = Date.now();
    await prepareEmbedded(path.join(folder, 'central'));
    return new Scene(folder, clock, nowMs, await openDemonstration({ folder, clock, nowMs, port: 0 }));
  }

  get demonstration(): Demonstration {
    if (this.#demonstration === null) throw new Error('central is stopped');
    return this.#demonstration;
  }

  get central(): Demonstration['central'] {
    return this.demonstration.central;
  }

  /** Opens an agent's app and waits until it is connected and has its policy; `url` is where it finds central. */
  async desk(agentId: string, { url = this.central.url }: { readonly url?: string } = {}): Promise<SeenDesk> {
    const { central, printed } = this;
    const before = central.desks();
    const userData = path.join(this.folder, `desk-${agentId}`);
    const desk = await SeenDesk.open({ central: url, agentId, userData, clock: this.#clock, printed });
    this.#desks.push(desk);
    try {
      await until(`the desk of ${agentId} connected`, () => central.desks() > before);
      if (this.#clock === 'virtual') await this.demonstration.advance(this.demonstration.nowMs());
      await desk.page.locator('.link-state[data-state="live"]').waitFor();
      await this.#policyAt(desk);
    } catch (error) {
      // Nobody else would: and while it is open, no other app of this person starts.
      await desk.close();
      throw error;
    }
    return desk;
  }

  /** A new call for an agent, connected. */
  async call({ agentId, ...caller }: Caller): Promise<LiveCall> {
    this.#calls += 1;
    const call = new LiveCall(`call-${this.#calls}`, agentId, { central: () => this.central, nowMs: () => this.demonstration.nowMs() });
    this.#open.add(call);
    return call.begin(caller);
  }

  /** A clean start for a test, whatever the one before left: central runs, no call is open, no panel either. */
  async clear(): Promise<void> {
    if (this.#demonstration === null) await this.startCentral();
    for (const call of this.#open) if (!call.isOver) await call.hangUp();
    this.#open.clear();
    for (const desk of this.#desks) if (desk.isOpen) await desk.page.keyboard.press('Escape');
  }

  async stopCentral(): Promise<void> {
    await this.#demonstration?.[Symbol.asyncDispose]();
    this.#demonstration = null;
  }

  /** The same folder and port again. */
  async startCentral(): Promise<void> {
    this.#demonstration = await openDemonstration({ folder: this.folder, clock: this.#clock, nowMs: this.#startedMs, port: this.#port });
  }

  /** Asks central as a watcher would, over HTTP. */
  async get(where: string): Promise<Response> {
    const token = await integrationToken(this.central.url, 'test-watcher');
    return fetch(new URL(where, this.central.url), { headers: { authorization: `Bearer ${token}` } });
  }

  /** Sends a structured event as a producer would, over HTTP, whatever its body is. */
  async post(where: string, body: string): Promise<Response> {
    const token = await integrationToken(this.central.url, 'test-producer');
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/cloudevents+json' };
    return fetch(new URL(where, this.central.url), { method: 'POST', headers, body });
  }

  /** All outcomes central serves, page by page. */
  async outcomes(): Promise<readonly Outcome[]> {
    const all: Outcome[] = [];
    for (let after: string | null = null; ; ) {
      const response = await this.get(`/api/outcomes?limit=500${after === null ? '' : `&after=${after}`}`);
      const page = (await response.json()) as { outcomes: readonly Outcome[]; next: string | null };
      if (page.outcomes.length === 0) return all;
      all.push(...page.outcomes);
      after = page.next;
    }
  }

  /** Stops everything; fails when a process of it is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const desk of this.#desks) await desk.close();
    await this.stopCentral();
    await until('every process of the scene is gone', () => processesWith(this.folder).length === 0, GONE_WITHIN_MS);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Without a policy nothing is decided; the panel behind the link's word names it. */
  async #policyAt({ page }: SeenDesk): Promise<void> {
    await page.locator('.link').click();
    await page.getByRole('dialog').getByText('Harbour').first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
}

/** Command lines of processes that name the folder. */
function processesWith(folder: string): readonly string[] {
  return execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(folder) && !line.includes('ps -eo'));
}

/** Waits until something holds; throws naming it. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 15_000): Promise<void> {
  for (const endMs = performance.now() + withinMs; !(await holds()); await wait(20)) {
    if (performance.now() > endMs) throw new Error(`never: ${what}`);
  }
}
