/** Alerts as they are raised, at two nodes: the desk at the one, supervisors at both. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RaisedAlerts } from '#contract/supervision.ts';
import { TestApprover } from './deciding.ts';
import { onPostgres } from './engines.ts';
import { type Opened, TestDesk, until } from './fixture.ts';
import { must, state, supervisedNodes, type SupervisedNodes } from './supervised.ts';

const toldOf = ({ alerts }: TestApprover, callId: string) => alerts.filter((one) => one.callId === callId);

onPostgres((engine) => {
  let nodes: SupervisedNodes;
  beforeAll(async () => {
    nodes = await supervisedNodes(engine);
  });
  afterAll(() => nodes.close());

  test('what is raised is written down although nobody watches, told once at every node to supervisors of the team, and once more when it is over', async () => {
    const { a, b, people, begin, end } = nodes;
    const approver = async (at: Opened, who: string) => TestApprover.connect(at.central.url, await people.token(who));
    const [atA, atBToo, south, agent] = [
      await approver(a, 'sup'),
      await approver(b, 'sup'),
      await approver(a, 'nix'),
      await approver(a, 'coun'),
    ];
    const desk = await TestDesk.connect(b.central, 'ann');
    const rule = async (who: string, more: object): Promise<string> =>
      String(
        (
          await people.post(who, '/api/supervision/alerts', {
            name: 'Not said',
            severity: 'urgent',
            kind: 'must-unanswered',
            afterS: 0,
            ...more,
          })
        ).body['ruleId'],
      );
    const [north, all] = [await rule('sup', { teamId: 'north' }), await rule('coun', { teamId: null, name: 'Anywhere' })];
    const call = await begin('ann');
    const sinceMs = Date.now();
    await until('the desk says it', async () => {
      desk.states([state(call.callId, { prompt: must(sinceMs) })]);
      return toldOf(atA, call.callId).length > 0;
    });
    await until('both at both nodes', () => [atA, atBToo].every((one) => toldOf(one, call.callId).length === 2));
    expect(toldOf(atA, call.callId).toSorted((x, y) => (x.name < y.name ? -1 : 1))).toMatchObject([
      { ruleId: all, name: 'Anywhere', agentName: 'Ann', sinceMs, endedAtMs: null },
      { ruleId: north, name: 'Not said', severity: 'urgent', kind: 'must-unanswered', agentName: 'Ann', sinceMs, endedAtMs: null },
    ]);
    desk.states([state(call.callId, { prompt: null })]);
    await until('it is over', () =>
      [atA, atBToo].every((one) => toldOf(one, call.callId).filter(({ endedAtMs }) => endedAtMs !== null).length === 2),
    );
    desk.states([state(call.callId, { prompt: must(sinceMs + 1) })]);
    await until('and again', () => toldOf(atA, call.callId).length === 6);
    expect((await people.post('sup', `/api/supervision/alerts/${north}/end`)).status).toBe(200);
    expect((await people.post('coun', `/api/supervision/alerts/${all}/end`)).status).toBe(200);
    await until('an alert that is ended is raised no more', () => toldOf(atA, call.callId).length === 8);
    const raised = async (who: string) =>
      RaisedAlerts.parse((await people.get(who, '/api/supervision/alerts')).body).items.filter(({ callId }) => callId === call.callId);
    expect((await raised('sup')).map(({ endedAtMs }) => endedAtMs !== null)).toEqual([true, true, true, true]);
    expect([await raised('nix'), toldOf(south, call.callId), toldOf(agent, call.callId)]).toEqual([[], [], []]);
    expect(await raised('coun')).toHaveLength(4);
    expect(new Set(toldOf(atBToo, call.callId).map(({ raisedId }) => raisedId)).size).toBe(4);
    await end(call);
    for (const one of [atA, atBToo, south, agent]) one.close();
    desk.close();
  });
});
