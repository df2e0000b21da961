/** The app of one agent, driven as a person would, with everything it must not do written down. */
import { execFileSync } from 'node:child_process';
import type { Locator, Page } from 'playwright-core';
import { savedOutcomes } from '#main/cli/saved-outcomes.ts';
import { DeskDriver } from '#main/demonstration/desk-driver.ts';
import type { DeskLine } from '#main/demonstration/desk-lines.ts';

export interface SeenDeskOptions {
  readonly central: string;
  readonly agentId: string;
  readonly userData: string;
  readonly clock: 'system' | 'virtual';
  /** Every line the app printed, of its own lines and of anything else. */
  readonly printed: string[];
}

declare global {
  /** Only in the window under test. */
  var seen: { violations: string[]; ran: boolean };
}

export class SeenDesk implements AsyncDisposable {
  readonly agentId: string;
  readonly userData: string;
  readonly page: Page;
  readonly lines: readonly DeskLine[];
  /** What the page asked for that is not the app's own, uncaught errors, and errors in its console. */
  readonly complaints: string[] = [];
  readonly #driver: DeskDriver;
  #isOpen = true;

  private constructor(driver: DeskDriver, { agentId, userData }: SeenDeskOptions, lines: readonly DeskLine[]) {
    this.#driver = driver;
    this.page = driver.page;
    this.agentId = agentId;
    this.userData = userData;
    this.lines = lines;
    this.page.setDefaultTimeout(10_000);
    this.page.on('pageerror', (error) => this.complaints.push(`uncaught: ${error.message}`));
    this.page.on('console', (message) => {
      // Chromium asks for a favicon of its own accord.
      if (message.type() === 'error' && !message.location().url.endsWith('/favicon.ico'))
        this.complaints.push(`console: ${message.text()}`);
    });
    // The stand-in serves app://bundle under a name of its own; whatever it is called, nothing else is asked for.
    const own = this.page.url().replace(/[^/]*$/, '');
    this.page.on('request', (request) => {
      if (!request.url().startsWith(own)) this.complaints.push(`request: ${request.url()}`);
    });
  }

  static async open(options: SeenDeskOptions): Promise<SeenDesk> {
    const lines: DeskLine[] = [];
    const driver = await DeskDriver.launch(
      { central: options.central, agent: options.agentId, userData: options.userData, clock: options.clock, headless: true },
      (line) => {
        lines.push(line);
        options.printed.push(JSON.stringify(line));
      },
      (text) => options.printed.push(text),
    );
    const desk = new SeenDesk(driver, options, lines);
    await desk.page.evaluate(() => {
      globalThis.seen = { violations: [], ran: false };
      // The name hostile texts know it by.
      Object.assign(globalThis, { twin: globalThis.seen });
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
        globalThis.seen.violations.push(`${effectiveDirective} ${blockedURI}`),
      );
    });
    return desk;
  }

  get isOpen(): boolean {
    return this.#isOpen && !this.page.isClosed();
  }

  /**
   * The process id of the engine that runs now, null while none does. The system is asked, because what the app printed
   * before its driver was attached is gone.
   */
  get enginePid(): number | null {
    const processes = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' });
    const ofMain = new RegExp(`^ *(\\d+) +${this.#driver.pid} .*(engine-process|NodeService)`, 'm').exec(processes);
    return ofMain?.[1] === undefined ? null : Number(ofMain[1]);
  }

  /** The card in the one place, open to be answered. */
  get card(): Locator {
    return this.page.locator('article[data-state="open"]');
  }

  cardOf(actionId: string): Locator {
    return this.page.locator(`article[data-action="${actionId}"]`);
  }

  /** The action of the open card, as soon as there is one. */
  async cardShown(): Promise<string> {
    await this.card.waitFor();
    return (await this.card.getAttribute('data-action')) ?? '';
  }

  shown(): ReturnType<DeskDriver['shown']> {
    return this.#driver.shown();
  }

  async accept(actionId: string): Promise<void> {
    await this.#driver.saved(() => this.cardOf(actionId).getByRole('button', { name: 'Accept' }).click());
    await this.page.locator('.note-receipt').getByText('Saved · accepted').waitFor();
  }

  /** The name at the head of the call in front. While it rings, the one place shows the caller's name as well. */
  callOf(customerName: string): Locator {
    return this.page.getByRole('complementary', { name: 'Call' }).getByRole('heading', { name: customerName });
  }

  /** What is said so far, as drawn. */
  transcript(): Promise<readonly string[]> {
    return this.page.evaluate(() => [...document.querySelectorAll('.line-text')].map(({ textContent }) => textContent ?? ''));
  }

  drained(withinMs = 15_000): Promise<void> {
    return this.#driver.drained(withinMs);
  }

  /** Everything that must not have happened in the window so far. */
  async wrongs(): Promise<readonly string[]> {
    const { violations, ran } = await this.page.evaluate(() => globalThis.seen);
    return [...this.complaints, ...violations.map((one) => `policy: ${one}`), ...(ran ? ['a text was executed'] : [])];
  }

  /** Closes the app as a person would. */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#driver[Symbol.asyncDispose]();
  }

  /** Ids of the outcomes in its own store, which must be closed. */
  saved(): Promise<readonly string[]> {
    return savedOutcomes(this.userData, this.agentId);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
