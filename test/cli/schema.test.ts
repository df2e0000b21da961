import { describe, expect, it } from 'vitest';
import { CALL_EVENT_TYPES } from '#contract/call-events.ts';
import { runSotto } from './run-sotto.ts';

describe('sotto schema', () => {
  it('describes every event type', async () => {
    const { code, out } = await runSotto(['schema', 'event']);
    expect(code).toBe(0);
    const types = (JSON.parse(out) as { oneOf: { properties: { type: { const: string } } }[] }).oneOf.map(
      ({ properties }) => properties.type.const,
    );
    expect(types.toSorted()).toEqual([...CALL_EVENT_TYPES].toSorted());
  });

  it('describes the data of one type, an action and a record', async () => {
    const one = JSON.parse((await runSotto(['schema', 'event', '--type', 'sotto.call.offered'])).out) as { properties: object };
    expect(Object.keys(one.properties)).toContain('queue');
    for (const surface of ['request', 'policy', 'action', 'record', 'outcome', 'model', 'feature']) {
      const { code, out } = await runSotto(['schema', surface, '--json']);
      expect(code, surface).toBe(0);
      expect(out.trimEnd().split('\n')).toHaveLength(1);
      expect(JSON.parse(out)).toHaveProperty('$schema');
    }
    expect(await runSotto(['schema', 'invoice'])).toMatchObject({ code: 2 });
  });
});
