import { describe, expect, test } from 'vitest';
import type { DeskView } from '#contract/desk.ts';
import { pseudoLocale } from './pseudo-locale.ts';
import { card, desk as view, SCENES, sentence } from './scenes.ts';
import type { SceneName } from './scenes.ts';
import type { DeskPage } from './window-driver.ts';
import { windowSuite } from './window-suite.ts';

const names = Object.keys(SCENES) as SceneName[];
const scenes: readonly (readonly [string, DeskView])[] = names.map((name) => [name, SCENES[name]] as const);

/** The longest texts a policy may contain. */
const LONGEST = view({
  cards: [
    card({
      do: 'Offer the customer a longer contract with a new telephone',
      say: sentence(
        'x'.repeat(4) +
          ' and what else there may be to say in a hundred and twenty characters, which is the most a line may have, no more.',
      ),
      reasons: [sentence('Said something about a bill that was far higher than usual, forty minutes ago.')],
      rung: 'starting-propensity',
    }),
    ...SCENES['should-and-chips'].cards.slice(1).map((chip) => ({ ...chip, do: 'Explain the difference between the two data allowances' })),
  ],
  link: { state: 'offline', delayS: 0, lastHeardAtMs: null },
  outbox: { unsent: 128, refused: 0 },
});

/** From a row of why not, by its words in any language: the longest answer there is. */
async function rowWhatIf({ page }: DeskPage): Promise<void> {
  await page.locator('.button-tool').first().click();
  await page.locator('[data-key="sim-only"]').click();
  await page.locator('.verdict button').first().click();
  await page.locator('.alternatives').waitFor();
}

const PANELS: readonly (readonly [string, (desk: DeskPage) => Promise<unknown>])[] = [
  ['why', (desk) => desk.page.keyboard.press('Alt+Digit3')],
  ['why not', (desk) => desk.page.keyboard.press('Alt+Digit4')],
  ['what would change it', (desk) => desk.page.keyboard.press('Alt+Digit5')],
  ['if the customer asks', (desk) => desk.page.keyboard.press('Alt+Digit6')],
  ['what would change a row', (desk) => rowWhatIf(desk)],
  ['palette', (desk) => desk.page.keyboard.press('Control+KeyK')],
  ['keys', (desk) => desk.page.keyboard.press('Control+Slash')],
  ['settings', (desk) => desk.page.locator('.strip-end button').last().click()],
  ['details', (desk) => desk.page.locator('.link').click()],
];

/** What does not fit in any of the views, or in any panel. */
async function misfits(desk: DeskPage, views: readonly (readonly [string, DeskView])[], panels = PANELS): Promise<readonly string[]> {
  const found: string[] = [];
  const look = async (name: string): Promise<void> => {
    const { px, elements } = await desk.overflow();
    if (px > 0 || elements.length > 0) found.push(`${name}: ${px} px too wide, ${elements.join(' | ')}`);
  };
  for (const [name, one] of views) {
    await desk.push(one);
    await look(name);
  }
  await desk.push(SCENES['should-and-chips']);
  for (const [name, open] of panels) {
    await open(desk);
    await desk.page.getByRole('dialog').waitFor();
    await look(name);
    await desk.page.keyboard.press('Escape');
    await desk.page.getByRole('dialog').waitFor({ state: 'detached' });
  }
  return [...found, ...(await desk.wrongs())];
}

describe('other languages', () => {
  const suite = windowSuite({ plugins: [pseudoLocale] });

  test.each([
    [360, 640],
    [320, 640],
    [900, 700],
    [1_440, 900],
  ])('words two fifths longer fit at %d × %d', async (width, height) => {
    await using desk = await suite.open({ view: SCENES['should-and-chips'], size: { width, height } });
    expect(await desk.page.locator('.button-main').first().innerText()).toContain('Áççéþţ');
    expect(await misfits(desk, [...scenes, ['longest', LONGEST]])).toEqual([]);
  });
});

describe('other eyes and hands', () => {
  const suite = windowSuite();

  test.each<[string, { width: number; height: number }]>([
    ['320 px', { width: 320, height: 568 }],
    ['200 % zoom of a small laptop', { width: 640, height: 400 }],
    ['just wide enough for two columns', { width: 900, height: 600 }],
  ])('everything fits at %s', async (_, size) => {
    await using desk = await suite.open({ view: SCENES['should-and-chips'], size });
    expect(await misfits(desk, [...scenes, ['longest', LONGEST]])).toEqual([]);
    expect(await desk.axe()).toEqual([]);
  });

  test('from right to left everything fits as well', async () => {
    await using desk = await suite.open({ view: SCENES['should-and-chips'], size: 'compact' });
    await desk.page.evaluate(() => {
      document.documentElement.dir = 'rtl';
    });
    expect(await misfits(desk, scenes)).toEqual([]);
    const bar = await desk.page.locator('.card').evaluate((element) => getComputedStyle(element).borderRightWidth);
    expect(bar).toBe('4px');
  });

  test('with the spacing of WCAG 1.4.12 every word of the longest card can be reached', async () => {
    await using desk = await suite.open({ view: LONGEST, size: 'compact' });
    await desk.page.evaluate(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }');
      document.adoptedStyleSheets = [sheet];
    });
    const because = desk.page.locator('.card-because');
    await because.scrollIntoViewIfNeeded();
    const [inner, outer] = [await because.boundingBox(), await desk.page.locator('.card-body').boundingBox()];
    expect((inner?.y ?? 0) + (inner?.height ?? 0)).toBeLessThanOrEqual((outer?.y ?? 0) + (outer?.height ?? 0) + 1);
    expect((await desk.overflow()).px).toBe(0);
  });

  test('motion is at most 120 ms, and none where it is not wanted', async () => {
    const durations: string[] = [];
    for (const reducedMotion of ['no-preference', 'reduce'] as const) {
      await using desk = await suite.open({ view: SCENES.should, reducedMotion });
      durations.push(await desk.page.locator('.card').evaluate((element) => getComputedStyle(element).animationDuration));
    }
    expect(durations).toEqual(['0.12s', '0s']);
  });

  test.each([
    ['forced colours', { forcedColors: 'active' }],
    ['more contrast, light', { contrast: 'more', theme: 'light' }],
    ['more contrast, dark', { contrast: 'more', theme: 'dark' }],
  ] as const)('%s: urgency, buttons and expiry are still told apart', async (_, options) => {
    await using desk = await suite.open({ view: SCENES['should-and-chips'], ...options });
    expect(await desk.axe()).toEqual([]);
    const [left, gone] = await Promise.all(
      ['true', 'false'].map((state) =>
        desk.page
          .locator(`.expiry-step[data-left=${state}]`)
          .first()
          .evaluate((step) => getComputedStyle(step).backgroundColor),
      ),
    );
    expect(left).not.toBe(gone);
    expect(await desk.page.locator('.card').evaluate((element) => getComputedStyle(element).borderLeftWidth)).toBe('4px');
  });

  test('urgency is told by word, sign and weight of the border', async () => {
    await using desk = await suite.open({ view: SCENES.must });
    const signs: unknown[] = [];
    for (const name of ['must', 'should', 'could'] as const) {
      await desk.push(SCENES[name]);
      signs.push(
        await desk.page
          .locator('.card')
          .evaluate((element) => [
            element.querySelector('.urgency')?.textContent,
            element.querySelector('.urgency svg')?.getAttribute('data-icon'),
            getComputedStyle(element).borderLeftWidth,
          ]),
      );
    }
    expect(signs).toEqual([
      ['Must', 'must', '8px'],
      ['Should', 'should', '4px'],
      ['Could', 'could', '1px'],
    ]);
  });

  test('everything to press is at least 44 px high, and the line to say is the largest type', async () => {
    await using desk = await suite.open({ view: SCENES['should-and-chips'], size: 'compact' });
    const small: string[] = [];
    const measure = async (): Promise<number> => {
      const sizes = await desk.page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('button, [role=tab], [role=option], [role=menuitem]')]
          .filter((element) => element.checkVisibility())
          .map((element) => ({
            name: element.className,
            height: element.getBoundingClientRect().height,
            width: element.getBoundingClientRect().width,
          })),
      );
      for (const { name, height, width } of sizes) if (height < 44 || width < 44) small.push(`${name}: ${width} × ${height}`);
      return sizes.length;
    };
    expect(await measure()).toBeGreaterThan(10);
    for (const [, open] of PANELS) {
      await open(desk);
      await desk.page.getByRole('dialog').waitFor();
      await measure();
      await desk.page.keyboard.press('Escape');
    }
    expect(small).toEqual([]);
    const largest = await desk.page.evaluate(() =>
      Math.max(...[...document.querySelectorAll('*')].map((element) => Number.parseFloat(getComputedStyle(element).fontSize))),
    );
    expect(await desk.page.locator('.card-say').evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize))).toBe(20);
    expect(largest).toBe(20);
  });

  test('by Tab alone every control is reached in order, visibly, and never under the strip', async () => {
    await using desk = await suite.open({ view: SCENES['should-and-chips'], size: 'compact' });
    const reached: string[] = [];
    for (let step = 0; step < 20; step += 1) {
      await desk.page.keyboard.press('Tab');
      const stop = await desk.page.evaluate(() => {
        const element = document.activeElement;
        if (element === null || element === document.body) return null;
        const { top, bottom } = element.getBoundingClientRect();
        const strip = document.querySelector('.top')?.getBoundingClientRect().bottom ?? 0;
        return {
          name: (element.getAttribute('aria-label') ?? element.textContent ?? '').slice(0, 40),
          outlined: getComputedStyle(element).outlineStyle !== 'none',
          hidden: element.closest('.top') === null && (bottom <= strip || top >= innerHeight),
        };
      });
      if (stop === null) break;
      reached.push(stop.name);
      expect(stop, stop.name).toMatchObject({ outlined: true, hidden: false });
    }
    for (const name of ['Accept', 'Not now', 'Why', 'More answers', 'Quiet', 'Settings', 'Ask', 'Search', 'Transcript']) {
      expect(
        reached.some((stop) => stop.startsWith(name)),
        name,
      ).toBe(true);
    }
  });
});
