/** What propensities may follow besides the action: fields of few values, none of which points to one person. */
import type { CheckedAdaptive } from '#contract/checked-policy.ts';
import type { AdaptiveRules } from '#contract/learning.ts';
import type { Catalogue } from './catalogue.ts';
import type { FaultList } from './fault-list.ts';
import { suggestion } from './nearest-name.ts';
import type { PolicySource } from './policy-source.ts';

const HOUR_MS = 3_600_000;

export function checkAdaptive(
  { reward, windowHours, equalAt, features, significant }: AdaptiveRules,
  source: PolicySource,
  { fields, fieldsComplete, brokenFields }: Catalogue,
  faults: FaultList,
): CheckedAdaptive {
  for (const [at, path] of features.entries()) {
    const add = (reason: string): void => faults.add(source.file, source.lineAt(['adaptive', 'features', at]), reason);
    const field = fields.get(path);
    if (features.indexOf(path) !== at) add(`"${path}" is there twice: keep one`);
    else if (field === undefined) {
      if (fieldsComplete && !brokenFields.has(path)) add(`there is no field "${path}"${suggestion(path, fields.keys())}`);
    } else if (field.kind === 'protected' || field.kind === 'affect')
      add(
        `"${path}" is ${field.kind === 'protected' ? 'a protected attribute' : 'a state of mind'}, which nothing may be learnt from: take it out`,
      );
    else if (field.type !== 'enum' && field.type !== 'boolean')
      add(`"${path}" is of type ${field.type}: what is learnt leaves the centre, so only enum and boolean fields may be named`);
  }
  return { reward, windowMs: windowHours * HOUR_MS, equalAt, features, significant };
}
