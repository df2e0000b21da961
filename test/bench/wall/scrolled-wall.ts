/** The window as it ships, with a wall of many calls that is scrolled while changes arrive, four messages a second. */
import { setTimeout as pause } from 'node:timers/promises';
import type { WallChange, WallRow } from '#contract/supervision.ts';
import { buildWindow } from '../../renderer/built-window.ts';
import { NOW_MS, SCENES } from '../../renderer/scenes.ts';
import { DeskPage, launchChromium } from '../../renderer/window-driver.ts';
import { serveWindow } from '../../renderer/window-server.ts';
import { readTrace, type TraceFigures } from './read-trace.ts';

const CATEGORIES = ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline', 'blink', 'v8'];
const TELL_EVERY_MS = 250;
const ROWS_AT_ONCE = 100;

const RUNGS = ['model', 'last-good-model', 'rules-only'] as const;
const NAMES = ['Ann Doyle', 'Bao Nguyễn', 'Cristina de la Fuente-Martínez', 'Dmitri', 'Eilidh MacGregor'];

/** A call as it is after so many changes: some raise alerts, some wait, some are away. */
export function wallRow(i: number, changes: number): WallRow {
  const sinceMs = NOW_MS - 1_000 * ((i * 37 + changes * 11) % 900);
  const severity = i % 40 === 0 ? 'urgent' : 'attention';
  return {
    callId: `call-${i}`,
    agentId: `agent-${i}`,
    agentName: `${NAMES[i % NAMES.length]} ${i}`,
    phase: i % 17 === 0 ? 'held' : i % 23 === 0 ? 'offered' : 'active',
    offeredAtMs: NOW_MS - 1_000 * (30 + ((i * 53) % 3_000)),
    rung: RUNGS[i % RUNGS.length] ?? 'model',
    topic: i % 3 === 0 ? null : `topic-number-${(i + changes) % 12}`,
    prompt:
      (i + changes) % 4 === 0
        ? null
        : { actionId: 'credit', name: 'Credit the disputed amount', urgency: (i + changes) % 9 === 0 ? 'must' : 'should', sinceMs },
    awaySinceMs: i % 61 === 0 ? sinceMs : null,
    approvals: i % 29 === 0 ? { waiting: 1, sinceMs, deadlineAtMs: NOW_MS + 60_000 } : null,
    alerts: (i + changes) % 10 === 0 ? [{ ruleId: 'r1', name: 'Call longer than 15 minutes', kind: 'call-longer', severity, sinceMs }] : [],
  };
}

export const wallOf = (count: number): readonly WallChange[] =>
  Array.from({ length: Math.ceil(count / ROWS_AT_ONCE) }, (_, part) => ({
    isWhole: part === 0,
    nowMs: NOW_MS,
    rows: Array.from({ length: Math.min(ROWS_AT_ONCE, count - part * ROWS_AT_ONCE) }, (_row, i) => wallRow(part * ROWS_AT_ONCE + i, 0)),
    gone: [],
    left: 0,
  }));

/** Who the window is opened for. */
export const SUPERVISOR = {
  'session:people': { here: { agentId: 'sue', name: 'Sue Pervisor', language: 'en', rooms: ['wall'] }, people: [] },
} as const;

export async function measureScrolledWall(calls: number, seconds: number, say: (line: string) => void): Promise<TraceFigures> {
  await using built = await buildWindow();
  await using server = await serveWindow(built.folder);
  const browser = await launchChromium();
  try {
    await using desk = await DeskPage.open(browser, { view: SCENES.must, origin: server.origin, replies: SUPERVISOR });
    const { page } = desk;
    await page.getByRole('heading', { name: 'Live calls' }).waitFor();
    for (const body of wallOf(calls)) await desk.tell({ kind: 'wall', body });
    await page
      .locator('.wall-item')
      .nth(calls - 1)
      .waitFor({ state: 'attached' });
    await pause(1_000);
    const perMessage = Math.max(1, Math.round((calls / 10) * (TELL_EVERY_MS / 1_000)));
    const messages: WallChange[] = Array.from({ length: Math.ceil((seconds * 1_000) / TELL_EVERY_MS) }, (_, n) => ({
      isWhole: false,
      nowMs: NOW_MS + n * TELL_EVERY_MS,
      rows: Array.from({ length: perMessage }, (_row, i) => wallRow((n * perMessage + i) % calls, n + 1)),
      gone: [],
      left: 0,
    }));
    say(`${calls} rows in Chromium; ${perMessage} of them change every ${TELL_EVERY_MS} ms while it is scrolled for ${seconds} s …`);
    const box = await page.locator('.wall-pane').boundingBox();
    await page.mouse.move((box?.x ?? 0) + 400, (box?.y ?? 0) + 300);
    await browser.startTracing(page, { categories: CATEGORIES });
    // Told by the page's own timer, as the bridge would: nothing of the driver is in between.
    await page.evaluate(
      ([all, everyMs]) => {
        const { twin } = globalThis as unknown as { twin: { tell(news: unknown): void } };
        let n = 0;
        const timer = setInterval(() => {
          const body = all[n++];
          if (body === undefined) clearInterval(timer);
          else twin.tell({ kind: 'wall', body });
        }, everyMs);
      },
      [messages, TELL_EVERY_MS] as const,
    );
    const endMs = performance.now() + seconds * 1_000;
    let turn = 0;
    while (performance.now() < endMs) {
      await page.mouse.wheel(0, Math.floor(turn++ / 60) % 2 === 0 ? 120 : -120);
      await pause(16);
    }
    const figures = readTrace((await browser.stopTracing()).toString('utf8'));
    const wrongs = await desk.wrongs();
    if (wrongs.length > 0) throw new Error(`the window did what it must not: ${wrongs.join('; ')}`);
    return figures;
  } finally {
    await browser.close();
  }
}
