/** The wire surfaces as JSON Schema, for producers and authors in other languages. */
import { z } from 'zod';
import { CALL_EVENT_DATA, CALL_EVENT_TYPES, CallEvent } from '#contract/call-events.ts';
import { DecisionRecord } from '#contract/decision-record.ts';
import { FeatureDefinition, ModelManifest } from '#contract/model.ts';
import { Outcome } from '#contract/outcome.ts';
import { ActionDefinition } from '#contract/policy.ts';
import type { Command } from '../command.ts';

const SURFACES: Readonly<Record<string, z.ZodType>> = {
  event: CallEvent,
  action: ActionDefinition,
  record: DecisionRecord,
  outcome: Outcome,
  model: ModelManifest,
  feature: FeatureDefinition,
};

export const schema: Command = {
  summary: 'Print the JSON Schema of an event, an action or a record',
  positionals: [{ name: 'SURFACE', help: 'What it describes', required: true, oneOf: Object.keys(SURFACES) }],
  options: {
    type: {
      type: 'string',
      value: 'TYPE',
      help: 'With event: the data of one type only, such as sotto.call.offered',
      oneOf: CALL_EVENT_TYPES,
    },
    json: { type: 'boolean', help: 'On one line' },
  },
  notes: 'The schema is of what is sent (the input side). Limits on whole events, such as their size, are not part of it.',
  async run(given, terminal) {
    const type = CALL_EVENT_TYPES.find((one) => one === given.text('type'));
    const surface = SURFACES[given.positional(0)];
    if (surface === undefined) throw new Error('the surface was checked against the table');
    const of = type === undefined ? surface : CALL_EVENT_DATA[type];
    await terminal.print(JSON.stringify(z.toJSONSchema(of, { io: 'input' }), null, given.flag('json') ? undefined : 2));
    return 0;
  },
};
