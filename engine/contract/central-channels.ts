/**
 * What the window asks of central: a row a channel. Main sends it in the name of the person who is signed in and hands back what central
 * said; the window sees no token. A new question is a new row here, and its endpoint at central.
 */
import { z } from 'zod';
import {
  ApprovalChange,
  ApprovalMessage,
  ApprovalMeter,
  ApprovalQueue,
  APPROVALS_PATH,
  ApprovalView,
  Assignment,
  BreakGlass,
  BreakReview,
  BREAKS_PATH,
  BrokenGlasses,
  Judgement,
  METER_PATH,
  Nothing,
  Opened,
  SEEDED_PATH,
  SeededCase,
  Verdict,
} from './approval.ts';
import { Exclusion, EXCLUSIONS_PATH } from './change-request.ts';
import {
  AlertRule,
  ALERTS_PATH,
  CallSupervision,
  COACH_PATH,
  CoachingText,
  RaisedAlerts,
  Reading,
  SUPERVISED_PATH,
  SUPERVISION_PATH,
  SupervisionView,
  TRANSCRIPT_PATH,
} from './supervision.ts';
import {
  CONTESTABLE_PATH,
  ContestableDecisions,
  ContestableQuery,
  ContestAnswer,
  ContestAssignment,
  ContestLetter,
  ContestQueue,
  ContestReceipt,
  CONTESTS_PATH,
  ContestView,
  NewContest,
} from './contest.ts';
import {
  COACHING_PATH,
  CoachingLook,
  CoachingLooks,
  FIGURES_BY,
  FIGURES_PATH,
  ItemChange,
  NOTICES_PATH,
  OVERRIDE_CASES_PATH,
  OVERRIDE_ITEMS_PATH,
  OverrideCase,
  OverrideFigures,
  OverrideItem,
  OverrideItems,
  OverrideKind,
  OverrideNotices,
  OverrideQueue,
  OverrideSample,
  OVERRIDES_PATH,
  OverrideVerdict,
} from './override-review.ts';
import { RejectReason } from './policy.ts';
import { Id } from './text.ts';

/** `away`: nobody knows what became of it. Otherwise central's own word for its no, such as `over`. */
const NotTold = z.strictObject({ told: z.literal(false), reason: z.string().max(60) });

type Told<A extends z.ZodType> = z.ZodDiscriminatedUnion<[z.ZodObject<{ told: z.ZodLiteral<true>; answer: A }>, typeof NotTold], 'told'>;
const toldOf = <A extends z.ZodType>(answer: A): Told<A> =>
  z.discriminatedUnion('told', [z.object({ told: z.literal(true), answer }), NotTold]);

const get = <R extends z.ZodType, A extends z.ZodType>(path: string, request: R, answer: A) => ({
  by: 'central' as const,
  method: 'GET' as const,
  /** `:name` stands for a member of the request; what is left of a GET's goes into the query. */
  path,
  request,
  response: toldOf(answer),
});
/** `body` of the request is what is sent. */
const post = <R extends z.ZodType, A extends z.ZodType>(path: string, request: R, answer: A) => ({
  ...get(path, request, answer),
  method: 'POST' as const,
});

const ONE = `${APPROVALS_PATH}/:approvalId`;
const ofApproval = <B extends z.ZodType>(word: string, body: B) =>
  post(`${ONE}/${word}`, z.strictObject({ approvalId: Id, body }), ApprovalView);

const CasesRequest = z.strictObject({
  days: z.int(),
  seed: z.int(),
  size: z.int(),
  todo: z.enum(['true', 'false']),
  actionId: z.string().optional(),
  kind: OverrideKind.optional(),
  reason: RejectReason.optional(),
});

export const CENTRAL_CHANNELS = {
  'approvals:queue': get(APPROVALS_PATH, z.strictObject({}), ApprovalQueue),
  'approvals:view': get(ONE, z.strictObject({ approvalId: Id }), ApprovalView),
  'approvals:opened': ofApproval('opened', Opened),
  'approvals:judge': ofApproval('judge', Judgement),
  'approvals:verdict': ofApproval('verdict', Verdict),
  'approvals:message': ofApproval('message', ApprovalMessage),
  'approvals:assign': ofApproval('assign', Assignment),
  'approvals:change': ofApproval('change', ApprovalChange),
  'approvals:withdraw': ofApproval('withdraw', Nothing),
  'approvals:break-glass': ofApproval('break-glass', BreakGlass),
  'approvals:break-review': ofApproval('break-glass/review', BreakReview),
  'oversight:breaks': get(BREAKS_PATH, z.strictObject({}), BrokenGlasses),
  'oversight:meter': get(METER_PATH, z.strictObject({ days: z.int() }), ApprovalMeter),
  'oversight:seed': post(SEEDED_PATH, z.strictObject({ body: SeededCase }), z.object({ approvalId: Id })),
  'oversight:looks': get(COACHING_PATH, z.strictObject({}), CoachingLooks),
  'oversight:coach': post(COACHING_PATH, z.strictObject({ body: CoachingLook }), OverrideFigures),
  'supervision:view': get(SUPERVISION_PATH, z.strictObject({}), SupervisionView),
  'supervision:raised': get(ALERTS_PATH, z.strictObject({}), RaisedAlerts),
  'supervision:call': get(SUPERVISED_PATH, z.strictObject({ callId: Id }), CallSupervision),
  'supervision:coach': post(COACH_PATH, z.strictObject({ callId: Id, body: CoachingText }), z.object({ noteId: Id })),
  'supervision:read': get(TRANSCRIPT_PATH, z.strictObject({ callId: Id, after: z.int().min(0) }), Reading),
  'supervision:alert': post(ALERTS_PATH, z.strictObject({ body: AlertRule }), z.object({ ruleId: Id })),
  'supervision:end-alert': post(`${ALERTS_PATH}/:ruleId/end`, z.strictObject({ ruleId: Id, body: Nothing }), z.object({})),
  'supervision:exclude': post(EXCLUSIONS_PATH, z.strictObject({ body: Exclusion }), z.object({ exclusionId: Id })),
  'supervision:lift': post(`${EXCLUSIONS_PATH}/:exclusionId/lift`, z.strictObject({ exclusionId: Id, body: Nothing }), z.object({})),
  'overrides:queue': get(OVERRIDES_PATH, z.strictObject({ days: z.int() }), OverrideQueue),
  'overrides:cases': get(OVERRIDE_CASES_PATH, CasesRequest, OverrideSample),
  'overrides:case': get(`${OVERRIDE_CASES_PATH}/:outcomeId`, z.strictObject({ outcomeId: Id }), OverrideCase),
  'overrides:verdict': post(
    `${OVERRIDE_CASES_PATH}/:outcomeId/verdict`,
    z.strictObject({ outcomeId: Id, body: OverrideVerdict }),
    OverrideCase,
  ),
  'overrides:items': get(OVERRIDE_ITEMS_PATH, z.strictObject({}), OverrideItems),
  'overrides:item': post(`${OVERRIDE_ITEMS_PATH}/:itemId`, z.strictObject({ itemId: Id, body: ItemChange }), OverrideItem),
  'overrides:figures': get(FIGURES_PATH, z.strictObject({ by: z.enum(FIGURES_BY), days: z.int() }), OverrideFigures),
  'overrides:notices': get(NOTICES_PATH, z.strictObject({}), OverrideNotices),
  'overrides:notice-seen': post(`${NOTICES_PATH}/:itemId/seen`, z.strictObject({ itemId: Id, body: Nothing }), OverrideNotices),
  'contests:open': post(CONTESTS_PATH, z.strictObject({ body: NewContest }), ContestReceipt),
  'contests:about': get(CONTESTABLE_PATH, ContestableQuery, ContestableDecisions),
  'contests:queue': get(CONTESTS_PATH, z.strictObject({}), ContestQueue),
  'contests:view': get(`${CONTESTS_PATH}/:contestId`, z.strictObject({ contestId: Id }), ContestView),
  'contests:assign': post(`${CONTESTS_PATH}/:contestId/assign`, z.strictObject({ contestId: Id, body: ContestAssignment }), ContestView),
  'contests:answer': post(`${CONTESTS_PATH}/:contestId/answer`, z.strictObject({ contestId: Id, body: ContestAnswer }), ContestView),
  'contests:withdraw': post(`${CONTESTS_PATH}/:contestId/withdraw`, z.strictObject({ contestId: Id, body: Nothing }), ContestView),
  'contests:letter': get(`${CONTESTS_PATH}/:contestId/letter`, z.strictObject({ contestId: Id }), ContestLetter),
} as const;

export type CentralChannel = keyof typeof CENTRAL_CHANNELS;
export const CENTRAL_CHANNEL_NAMES = Object.keys(CENTRAL_CHANNELS) as readonly CentralChannel[];
/** What central answers on a channel when it does what it is asked. */
export type CentralAnswer<C extends CentralChannel> = Extract<z.infer<(typeof CENTRAL_CHANNELS)[C]['response']>, { told: true }>['answer'];
