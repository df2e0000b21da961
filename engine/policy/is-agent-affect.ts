/** Whether a field is about how the agent feels, whatever it says of itself (EU AI Act Art. 5(1)(f)). */
import type { FieldDefinition } from '#contract/policy.ts';

/** Of feelings and of what they are read off, in names. */
const FEELING =
  /emotion|sentiment|mood|affect|stress|anger|angry|annoy|frustrat|empath|rapport|fatigue|tired|happi|happy|morale|burn.?out|arousal|valence|prosod|pitch|voice.?tone|tone.?of|facial|heart.?rate|typing|attentive/i;

export function isAgentAffect({ path, label, subject, kind }: Pick<FieldDefinition, 'path' | 'label' | 'subject' | 'kind'>): boolean {
  const names = `${path} ${label}`;
  const isOfAgent = subject === 'agent' || /agent/i.test(names);
  return isOfAgent && (kind === 'affect' || FEELING.test(names));
}
