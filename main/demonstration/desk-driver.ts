/** Works the real window as an agent would: looks at what is shown and clicks. Used where nobody sits at the desk. */
import { _electron, type ElectronApplication, type Locator, type Page } from 'playwright-core';
import type { TimedAnswer } from '#central/demo/expand-script.ts';
import { type DeskOptions, deskCommand } from './launch-desk.ts';
import { type DeskLine, readDeskLines } from './desk-lines.ts';

const CLICK_TIMEOUT_MS = 5_000;
const LAST_LINES = 5;
/** What Node and the runtime say because a driver is attached. */
const DRIVER_NOISE = /^(Debugger |DevTools |For help, see|Waiting for the debugger)/;

export class DeskDriver implements AsyncDisposable {
  readonly page: Page;
  readonly #app: ElectronApplication;

  private constructor(app: ElectronApplication, page: Page) {
    this.#app = app;
    this.page = page;
  }

  /** Starts the app headless and waits until its window shows the desk. Rejects with what the app said last where it does not come to that. */
  static async launch(options: DeskOptions, onLine: (line: DeskLine) => void, other: (text: string) => void): Promise<DeskDriver> {
    const { executable, args, env } = deskCommand(options);
    const app = await _electron.launch({
      executablePath: executable,
      args: [...args],
      env: env as Record<string, string>,
      timeout: 30_000,
    });
    const said: string[] = [];
    const heard = (line: string): void => {
      said.push(line);
      other(line);
    };
    const { stdout, stderr } = app.process();
    if (stdout !== null) readDeskLines(stdout, onLine, heard);
    stderr?.on('data', (data: Buffer) => {
      for (const line of data.toString().split('\n')) if (line.trim() !== '' && !DRIVER_NOISE.test(line)) heard(line);
    });
    try {
      const page = await app.firstWindow();
      await page.locator('[data-unsent], .rooms:not([data-room="calls"])').first().waitFor();
      return new DeskDriver(app, page);
    } catch (cause) {
      await app.close().catch(() => undefined);
      throw new Error(`The app did not show its desk. What it said last: ${said.slice(-LAST_LINES).join(' | ') || 'nothing'}`, { cause });
    }
  }

  /** The process id of the app's main process. */
  get pid(): number | undefined {
    return this.#app.process().pid;
  }

  /** The prompts on screen, by action, once everything sent to the window so far is drawn. */
  async shown(): Promise<readonly { readonly actionId: string; readonly role: 'primary' | 'chip' }[]> {
    return await this.page.evaluate(async () => {
      // Two frames: what was handed to React before the first is on screen after the second.
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      return [...document.querySelectorAll('.guide [data-action][data-state="open"]')].map((element) => ({
        actionId: element.getAttribute('data-action') ?? '',
        role: element.hasAttribute('data-chip') ? ('chip' as const) : ('primary' as const),
      }));
    });
  }

  /** Clicks what the scripted agent does with a prompt; `nameOf` gives an action's name, to search for it. False when the prompt is not on screen. */
  async answer(given: TimedAnswer, nameOf: (actionId: string) => string): Promise<boolean> {
    const { actionId, answer } = given;
    if (answer === 'ignore') return true;
    const chip = this.page.locator(`[data-chip][data-action="${actionId}"]`);
    const card = this.page.locator(`article[data-action="${actionId}"][data-state="open"]`);
    if ((await chip.count()) > 0) {
      await chip.click({ timeout: CLICK_TIMEOUT_MS });
      await card.first().waitFor({ timeout: CLICK_TIMEOUT_MS });
    } else if ((await card.count()) === 0) return false;
    await this.saved(() => this.#give(card.first(), given, nameOf));
    // A card under the pointer is never swapped: the hand goes back to the keyboard, as an agent's would.
    await this.page.mouse.move(0, 0);
    return true;
  }

  /** Answers, and waits for the receipt of that answer: the one of an answer before may still be there. */
  async saved(give: () => Promise<void>): Promise<void> {
    const before = await this.page.evaluate(() => document.querySelector('.note-receipt')?.getAttribute('data-outcome') ?? '');
    await give();
    await this.page.locator(`.note-receipt:not([data-outcome="${before}"])`).waitFor({ timeout: CLICK_TIMEOUT_MS });
  }

  /** Waits until nothing is left to send. Throws with the number that is. */
  async drained(withinMs: number): Promise<void> {
    await this.page.locator('[data-unsent="0"]').waitFor({ timeout: withinMs });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#app.close();
  }

  async #give(card: Locator, { answer, reason, chosenActionId }: TimedAnswer, nameOf: (actionId: string) => string): Promise<void> {
    switch (answer) {
      case 'ignore':
        return;
      case 'accept':
        return this.#accept(card);
      case 'reject':
        await this.#press(card, 'Not now');
        if (reason !== undefined) await this.page.locator(`[data-reason="${reason}"]`).click({ timeout: CLICK_TIMEOUT_MS });
        return;
      case 'snooze':
        return this.#fromMenu(card, 'short');
      case 'override':
        await this.#fromMenu(card, 'override');
        await this.page.getByRole('searchbox').fill(nameOf(chosenActionId ?? ''), { timeout: CLICK_TIMEOUT_MS });
        await this.page.locator(`[data-key="${chosenActionId}"]`).click({ timeout: CLICK_TIMEOUT_MS });
        await this.page.locator('.panel-foot').getByRole('button', { name: 'Save' }).click({ timeout: CLICK_TIMEOUT_MS });
    }
  }

  async #accept(card: Locator): Promise<void> {
    await this.#press(card, 'Accept');
    // A significant action asks for a second, different gesture.
    const confirm = card.getByRole('button', { name: 'Ask for approval' });
    if ((await confirm.count()) > 0) await confirm.click({ timeout: CLICK_TIMEOUT_MS });
  }

  async #press(card: Locator, name: string): Promise<void> {
    await card.getByRole('button', { name }).click({ timeout: CLICK_TIMEOUT_MS });
  }

  async #fromMenu(card: Locator, item: string): Promise<void> {
    await card.getByRole('button', { name: 'More answers' }).click({ timeout: CLICK_TIMEOUT_MS });
    await this.page.locator(`[data-key="${item}"]`).click({ timeout: CLICK_TIMEOUT_MS });
  }
}
