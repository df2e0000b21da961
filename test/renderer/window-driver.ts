import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type DeskChange, type DeskView, TimingView, VerdictView, WhatIfView } from '#contract/desk.ts';
import type { News } from '#contract/news.ts';
import { findChromium } from '#main/host/find-chromium.mjs';
import { installBridgeTwin } from './bridge-twin.ts';
import type { Twin, TwinCall } from './bridge-twin.ts';
import { TIMING, VERDICTS, WHAT_IFS } from './scenes.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Where pictures go, to be looked at; without, none are taken. */
const PICTURES = process.env['SOTTO_PICTURES'];

export const SIZES = { compact: { width: 360, height: 640 }, wide: { width: 1440, height: 900 } } as const;
export type Size = keyof typeof SIZES;

export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('No Chromium found. Install one, or name it in SOTTO_CHROMIUM.');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export interface WindowOptions {
  readonly view: DeskView;
  readonly origin: string;
  readonly size?: Size | { readonly width: number; readonly height: number };
  readonly theme?: 'light' | 'dark';
  readonly reducedMotion?: 'reduce' | 'no-preference';
  readonly forcedColors?: 'active' | 'none';
  readonly contrast?: 'more' | 'no-preference';
  readonly replies?: Record<string, unknown>;
  readonly verdicts?: readonly VerdictView[];
  readonly whatIfs?: readonly WhatIfView[];
  readonly timing?: TimingView;
}

/** A window in Chromium with the bridge played by the twin, and everything it did wrong written down. */
export class DeskPage implements AsyncDisposable {
  readonly page: Page;
  /** Errors and warnings of the console, uncaught errors, and requests that left the origin. */
  readonly complaints: string[] = [];
  readonly #context: BrowserContext;
  #hasAxe = false;

  private constructor(context: BrowserContext, page: Page, origin: string) {
    this.#context = context;
    this.page = page;
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.complaints.push(`uncaught: ${error.message}`));
    page.on('request', (request) => {
      if (!request.url().startsWith(`${origin}/`)) this.complaints.push(`request: ${request.url()}`);
    });
  }

  static async open(browser: Browser, options: WindowOptions): Promise<DeskPage> {
    const { size = 'wide' } = options;
    const context = await browser.newContext({
      viewport: typeof size === 'string' ? SIZES[size] : size,
      colorScheme: options.theme ?? 'light',
      reducedMotion: options.reducedMotion ?? 'no-preference',
      forcedColors: options.forcedColors ?? 'none',
      contrast: options.contrast ?? 'no-preference',
      locale: 'en-IE',
      timezoneId: 'Europe/Dublin',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const desk = new DeskPage(context, page, options.origin);
    await page.addInitScript(installBridgeTwin, {
      view: options.view,
      replies: options.replies ?? {},
      // The twin answers what the engine could: what it may not say would fail here and not be drawn as a fault.
      verdicts: VerdictView.array().parse(options.verdicts ?? VERDICTS),
      whatIfs: WhatIfView.array().parse(options.whatIfs ?? WHAT_IFS),
      timing: TimingView.parse(options.timing ?? TIMING),
    });
    await page.goto(`${options.origin}/`, { waitUntil: 'commit' });
    await page.locator('.desk, .alone, .rooms').first().waitFor();
    await page.evaluate(() => document.fonts.ready.then(() => undefined));
    return desk;
  }

  push(change: DeskChange): Promise<void> {
    return this.page.evaluate((pushed) => (globalThis as unknown as { twin: Twin }).twin.push(pushed), change);
  }

  tell(news: News): Promise<void> {
    return this.page.evaluate((told) => (globalThis as unknown as { twin: Twin }).twin.tell(told), news);
  }

  /** What the window asked of the engine, on one channel or all. */
  async calls(channel?: string): Promise<readonly TwinCall[]> {
    const all = await this.page.evaluate(() => (globalThis as unknown as { twin: Twin }).twin.calls);
    return channel === undefined ? all : all.filter((call) => call.channel === channel);
  }

  reply(channel: string, reply: unknown): Promise<void> {
    return this.page.evaluate(
      ([on, what]) => {
        (globalThis as unknown as { twin: Twin }).twin.replies[on] = what;
      },
      [channel, reply] as const,
    );
  }

  ran(): Promise<boolean> {
    return this.page.evaluate(() => (globalThis as unknown as { twin: Twin }).twin.ran === true);
  }

  /** Everything that must not have happened so far. */
  async wrongs(): Promise<readonly string[]> {
    const violations = await this.page.evaluate(() => (globalThis as unknown as { twin: Twin }).twin.violations);
    const faults = (await this.calls('renderer:fault')).map((call) => `fault: ${JSON.stringify(call.request)}`);
    return [...this.complaints, ...violations.map((violation) => `policy: ${violation}`), ...faults];
  }

  /** Violations of axe's rules, with where; another theme changes only the colours. Fails when axe looked at too little. */
  async axe(rules: 'all' | 'colour' = 'all'): Promise<readonly string[]> {
    if (!this.#hasAxe) await this.page.evaluate(AXE);
    this.#hasAxe = true;
    const { violations, passes } = await this.page.evaluate(async (only) => {
      type Rule = { id: string; nodes: { html: string; failureSummary?: string }[] };
      const { axe } = globalThis as unknown as {
        axe: { run(root: Document, options: object): Promise<{ violations: Rule[]; passes: Rule[] }> };
      };
      // A card that is still fading in has the contrast of a ghost.
      await Promise.all(document.getAnimations().map((animation) => animation.finished));
      const result = await axe.run(document, only === 'colour' ? { runOnly: ['color-contrast'] } : {});
      return {
        violations: result.violations.map(
          ({ id, nodes }) =>
            `${id}: ${nodes
              .slice(0, 2)
              .map((node) => `${node.html} ${node.failureSummary ?? ''}`)
              .join(' | ')}`,
        ),
        passes: result.passes.length,
      };
    }, rules);
    if (passes < (rules === 'all' ? 15 : 1)) throw new Error(`axe looked at too little: ${passes} rules passed.`);
    return violations;
  }

  /** `isWhole`: also what is scrolled out of sight. */
  async picture(name: string, isWhole = false): Promise<void> {
    if (PICTURES === undefined) return;
    mkdirSync(PICTURES, { recursive: true });
    await this.page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: isWhole });
  }

  /** Everything that must not be as it is drawn now, light and dark; `name`: of the pictures. */
  async wrongsAsDrawn(name: string): Promise<readonly string[]> {
    const wrong: string[] = [];
    for (const theme of ['light', 'dark'] as const) {
      await this.page.emulateMedia({ colorScheme: theme });
      await this.picture(`${name}-${this.page.viewportSize()?.width ?? 0}-${theme}`, true);
      wrong.push(...(await this.axe(theme === 'light' ? 'all' : 'colour')));
    }
    const { px, elements } = await this.overflow();
    if (px !== 0) wrong.push(`${px} px too wide`);
    if (await this.ran()) wrong.push('a foreign text ran');
    return [...wrong, ...elements, ...(await this.wrongs())];
  }

  /** How much wider than the window its content is, in px; and elements with words that stick out of it. */
  overflow(): Promise<{ readonly px: number; readonly elements: readonly string[] }> {
    return this.page.evaluate(() => {
      const root = document.documentElement;
      const elements: string[] = [];
      for (const element of document.querySelectorAll<HTMLElement>('button, h2, h3, p, dt, dd, label, [role=tab], .urgency, .phase')) {
        if (element.closest('.unseen') !== null) continue;
        const { left, right, width } = element.getBoundingClientRect();
        if (width > 0 && (left < -0.5 || right > root.clientWidth + 0.5))
          elements.push(`${element.className || element.tagName}: ${element.textContent}`);
        // Words that do not fit their own button.
        if (element.tagName === 'BUTTON' && element.scrollWidth > element.clientWidth + 1) elements.push(`cut: ${element.textContent}`);
      }
      return { px: Math.max(0, root.scrollWidth - root.clientWidth), elements };
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#context.close();
  }
}
