/** The wire surfaces as JSON Schema, for producers and authors in other languages. */
import { z } from 'zod';
import { CALL_EVENT_DATA, CALL_EVENT_TYPES, CallEvent } from '#contract/call-events.ts';
import { DecisionRecord } from '#contract/decision-record.ts';
import { DecisionRequest } from '#contract/decision-request.ts';
import { FeatureDefinition, ModelManifest } from '#contract/model.ts';
import { Outcome } from '#contract/outcome.ts';
import {
  ActionDefinition,
  Attention,
  CareRule,
  ConstraintDefinition,
  ContactPolicy,
  ExclusionDefinition,
  FieldDefinition,
  IssuePolicy,
  LevelPolicy,
  PhraseList,
  PurposeDefinition,
  Revision,
  SignificanceRule,
} from '#contract/policy.ts';
import { Slug } from '#contract/text.ts';
import type { Command } from '../command.ts';

/** A revision's folder as one object: its members are the files, each with the schema of what stands in it. */
const PolicyFolder = z.strictObject({
  'revision.yaml': Revision,
  'fields.yaml': z.array(FieldDefinition),
  'purposes.yaml': z.array(PurposeDefinition),
  'phrases.yaml': z.record(Slug, PhraseList),
  'care.yaml': z.array(CareRule),
  'contact.yaml': z.array(ContactPolicy),
  'attention.yaml': Attention,
  'constraints.yaml': z.array(ConstraintDefinition).optional(),
  'exclusions.yaml': z.array(ExclusionDefinition).optional(),
  'significance.yaml': z.array(SignificanceRule).optional(),
  'actions/<issue>/issue.yaml': IssuePolicy,
  'actions/<issue>/<group>/group.yaml': LevelPolicy,
  'actions/<issue>/<group>/<id>.yaml': ActionDefinition,
});

const SURFACES: Readonly<Record<string, z.ZodType>> = {
  request: DecisionRequest,
  record: DecisionRecord,
  event: CallEvent,
  action: ActionDefinition,
  policy: PolicyFolder,
  outcome: Outcome,
  model: ModelManifest,
  feature: FeatureDefinition,
};

export const schema: Command = {
  summary: 'Print the JSON Schema of a request, a record, an event or a policy',
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
  notes:
    'The schema is of what is sent (the input side). Limits on whole events, such as their size, are not part of it. A policy is described as one object whose members are the files of its folder.',
  async run(given, terminal) {
    const type = CALL_EVENT_TYPES.find((one) => one === given.text('type'));
    const surface = SURFACES[given.positional(0)];
    if (surface === undefined) throw new Error('the surface was checked against the table');
    const of = type === undefined ? surface : CALL_EVENT_DATA[type];
    await terminal.print(JSON.stringify(z.toJSONSchema(of, { io: 'input' }), null, given.flag('json') ? undefined : 2));
    return 0;
  },
};
