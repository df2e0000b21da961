import { describe, expect, test } from 'vitest';
import type { Plugin } from 'vite';
import type { DeskView } from '#contract/desk.ts';
import { HOSTILE_TEXTS } from './hostile-texts.ts';
import { call, card, desk, NOW_MS, sentence, VERDICTS, WHAT_IFS } from './scenes.ts';
import { CSP } from './window-server.ts';
import { windowSuite } from './window-suite.ts';

/** One view in which every place that shows foreign text shows this one. */
function everywhere(text: string): DeskView {
  const short = text.slice(0, 200);
  return desk({
    session: {
      agentId: 'agent-7',
      agentName: short,
      level: 'standard',
      language: 'en',
      demonstration: false,
      offlineSinceMs: null,
      policy: short,
    },
    engine: { state: 'ready', trouble: short, rung: 'model' },
    otherCalls: [{ callId: 'call-2', phase: short, customerName: short }],
    refused: { [short]: 1 },
    call: call({
      customerName: short,
      queue: short,
      transcript: [
        { utteranceId: 'u-1', speaker: 'customer', text, startMs: 1_000, final: true },
        { utteranceId: 'u-2', speaker: 'customer', text, startMs: 2_000, final: false },
      ],
      timeline: [{ id: 'e-1', atMs: NOW_MS, callTimeS: 3, kind: short, detail: short }],
    }),
    cards: [
      card({
        name: short,
        do: short,
        policy: short,
        say: sentence(`${short} {amount} {__proto__} {said}`, { said: short }, { said: { as: 'text' } }),
        reasons: [sentence('Said "{said}"', { said: short }, { said: { as: 'text' } })],
        speakable: sentence(short),
        requestDetail: short,
      }),
      card({ actionId: 'chip-1', role: 'chip', name: short, do: short }),
    ],
  });
}

const verdicts = (text: string) =>
  VERDICTS.filter((_, index) => index === 0 || index === 2).map((verdict) => ({
    ...verdict,
    name: text.slice(0, 200),
    issue: text.slice(0, 60),
    group: text.slice(0, 60),
    by: text.slice(0, 80),
    condition: {
      text: text.slice(0, 300),
      operands: [{ label: text.slice(0, 80), found: text.slice(0, 80), required: text.slice(0, 80) }],
    },
    contributions: {
      exact: true as const,
      parts: [{ label: text.slice(0, 60), type: 'set' as const, value: [text.slice(0, 64)], logOdds: 1 }],
    },
  }));

const whatIfs = (text: string) =>
  WHAT_IFS.slice(0, 1).map((whatIf) => ({
    ...whatIf,
    found: [
      {
        changes: [
          {
            label: text.slice(0, 60),
            type: 'text' as const,
            from: text.slice(0, 64),
            to: text.slice(0, 64),
            changeableBy: 'agent' as const,
          },
          { label: 'Topic', type: 'said' as const, from: null, to: text.slice(0, 120), changeableBy: 'customer' as const },
        ],
      },
    ],
  }));

describe('hostile text', () => {
  const suite = windowSuite();

  test('is text wherever it is shown: nothing runs, nothing is fetched, no link, nothing wider than the window', async () => {
    await using window = await suite.open({ view: everywhere('plain'), size: 'compact' });
    const wrong: string[] = [];
    const plain = await window.page.evaluate(() => document.querySelectorAll('#root *').length);
    for (const text of HOSTILE_TEXTS) {
      await window.push(everywhere(text));
      const shown = await window.page.evaluate(
        () =>
          new Promise<{ line: string | null; do: string | null; elements: number; links: number; dir: string }>((resolve) =>
            requestAnimationFrame(() =>
              resolve({
                line: document.querySelector('.line-text')?.textContent ?? null,
                do: document.querySelector('.card-do')?.textContent ?? null,
                elements: document.querySelectorAll('#root *').length,
                links: document.querySelectorAll(
                  'a, iframe, object, embed, form, script:not([src]), style, link:not([rel=stylesheet]), base',
                ).length,
                dir: getComputedStyle(document.querySelector('.line-text') ?? document.body).unicodeBidi,
              }),
            ),
          ),
      );
      const name = JSON.stringify(text.slice(0, 50));
      if (shown.line !== text) wrong.push(`${name}: the line is ${shown.line?.slice(0, 80)}`);
      if (shown.do !== text.slice(0, 200)) wrong.push(`${name}: the card says ${shown.do?.slice(0, 80)}`);
      // Places in the template become a <bdi> each; nothing else may appear.
      if (Math.abs(shown.elements - plain) > 12 || shown.links > 0)
        wrong.push(`${name}: ${shown.elements - plain} elements and ${shown.links} links more`);
      if (shown.dir !== 'isolate') wrong.push(`${name}: not isolated`);
      const { px, elements } = await window.overflow();
      if (px > 0 || elements.length > 0) wrong.push(`${name}: ${px} px too wide, ${elements.join(' | ').slice(0, 300)}`);
    }
    expect(HOSTILE_TEXTS.length).toBeGreaterThanOrEqual(40);
    expect([...wrong, ...(await window.wrongs())]).toEqual([]);
    expect(await window.ran()).toBe(false);
    expect(window.page.url()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  });

  test('is text in the panels too', async () => {
    const texts = HOSTILE_TEXTS.filter((_, index) => index % 7 === 0);
    expect(texts.length).toBeGreaterThanOrEqual(7);
    for (const text of texts) {
      await using window = await suite.open({ view: everywhere(text), size: 'compact', verdicts: verdicts(text), whatIfs: whatIfs(text) });
      await window.page.getByRole('button', { name: 'Why not' }).click();
      await window.page.getByRole('option').first().click();
      expect(await window.page.locator('.verdict-name').textContent()).toBe(text.slice(0, 200));
      expect((await window.overflow()).px).toBe(0);
      await window.page.keyboard.press('Escape');
      await window.page.getByRole('button', { name: 'Why', exact: true }).click();
      expect(await window.page.locator('.panel-lead').textContent()).toBe(text.slice(0, 200));
      await window.page.locator('.parts').waitFor();
      expect((await window.overflow()).px).toBe(0);
      await window.page.getByRole('dialog').getByRole('button', { name: 'What would change it' }).click();
      expect(await window.page.locator('.change strong').allTextContents()).toEqual([text.slice(0, 64), text.slice(0, 120)]);
      expect((await window.overflow()).px).toBe(0);
      await window.page.keyboard.press('Escape');
      await window.page.getByRole('button', { name: 'Link details' }).click();
      await window.page.getByRole('dialog').waitFor();
      expect([...(await window.wrongs()), await window.ran(), await window.page.locator('a').count()]).toEqual([false, 0]);
    }
  });
});

/** The transcript as somebody careless would write it. */
const careless: Plugin = {
  name: 'careless',
  enforce: 'pre',
  transform(code, id) {
    if (!id.endsWith('transcript.tsx')) return null;
    const broken = code
      .replace('{line.text}</bdi>', '</bdi>')
      .replace('className="line-text"', 'className="line-text" dangerouslySetInnerHTML={{ __html: line.text }}');
    if (broken === code) throw new Error('The canary did not find what to break.');
    return { code: broken, map: null };
  },
};
const PAYLOAD = HOSTILE_TEXTS[0] ?? '';

describe('canary: a window that puts transcript into HTML', () => {
  const suite = windowSuite({ plugins: [careless] });

  test('[R10] is stopped by the policy: the fault is shown and reported without content, nothing ran', async () => {
    await using window = await suite.open({ view: everywhere('plain') });
    await window.push(everywhere(PAYLOAD));
    await window.page.getByText('This window had a fault').waitFor();
    const faults = (await window.calls('renderer:fault')).map((one) => JSON.stringify(one.request));
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.join(' ')).not.toContain('onerror');
    expect((await window.wrongs()).filter((wrong) => wrong.startsWith('policy:')).length).toBeGreaterThan(0);
    expect(await window.ran()).toBe(false);
  });
});

describe('canary: the same window without the policy', () => {
  const suite = windowSuite({ plugins: [careless], policy: `${CSP.split(';')[0]?.replace("'none'", '*') ?? ''} 'unsafe-inline' data:` });

  test('the payload is live: it runs', async () => {
    await using window = await suite.open({ view: everywhere('plain') });
    await window.push(everywhere(PAYLOAD));
    await expect.poll(() => window.ran()).toBe(true);
  });
});
