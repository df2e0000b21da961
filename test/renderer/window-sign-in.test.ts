import { describe, expect, test } from 'vitest';
import { SCENES, NOW_MS } from './scenes.ts';
import { windowSuite } from './window-suite.ts';

const suite = windowSuite();

const HOUR_MS = 3_600_000;
const person = (agentId: string, name: string, offline: boolean) => ({
  agentId,
  name,
  signedInAtMs: NOW_MS - 5 * HOUR_MS,
  offlineUntilMs: offline ? NOW_MS + 7 * HOUR_MS : null,
});
const LONG = 'Wolfeschlegelsteinhausenbergerdorff '.repeat(3);
const PEOPLE = [
  person('agent-ines', 'Inês Carvalho', true),
  person('agent-marcus', 'Marcus Webb', false),
  person('agent-long', LONG, true),
  person('agent-hostile', '<img src=x onerror="twin.ran=true">', true),
];
const free = (more: Record<string, unknown> = {}) => ({ 'session:people': { here: null, people: PEOPLE }, ...more });

const inBrowser = (more: Record<string, unknown> = {}) =>
  free({ 'session:offer': { offer: { by: 'browser', name: 'Example ID' } }, ...more });

describe('signing in in the browser', () => {
  test.each(['compact', 'wide'] as const)(
    'the provider central names is offered, %s, light and dark, and nobody types a name',
    async (size) => {
      await using desk = await suite.open({ view: SCENES.must, replies: inBrowser({ 'session:enter': 'never' }), size });
      const { page } = desk;
      const button = page.getByRole('button', { name: 'Sign in with Example ID' });
      await button.waitFor();
      expect(await page.getByRole('textbox').count()).toBe(0);
      await button.click();
      await page.getByRole('status').getByText('Finish in your browser.').waitFor();
      expect(await desk.wrongsAsDrawn('sign-in-browser')).toEqual([]);
      expect((await desk.calls('session:enter')).map(({ request }) => request)).toEqual([{ agentId: null }]);
      await page.getByRole('button', { name: 'Cancel' }).click();
      await expect.poll(async () => (await desk.calls('session:cancel')).length).toBe(1);
    },
  );

  test('what the provider is called is text, and a no leaves the choice', async () => {
    await using desk = await suite.open({
      view: SCENES.must,
      replies: inBrowser({
        'session:offer': { offer: { by: 'browser', name: '<img src=x onerror="twin.ran=true">' } },
        'session:enter': { entered: false, words: 'Signing in was cancelled.' },
      }),
    });
    const button = desk.page.getByRole('button', { name: 'Sign in with <img' });
    await button.click();
    await desk.page.getByRole('alert').getByText('Signing in was cancelled.').waitFor();
    await button.click();
    await expect.poll(async () => (await desk.calls('session:enter')).length).toBe(2);
    expect(await desk.ran()).toBe(false);
  });
});

describe('signing in', () => {
  test.each(['compact', 'wide'] as const)(
    'who sits here is asked, %s, light and dark: nothing of a desk is there, no rule of axe broken, nothing cut',
    async (size) => {
      await using desk = await suite.open({ view: SCENES.must, replies: free(), size });
      await desk.page.getByRole('heading', { name: 'Who sits here?' }).waitFor();
      expect(await desk.page.locator('.desk').count()).toBe(0);
      expect(await desk.calls('desk:open')).toEqual([]);
      expect(await desk.page.getByRole('list', { name: 'Known at this desk' }).getByRole('button').count()).toBe(PEOPLE.length);
      expect(await desk.wrongsAsDrawn('sign-in-people')).toEqual([]);
      const words = await desk.page.locator('.people').innerText();
      for (const said of ['Marcus Webb', 'Needs a connection', 'Offline until', '<img src=x']) expect(words).toContain(said);
    },
  );

  test('with the keyboard alone: a known person, and somebody else by name; a no is said, and leaves the choice', async () => {
    await using desk = await suite.open({
      view: SCENES.must,
      replies: free({ 'session:enter': { entered: false, words: 'The clock of this computer was set back.' } }),
    });
    const { page } = desk;
    await page.getByRole('heading', { name: 'Who sits here?' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('The clock of this computer was set back.').waitFor();
    await page.getByLabel('Somebody else').fill(' agent-tunde ');
    await page.keyboard.press('Enter');
    await expect
      .poll(async () => (await desk.calls('session:enter')).map(({ request }) => request))
      .toEqual([{ agentId: 'agent-ines' }, { agentId: 'agent-tunde' }]);
    expect(await desk.axe()).toEqual([]);
    expect(await desk.wrongs()).toEqual([]);
  });

  test('one who has asked is not asked for twice, and without an answer there are words all the same', async () => {
    await using desk = await suite.open({ view: SCENES.must, replies: free({ 'session:enter': 'never' }) });
    const marcus = desk.page.getByRole('button', { name: 'Marcus Webb' });
    await marcus.click();
    await desk.page.getByText('Signing in').waitFor();
    await marcus.click();
    expect(await desk.calls('session:enter')).toHaveLength(1);

    await using other = await suite.open({ view: SCENES.must, replies: free({ 'session:enter': 'reject' }) });
    await other.page.getByRole('button', { name: 'Marcus Webb' }).click();
    await other.page.getByRole('alert').getByText('Signing in did not work').waitFor();
  });

  test('the settings say who is signed in, and sign out; signed in offline, the window says since when and what has to wait', async () => {
    await using desk = await suite.open({ view: SCENES.calm });
    await desk.page.getByRole('button', { name: 'Settings' }).click();
    await desk.page.getByRole('dialog').getByText('Sam Okafor').waitFor();
    expect(await desk.page.locator('.banner-offline').count()).toBe(0);
    await desk.push({ session: { ...SCENES.calm.session, offlineSinceMs: NOW_MS - 3 * HOUR_MS } });
    expect(await desk.page.locator('.banner-offline').innerText()).toMatch(/Signed in offline, as known on 3 Mar.* 07:15.*has to wait/);
    await desk.page.getByRole('button', { name: 'Sign out' }).click();
    expect(await desk.calls('session:leave')).toHaveLength(1);
    expect(await desk.wrongs()).toEqual([]);
  });
});
