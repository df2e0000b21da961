import { describe, expect, test } from 'vitest';
import { approvalItem as item, approvalQueue as queue, MINUTE_MS, seated } from './approval-scenes.ts';
import { NOW_MS, SCENES } from './scenes.ts';
import { windowSuite } from './window-suite.ts';

const suite = windowSuite();

describe('the rooms of the window', () => {
  test('who takes calls alone sees no change: no rooms, no keys of rooms, nothing asked of central', async () => {
    await using desk = await suite.open({ view: SCENES.must });
    await desk.page.locator('.desk').waitFor();
    expect(await desk.page.locator('.rooms').count()).toBe(0);
    await desk.page.keyboard.press('Control+Digit2');
    await desk.page.keyboard.press('Control+Slash');
    await desk.page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    expect(await desk.page.getByRole('dialog').innerText()).not.toContain('Go to');
    expect((await desk.calls()).filter(({ channel }) => /^(approvals|news):/.test(channel))).toEqual([]);
    expect(await desk.wrongs()).toEqual([]);
  });

  test.each(['compact', 'wide'] as const)(
    'who takes no calls has no desk: what waits, the next breach first, %s, light and dark, live',
    async (size) => {
      const late = item('late', -3 * MINUTE_MS, { agentName: '<img src=x onerror="twin.ran=true">' });
      await using desk = await suite.open({
        view: SCENES.must,
        size,
        replies: { ...seated(['approvals']), ...queue(item('calm', 9 * MINUTE_MS), late) },
      });
      const { page } = desk;
      await page.getByRole('heading', { name: 'Approvals' }).waitFor();
      const rows = (): Promise<readonly (string | null)[]> =>
        page.locator('[data-approval]').evaluateAll((all) => all.map((one) => one.getAttribute('data-approval')));
      await expect.poll(rows).toEqual(['late', 'calm']);
      expect(await page.locator('.desk').count()).toBe(0);
      expect(await desk.calls('desk:open')).toEqual([]);
      await desk.tell({ kind: 'item', body: item('soon', 30_000) });
      await expect.poll(rows).toEqual(['late', 'soon', 'calm']);
      const words = await page.locator('.queue-list').innerText();
      for (const said of ['3 min over', '8 min left', 's left', '€1,250.50', '<img src=x']) expect(words).toContain(said);
      expect(await desk.wrongsAsDrawn('rooms-approvals')).toEqual([]);
      for (const approvalId of ['late', 'soon', 'calm'])
        await desk.tell({ kind: 'item', body: item(approvalId, 0, { state: 'executed', endedAtMs: NOW_MS }) });
      await page.getByText('Nothing waits for you').waitFor();
    },
  );

  test('with the keyboard alone: there and back, and no card is answered from another room', async () => {
    await using desk = await suite.open({ view: SCENES.must, replies: { ...seated(['calls', 'approvals']), ...queue() } });
    const { page } = desk;
    await page.locator('.desk').waitFor();
    const current = () => page.locator('.rooms-list [aria-current="page"]').innerText();
    expect(await current()).toContain('Calls');
    await page.keyboard.press('Control+Digit2');
    await page.getByText('Nothing waits for you').waitFor();
    expect(await current()).toContain('Approvals');
    expect(await page.getByRole('navigation', { name: 'Rooms' }).innerText()).toContain('On call');
    await page.keyboard.press('Alt+Digit1');
    await page.keyboard.press('Alt+Digit2');
    expect(await desk.calls('card:answer')).toEqual([]);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('.desk').waitFor();
    expect(await desk.axe()).toEqual([]);
    expect(await desk.wrongs()).toEqual([]);
  });

  test.each(['compact', 'wide'] as const)(
    'whoever takes no calls sets theme and keys too, in any room, and nothing of a desk’s, %s',
    async (size) => {
      await using desk = await suite.open({ view: SCENES.must, size, replies: { ...seated(['approvals']), ...queue() } });
      const { page } = desk;
      const settings = page.getByRole('button', { name: 'Settings' });
      await settings.press('Enter');
      const panel = page.getByRole('dialog', { name: 'Settings' });
      await panel.getByText('April Novak').waitFor();
      expect(await desk.wrongsAsDrawn('rooms-settings')).toEqual([]);
      expect(await panel.getByRole('switch').count()).toBe(0);
      await panel.getByRole('radio', { name: 'Dark' }).press('Space');
      await expect.poll(() => page.locator('html').getAttribute('data-theme')).toBe('dark');
      await panel.getByRole('button', { name: 'Keyboard shortcuts' }).press('Enter');
      await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('Approve the request').waitFor();
      expect(await desk.axe()).toEqual([]);
      await page.keyboard.press('Escape');
      expect(await page.getByRole('dialog').count()).toBe(0);
      expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Settings');
      expect(await desk.wrongs()).toEqual([]);
    },
  );

  test('a role that goes takes its room along; central away is said, and back, all is asked for anew', async () => {
    await using desk = await suite.open({ view: SCENES.must, replies: { ...seated(['calls', 'approvals']), ...queue() } });
    await desk.page.keyboard.press('Control+Digit2');
    await desk.page.getByText('Nothing waits for you').waitFor();
    await desk.reply('approvals:queue', { told: false, reason: 'away' });
    await desk.tell({ kind: 'link', body: { live: false } });
    await desk.page.getByText('Central cannot be reached').waitFor();
    await desk.reply('approvals:queue', queue(item('one', MINUTE_MS))['approvals:queue']);
    await desk.tell({ kind: 'link', body: { live: true } });
    await desk.page.getByText('Credit the disputed amount').waitFor();
    expect(await desk.page.getByText('Central cannot be reached').count()).toBe(0);
    await desk.tell({ kind: 'rooms', body: { rooms: ['calls'] } });
    await desk.page.locator('.desk').waitFor();
    expect(await desk.page.locator('.rooms').count()).toBe(0);
    expect(await desk.wrongs()).toEqual([]);
  });
});
