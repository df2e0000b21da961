/**
 * [I8] What an agent feels is nobody's business: no field may hold it, so no policy or model can ask for it, and nothing
 * that leaves the desk has a place for it. (That customers' emotions are no model's is test/policy/check-model.test.ts.)
 */
import { expect, test } from 'vitest';
import { checkRevision } from '#policy';
import { demonstrationRevision } from '../engine/demonstration.ts';
import { AGENT, DeskBench } from '../engine/desk-bench.ts';
import { MemoryLink } from '../engine/memory-link.ts';

const CALLS = 6;
const LEAST_ITEMS = 40;

/** Words of feelings and of how they are measured, in a name. */
const FEELING =
  /emotion|sentiment|mood|affect|stress|anger|angry|frustrat|empath|fatigue|tired|happy|unhappy|burn.?out|arousal|valence|pitch|prosody|voice.?tone|tone.?of|facial|heart.?rate|keystroke|typing|idle|attentive/i;

/** Every name in a value, however deep, also in JSON inside of texts. */
function namesIn(value: unknown): readonly string[] {
  if (typeof value === 'string') {
    if (!/^[[{]/.test(value)) return [];
    try {
      return namesIn(JSON.parse(value));
    } catch {
      return [];
    }
  }
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...namesIn(inner)]);
}

const feelingsIn = (value: unknown): readonly string[] => namesIn(value).filter((name) => FEELING.test(name));

/** Everything a desk sends of a few calls on which the agent says how they feel. */
async function sent(): Promise<readonly unknown[]> {
  const link = new MemoryLink();
  await using desk = await DeskBench.open({ surroundings: { link } });
  link.connect();
  for (let number = 0; number < CALLS; number++) {
    const callId = `call-${number}`;
    await desk.begin(callId, `customer-${number}`);
    await desk.utter(callId, 'agent', 'I am so tired and angry today, this job is stressing me out.');
    const card = await desk.showCard(callId);
    await desk.answer(card, number % 2 === 0 ? 'accepted' : 'rejected');
    await desk.utter(callId, 'agent', 'Sorry, I am frustrated.');
    await desk.say(callId, 'sotto.call.held', { agentId: AGENT });
    await desk.advance(60_000);
    await desk.say(callId, 'sotto.call.ended', { reason: 'customer-hung-up' });
    await desk.advance(60_000);
  }
  await expect.poll(() => desk.store.counts().unsent).toBe(0);
  return [...link.batches, ...link.resumes];
}

test('[I8] nothing a desk sends has a place for what the agent feels, nor the words they said it in', async () => {
  const all = await sent();
  const names = new Set(all.flatMap(namesIn));
  const items = all.flatMap((one) => (one as { items?: readonly unknown[] }).items ?? []);
  expect(items.length).toBeGreaterThanOrEqual(LEAST_ITEMS);
  expect(names.size).toBeGreaterThan(30);
  expect([...names].filter((name) => FEELING.test(name))).toEqual([]);
  expect(JSON.stringify(all)).not.toMatch(/tired|angry|stressing|frustrated/);
});

test('[I8] a policy that registers such a field is refused whole, whatever the field is called', () => {
  for (const path of ['profile.agentMood', 'model.energy', 'profile.x']) {
    const entry = `- { path: ${path}, type: number, label: A number, subject: agent, kind: affect }\n`;
    const { files, hash } = demonstrationRevision((file, text) => (file === 'fields.yaml' ? `${text}${entry}` : text));
    const checked = checkRevision(files, { hash });
    expect(checked.ok, path).toBe(false);
    if (!checked.ok) expect(JSON.stringify(checked.faults), path).toContain('state of mind');
  }
});

test('[I8] such a field is refused by its name too, when it says that it is a fact, or about somebody else', () => {
  const named = [
    ['profile.agentMood', 'Mood', 'customer'],
    ['model.agentSentiment', 'A number', 'call'],
    ['profile.empathy', 'Empathy', 'agent'],
    ['model.rapportScore', 'Rapport', 'agent'],
    ['profile.score7', 'How stressed the agent is', 'call'],
    ['model.voiceTone', 'Tone', 'agent'],
    ['profile.burnoutRisk', 'Risk', 'agent'],
  ] as const;
  const refused = named.filter(([path, label, subject]) => {
    const entry = `- { path: ${path}, type: number, label: ${label}, subject: ${subject}, kind: fact }\n`;
    const { files, hash } = demonstrationRevision((file, text) => (file === 'fields.yaml' ? `${text}${entry}` : text));
    const checked = checkRevision(files, { hash });
    return !checked.ok && JSON.stringify(checked.faults).includes('state of mind');
  });
  expect(refused).toEqual(named);
  const entry = '- { path: profile.skillLevel, type: number, label: Years as an agent, subject: agent, kind: fact }\n';
  const { files, hash } = demonstrationRevision((file, text) => (file === 'fields.yaml' ? `${text}${entry}` : text));
  expect(checkRevision(files, { hash }).ok).toBe(true);
});

test('[I8] no field of the demonstration is about what the agent feels', () => {
  const { files } = demonstrationRevision();
  const fields = files.find(({ path }) => path === 'fields.yaml')?.text.split('\n') ?? [];
  expect(fields.length).toBeGreaterThan(20);
  expect(fields.filter((line) => line.includes('agent') && FEELING.test(line))).toEqual([]);
});

test('[I8] canary: the search finds such a name however deep it lies', () => {
  const body = JSON.stringify({ inputs: { call: [{ agentSentiment: 0.3 }] } });
  expect(feelingsIn({ items: [{ kind: 'decision', body }] })).toEqual(['agentSentiment']);
  expect(feelingsIn({ stressLevel: 1, deep: { voiceTone: 2 } })).toEqual(['stressLevel', 'voiceTone']);
});
