/** Central as whoever starts it in a process has it. */
import type { EventReceipt } from '#contract/call-events.ts';
import type { LearntOverview } from '#contract/learning.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { PolicyFile } from '#contract/policy.ts';
import type { TrustedKeys } from '#contract/signature.ts';
import type { OrganisationData } from './load-organisation.ts';
import type { Published, PublishedModel } from './policy/revisions.ts';
import type { Erased } from './privacy/data-orders.ts';
import type { Store } from './store/open-store.ts';

export interface CentralOptions {
  /** One line at a time, for people; never personal data. Default: standard error. */
  readonly log?: (line: string) => void;
  /** An open, migrated store instead of the config's; it is closed with central. */
  readonly store?: Store;
  /** The bundled core of this version, to be kept for records that name it. */
  readonly core?: Uint8Array;
}

export interface Central extends AsyncDisposable {
  readonly url: string;
  readonly store: Store;
  /** PEM of the key that requests to the system of record are signed with. */
  readonly publicKeyPem: string;
  /** Whom a desk is told to trust when it is enrolled. */
  readonly trusted: TrustedKeys;
  /** Takes one event in this process, as a producer would send it. Rejects only when the store fails. */
  intake(event: unknown): Promise<EventReceipt>;
  /** How far a call is stored, and processed at its desk, as seen since this process started. */
  delivered(callId: string): { readonly seq: number; readonly ackedSeq: number };
  /** Fulfilled when the desk that has the call acknowledged processing everything up to `seq`. */
  whenProcessed(callId: string, seq: number): Promise<void>;
  /** Moves the virtual clock, here and at every connected desk; fulfilled when they all did what fell due. */
  tick(nowMs: number): Promise<void>;
  /** Calls back after the commit with each outcome that is new; returns what stops it. */
  onOutcome(listener: (outcome: Outcome) => void): () => void;
  /** Calls back whenever this node published what was learnt; returns what stops it. */
  onLearnt(listener: (overview: LearntOverview) => void): () => void;
  /** Takes effect at once: connected desks are told. */
  publishRevision(files: readonly PolicyFile[]): Promise<Published>;
  publishModel(bundle: unknown): Promise<PublishedModel>;
  loadOrganisation(data: OrganisationData): Promise<{ readonly changed: readonly string[] }>;
  /** The device may not speak any more, at once; false when it is not known. */
  revokeDevice(deviceId: string): Promise<boolean>;
  /**
   * Central forgets this customer, and every desk does: connected ones now, the others when they are back. Not while a legal hold is in force.
   */
  erase(customerId: string): Promise<Erased>;
  /** Nothing of this customer goes by its age at any desk before then; a time that is past ends it. */
  hold(customerId: string, untilMs: number): Promise<void>;
  /** How many desks are connected. */
  desks(): number;
  close(): Promise<void>;
}
