/** A revision small enough to be checked a thousand times: always relevant, one action needs the customer's consent, one is a must. */
import type { PolicyFile, RevisionBundle } from '#contract/policy.ts';
import { revisionHash } from '#policy';
import { smallPolicy } from '../central/small-policy.ts';
import { sha256 } from './demonstration.ts';
import { signed } from './signing.ts';

const action = (id: string, purpose: string, more = ''): PolicyFile => ({
  path: `actions/care/billing/${id}.yaml`,
  text: `id: ${id}
name: Action ${id}
urgency: should
purpose: ${purpose}
value: 60
startingPropensity: 0.5
${more}reasons:
  - when: "true"
    text: It helps now
treatments:
  - id: voice
    channel: voice
    language: en
    do: Do ${id}
`,
});

/** The action that needs consent, worth more than the others. */
export const CONSENTED = 'offer-upgrade';

export function smallRevision(version = 1, more: readonly PolicyFile[] = []): RevisionBundle {
  const purposes = '- id: service\n  name: Serving the contract\n  basis: contract\n- id: marketing\n  name: Marketing\n  basis: consent\n';
  const replaced = new Set(['purposes.yaml', ...more.map(({ path }) => path)]);
  const files = [
    ...smallPolicy(version).filter(({ path }) => !replaced.has(path)),
    { path: 'purposes.yaml', text: purposes },
    action(CONSENTED, 'marketing'),
    ...more,
  ];
  return signed({ hash: revisionHash(files, sha256), version, publishedAtMs: Date.UTC(2025, 0, version), files });
}
