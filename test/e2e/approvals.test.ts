/** Four people at their own windows, on two nodes of one PostgreSQL: an agent asks, two others agree, a supervisor looks on. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ACTIONS, scene } from '../central/approval-scene.ts';
import { DECIDERS } from '../central/deciding.ts';
import { onPostgres } from '../central/engines.ts';
import { openCentral, Producer, until } from '../central/fixture.ts';
import { smallPolicy } from '../central/small-policy.ts';
import { axeViolations } from './axe-check.ts';
import { ensureFreshBuild } from './fresh-build.ts';
import { SeenDesk } from './seen-desk.ts';

const ROUTE = 'route: { role: approver, within: 10m }';

onPostgres((engine) => {
  test('asked at one window, judged and agreed to at two others, done once: each sees what is theirs to see', {
    timeout: 240_000,
  }, async () => {
    await ensureFreshBuild();
    const folder = mkdtempSync(path.join(tmpdir(), 'sotto-windows-'));
    const first = await engine.open();
    const b = await openCentral(await engine.again(first), { folder, actions: ACTIONS });
    await using a = await scene(first, null, { folder });
    const windows: SeenDesk[] = [];
    const printed: string[] = [];
    const sit = async (agentId: string, central: string): Promise<SeenDesk> => {
      const userData = path.join(folder, `desk-${agentId}`);
      const window = await SeenDesk.open({ central, agentId, userData, clock: 'system', printed });
      windows.push(window);
      return window;
    };
    try {
      a.desk.close();
      const { central } = a.opened;
      const policyFiles = smallPolicy(2).map((file) =>
        file.path.endsWith('big-credit.yaml')
          ? {
              ...file,
              text: file.text
                .replace('value: 30', 'value: 900')
                .replace(ROUTE, 'route: { role: approver, within: 10m, quorum: [{ from: 400, people: 2 }] }'),
            }
          : file,
      );
      await central.loadOrganisation({ agents: DECIDERS, customers: [], policyFiles, models: [] });
      const agent = await sit('ann', central.url);
      const [one, two, supervisor] = [await sit('one', b.central.url), await sit('two', central.url), await sit('sup', b.central.url)];
      await supervisor.page.getByText('Nothing waits for you').waitFor();

      const call = new Producer('call-windows');
      for (const event of [call.offered('ann', 'cust-1'), call.event('sotto.call.connected', { agentId: 'ann' })])
        expect(await central.intake(event)).toMatchObject({ result: 'accepted' });
      await agent.cardOf('big-credit').getByRole('button', { name: 'Accept' }).click();
      await agent.cardOf('big-credit').getByRole('button', { name: 'Ask for approval' }).click();
      // The next suggestion has taken the place: what waits stays below it.
      const waiting = agent.page.locator('[data-waiting="big-credit"]');
      await waiting.getByText('left').waitFor({ timeout: 20_000 });

      // The one who is first says what they think before they hear what Sotto does, and asks the agent.
      await one.page.locator('[data-approval]').click();
      expect(await one.page.getByText('It recommended this.').count()).toBe(0);
      await one.page.getByRole('button', { name: 'Facts of the customer' }).click();
      await one.page.getByLabel('Ask the agent').fill('Which month?');
      await one.page.keyboard.press('Enter');
      await waiting.getByText('Which month?').waitFor({ timeout: 20_000 });
      await waiting.getByRole('button', { name: 'Answer them' }).click();
      await agent.page.getByLabel('Answer them').fill('May, on the 3rd.');
      await agent.page.keyboard.press('Enter');
      await one.page.getByText('May, on the 3rd.').waitFor({ timeout: 20_000 });
      await one.page.getByRole('button', { name: 'For it' }).click();
      await one.page.getByText('It recommended this.').waitFor();
      expect(await axeViolations(one.page, 'all')).toEqual([]);
      await one.page.getByRole('button', { name: 'Approve' }).click();
      await one.page.getByText('Name of one approved').waitFor();
      expect(a.system.received()).toEqual([]);

      // The second is not told what the first said, and works by keyboard.
      await two.page.locator('[data-approval]').focus();
      await two.page.keyboard.press('Enter');
      await two.page.getByRole('button', { name: 'For it' }).focus();
      expect(await two.page.getByText('Name of one approved').count()).toBe(0);
      await two.page.keyboard.press('Enter');
      await two.page.getByText('It recommended this.').waitFor();
      expect(await two.page.getByText('Name of one approved').count()).toBe(0);
      await two.page.keyboard.press('Alt+KeyA');
      await two.page.getByText('Name of one approved').waitFor();
      await until('done', () => a.system.received().length === 1);
      expect(a.system.received()[0]?.request.approval).toMatchObject({ approvedBy: ['one', 'two'] });
      for (const window of windows) expect(await window.wrongs(), window.agentId).toEqual([]);
    } finally {
      for (const window of windows) await window.close();
      await b.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
