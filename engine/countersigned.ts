import { type CountersignedHead, headText } from '#contract/ledger.ts';
import type { BundleTrust } from './bundle-trust.ts';

const utf8 = new TextEncoder();

/** Whether a key this desk trusts has signed the head. */
export function isCountersigned(head: CountersignedHead, { keys: { keys }, verify }: BundleTrust): boolean {
  const key = keys.find(({ id, revoked }) => id === head.keyId && !revoked);
  return key !== undefined && verify(key.publicKey, utf8.encode(headText(head)), head.ed25519);
}
