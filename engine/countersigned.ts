import { type CentralHead, centralHeadText } from '#contract/central-head.ts';
import { type CountersignedHead, headText } from '#contract/ledger.ts';
import type { BundleTrust } from './bundle-trust.ts';

const utf8 = new TextEncoder();

/** Whether a key this desk trusts has signed the head of its ledger. */
export const isCountersigned = (head: CountersignedHead, trust: BundleTrust): boolean => isSigned(headText(head), head, trust);

/** Whether a key this desk trusts has signed the head over all ledgers. */
export const isCentralHead = (head: CentralHead, trust: BundleTrust): boolean => isSigned(centralHeadText(head), head, trust);

function isSigned(text: string, by: Pick<CentralHead, 'keyId' | 'ed25519'>, { keys: { keys }, verify }: BundleTrust): boolean {
  const key = keys.find(({ id, revoked }) => id === by.keyId && !revoked);
  return key !== undefined && verify(key.publicKey, utf8.encode(text), by.ed25519);
}
