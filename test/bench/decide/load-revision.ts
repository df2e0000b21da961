/** Loads the workload's revision once, in a process that has done nothing else: `node load-revision.ts ACTIONS` → one line of JSON. */
import { compileRevision } from '#core';
import { checkRevision } from '#policy';
import { policyText } from './policy-text.ts';
import { makeWorkload } from './workload.ts';

const actions = Number(process.argv[2]);
const files = policyText(makeWorkload(actions, 1));
const beganAtMs = performance.now();
const check = checkRevision(files, { hash: 'a'.repeat(64) });
const checkedAtMs = performance.now();
if (!check.ok) throw new Error(`the workload is no policy: ${JSON.stringify(check.faults[0])}`);
const compiled = compileRevision(check.revision);
const compiledAtMs = performance.now();
if (compiled.revision.actions.length !== actions) throw new Error(`${compiled.revision.actions.length} of ${actions} actions were loaded`);
process.stdout.write(`${JSON.stringify({ checkMs: checkedAtMs - beganAtMs, compileMs: compiledAtMs - checkedAtMs })}\n`);
