/** The live lane, central → desk over socket.io: events of the agent's calls, in delivery order per call, resumable by offset. */
import { z } from 'zod';
import { ApprovalStanding } from './approval.ts';
import { CallEvent } from './call-events.ts';
import { Outcome } from './outcome.ts';
import { ProfileSlice } from './profile.ts';
import { MAX_CONSTRAINTS } from './limits.ts';
import { AtMs, Id, Sha256, Slug } from './text.ts';

/** The protocol's version; a changed schema needs a new one (test/architecture/wire.test.ts holds the hash). */
export const LIVE_PROTOCOL = 5;

/** Central also speaks with desks of these: what changed since then they may leave unread. */
export const OLDER_PROTOCOLS: readonly number[] = [4];

/** The socket.io namespace desks connect to; the handshake's `auth` is DeskHandshake. */
export const DESK_NAMESPACE = '/desks';
/** The socket.io namespace producers connect to; they emit `event` with one CloudEvent and get an EventReceipt. */
export const PRODUCER_NAMESPACE = '/producers';
/** Socket.io's own limit on both sides, in bytes. */
export const MAX_SOCKET_BYTES = 256 * 1024;

export const DeskHandshake = z.strictObject({
  protocol: z.int(),
  /** The access token: who the agent is. Roles are looked up, never read from it. */
  token: z.string().min(1).max(4_096),
  /** The device's own: batches of the outbox are taken in its name, whoever made what is in them. */
  deviceToken: z.string().min(1).max(4_096),
  deviceId: Id,
});

/** One stored event of a call with its delivery number: from 1, without holes. */
export const Delivery = z.object({ callId: Id, seq: z.int().min(1), event: CallEvent });
export type Delivery = z.infer<typeof Delivery>;

/** What the desk has of a call: every event up to and including `seq` is journalled and processed. */
export const CallOffset = z.strictObject({ callId: Id, seq: z.int().min(0) });
export type CallOffset = z.infer<typeof CallOffset>;

/** Desk → central, event `resume`: on connect and whenever a gap is seen: send everything after these, of all calls that are this agent's now. */
export const ResumeRequest = z.strictObject({ calls: z.array(CallOffset).max(200) });
export type ResumeRequest = z.infer<typeof ResumeRequest>;

export const MAX_CONTEXT_OUTCOMES = 500;

/** What a desk needs before the first decision on a call: the customer, and what was already shown and answered on it (by whomever). */
export const CallContext = z.object({
  callId: Id,
  /** Null while the caller is unknown. */
  profile: ProfileSlice.nullable(),
  /** Outcomes of this call that central knows of, from any device. */
  outcomes: z.array(Outcome).max(MAX_CONTEXT_OUTCOMES),
  /** False after a transfer while the former desk's answers are not all in. */
  complete: z.boolean(),
});
export type CallContext = z.infer<typeof CallContext>;

/** Names what is current, so that the desk fetches what it lacks over HTTP. */
export const CurrentVersions = z.object({
  revision: Sha256,
  /** Propensity models. */
  models: z.array(Sha256).max(16),
  /** The model that tells what the customer's sentences are about; null or absent = there is none. */
  intent: Sha256.nullable().optional(),
  /** The propensity model that the revision names as challenger, which is then none of `models`; null or absent = there is none. */
  challenger: Sha256.nullable().optional(),
  excluded: z.array(Id).max(500),
});
export type CurrentVersions = z.infer<typeof CurrentVersions>;

/** What central counted of every constraint of the current revision, over all agents. */
export const UsageReport = z.object({
  uses: z.array(z.object({ constraintId: Slug, used: z.number().min(0), asOfMs: AtMs })).max(MAX_CONSTRAINTS),
  /** The last acceptance, override or retraction of this agent at this desk that is in the count, as are all before it; null = none is. */
  countedTo: Id.nullable(),
});
export type UsageReport = z.infer<typeof UsageReport>;

/**
 * What central decided about a customer's data, for every desk, in the order of `seq`. `erase`: everything, for good. `hold`: nothing
 * of it goes by its age before `untilMs`; a time that is past ends the hold.
 */
export const DataOrder = z.discriminatedUnion('kind', [
  z.object({ seq: z.int().min(1), kind: z.literal('erase'), customerId: Id }),
  z.object({ seq: z.int().min(1), kind: z.literal('hold'), customerId: Id, untilMs: AtMs }),
]);
export type DataOrder = z.infer<typeof DataOrder>;
export const MAX_DATA_ORDERS = 200;

/** The acknowledgement of `orders`: every order up to this one is carried out at the desk, or kept there for the stores that are closed. */
export const OrdersKept = z.strictObject({ seq: z.int().min(0) });
export type OrdersKept = z.infer<typeof OrdersKept>;

/** Server → desk messages by socket.io event name. `delivery` and `context` are acknowledged after they are processed, with the offset then reached; `orders` with OrdersKept. */
export const TO_DESK = {
  delivery: Delivery,
  /** An utterance in progress: shown at most, never journalled, no number. */
  partial: z.object({ callId: Id, event: CallEvent }),
  context: CallContext,
  /** The call is no longer this agent's: it was transferred away. Outcomes still to be sent should be sent now. */
  release: z.object({ callId: Id, reason: z.enum(['transferred', 'ended']) }),
  versions: CurrentVersions,
  /** On connect, whenever the use of something scarce changed, and often enough that it does not age. */
  usage: UsageReport,
  /** On connect, when there are new ones, and now and then for the time: those the desk has not acknowledged, and what time it is at central. */
  orders: z.object({ atMs: AtMs, orders: z.array(DataOrder).max(MAX_DATA_ORDERS) }),
  /** The system of record's answer to an accepted action. */
  answer: z.object({
    outcomeId: Id,
    decisionId: Id,
    callId: Id,
    result: z.enum(['acted', 'failed', 'expired']),
    detail: z.string().max(200).optional(),
    atMs: AtMs,
  }),
  /** How a significant request of this agent stands: with each change, and on connect. */
  approval: ApprovalStanding,
  /** Demonstration only: the virtual clock; ignored by a desk that follows its own. Acknowledged when all that fell due was done. */
  clock: z.object({ nowMs: AtMs }),
} as const;

/** HTTP GET at central with the access token as bearer, `<path>/<hash>`: a RevisionBundle, a ServedBundle. */
export const REVISION_PATH = '/api/revisions';
export const MODEL_PATH = '/api/models';
