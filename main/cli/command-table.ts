/** Every subcommand of `sotto`. One file each in commands/; a new one is a row here and a file there. */
import type { CommandEntry } from './command.ts';

export const COMMANDS: readonly CommandEntry[] = [
  {
    words: 'start',
    summary: 'Run the demonstration: central, simulated calls, the agent’s window',
    load: async () => (await import('./commands/start.ts')).start,
  },
  {
    words: 'central',
    summary: 'Run a node of central until it is told to end',
    load: async () => (await import('./commands/central.ts')).central,
  },
  {
    words: 'import-calls',
    summary: 'Turn recorded dialogues into call events',
    load: async () => (await import('./commands/import-calls.ts')).importCalls,
  },
  {
    words: 'replay-calls',
    summary: 'Replay recorded call events through the whole engine',
    load: async () => (await import('./commands/replay-calls.ts')).replayCalls,
  },
  {
    words: 'decide',
    summary: 'Decide requests from a file, one record a line',
    load: async () => (await import('./commands/decide.ts')).decide,
  },
  {
    words: 'replay',
    summary: 'Take recorded decisions again and compare them byte for byte',
    load: async () => (await import('./commands/replay.ts')).replay,
  },
  {
    words: 'explain',
    summary: 'Show where every action of a decision ended, and its factors',
    load: async () => (await import('./commands/explain.ts')).explain,
  },
  {
    words: 'policy check',
    summary: 'Check a policy revision: every fault with file, line and reason',
    load: async () => (await import('./commands/policy-check.ts')).policyCheck,
  },
  {
    words: 'policy diff',
    summary: 'Tell what another revision would do to decisions that were taken',
    load: async () => (await import('./commands/policy-diff.ts')).policyDiff,
  },
  {
    words: 'policy lever',
    summary: 'Find the lever with which an action wins a share of decisions',
    load: async () => (await import('./commands/policy-lever.ts')).policyLever,
  },
  {
    words: 'policy factors',
    summary: 'Tell how many decisions each factor of the priority changes',
    load: async () => (await import('./commands/policy-factors.ts')).policyFactors,
  },
  {
    words: 'policy funnel',
    summary: 'Show how many actions are left after each stage of decisions',
    load: async () => (await import('./commands/policy-funnel.ts')).policyFunnel,
  },
  {
    words: 'model train propensity',
    summary: 'Train how likely a customer says yes, from recorded responses',
    load: async () => (await import('./commands/model-train-propensity.ts')).modelTrainPropensity,
  },
  {
    words: 'model train intent',
    summary: 'Train what an utterance is about, from labelled utterances',
    load: async () => (await import('./commands/model-train-intent.ts')).modelTrainIntent,
  },
  {
    words: 'model train next-action',
    summary: 'Train what agents do next, from recorded sessions and flow charts',
    load: async () => (await import('./commands/model-train-next-action.ts')).modelTrainNextAction,
  },
  {
    words: 'model evaluate',
    summary: 'Measure a model bundle on rows it has not seen',
    load: async () => (await import('./commands/model-evaluate.ts')).modelEvaluate,
  },
  {
    words: 'model progressive',
    summary: 'Measure a model that predicts, then learns, response by response',
    load: async () => (await import('./commands/model-progressive.ts')).modelProgressive,
  },
  {
    words: 'evaluate ope',
    summary: 'Estimate what another policy would have earned, from logged choices',
    load: async () => (await import('./commands/evaluate-ope.ts')).evaluateOpe,
  },
  {
    words: 'evaluate challenger',
    summary: 'Compare champion and challenger on the decisions that both scored',
    load: async () => (await import('./commands/evaluate-challenger.ts')).evaluateChallenger,
  },
  {
    words: 'evaluate fairness',
    summary: 'Report how selections and their errors differ between groups',
    load: async () => (await import('./commands/evaluate-fairness.ts')).evaluateFairness,
  },
  {
    words: 'evaluate drift',
    summary: 'Tell what has moved since a model was trained, and whether it still holds',
    load: async () => (await import('./commands/evaluate-drift.ts')).evaluateDrift,
  },
  {
    words: 'experiment plan',
    summary: 'Plan an experiment: how many decisions it needs, for how long',
    load: async () => (await import('./commands/experiment-plan.ts')).experimentPlan,
  },
  {
    words: 'experiment assign',
    summary: 'Assign customers, agents or sites to the arms of an experiment',
    load: async () => (await import('./commands/experiment-assign.ts')).experimentAssign,
  },
  {
    words: 'experiment analyse',
    summary: 'Compare the arms of an experiment with control',
    load: async () => (await import('./commands/experiment-analyse.ts')).experimentAnalyse,
  },
  {
    words: 'model pack',
    summary: 'Make a bundle of an ONNX file and a mapping of its inputs',
    load: async () => (await import('./commands/model-pack.ts')).modelPack,
  },
  {
    words: 'model inspect',
    summary: 'Show what a model file or bundle takes, gives and is made of',
    load: async () => (await import('./commands/model-inspect.ts')).modelInspect,
  },
  {
    words: 'model learnt',
    summary: 'Show what central has learnt from answers',
    load: async () => (await import('./commands/model-learnt.ts')).modelLearnt,
  },
  {
    words: 'model card',
    summary: 'Measure a bundle for the council: figures, segments, drift, refusal',
    load: async () => (await import('./commands/model-card.ts')).modelCardCommand,
  },
  {
    words: 'model sign',
    summary: 'Sign a model bundle as one who approves it',
    load: async () => (await import('./commands/model-sign.ts')).modelSign,
  },
  {
    words: 'trust sign',
    summary: 'Sign a change of the keys that desks trust',
    load: async () => (await import('./commands/trust-sign.ts')).trustSign,
  },
  {
    words: 'bench decide',
    summary: 'Measure a decision against other rule engines and a hand-written loop',
    load: async () => (await import('./commands/bench-decide.ts')).benchDecide,
  },
  {
    words: 'bench regret',
    summary: 'Measure what exploring costs on real sets, beside other ways to explore',
    load: async () => (await import('./commands/bench-regret.ts')).benchRegret,
  },
  {
    words: 'bench latency',
    summary: 'Measure event to painted card and accept to saved answer',
    load: async () => (await import('./commands/bench-latency.ts')).benchLatency,
  },
  {
    words: 'bench central',
    summary: 'Measure central: the return after an outage, and what it holds every day',
    load: async () => (await import('./commands/bench-central.ts')).benchCentral,
  },
  {
    words: 'bench approvals',
    summary: 'Measure how soon what an agent asks is before whoever decides',
    load: async () => (await import('./commands/bench-approvals.ts')).benchApprovals,
  },
  {
    words: 'bench wall',
    summary: 'Measure the live wall: from a desk to the supervisor, and a frame while it is scrolled',
    load: async () => (await import('./commands/bench-wall.ts')).benchWall,
  },
  {
    words: 'bench learn',
    summary: 'Measure how many responses a second the adaptive model learns from',
    load: async () => (await import('./commands/bench-learn.ts')).benchLearn,
  },
  {
    words: 'revision propose',
    summary: 'Propose a revision or a model, with its effect on real decisions',
    load: async () => (await import('./commands/revision-propose.ts')).revisionPropose,
  },
  {
    words: 'revision review',
    summary: 'Approve or decline a change that somebody else proposed',
    load: async () => (await import('./commands/revision-review.ts')).revisionReview,
  },
  {
    words: 'revision publish',
    summary: 'Publish a change that two others proposed and approved',
    load: async () => (await import('./commands/revision-publish.ts')).revisionPublish,
  },
  {
    words: 'revision rollback',
    summary: 'Make the revision before the current one current again',
    load: async () => (await import('./commands/revision-rollback.ts')).revisionRollback,
  },
  {
    words: 'revision status',
    summary: 'Show what is current, what is proposed, and what is taken out',
    load: async () => (await import('./commands/revision-status.ts')).revisionStatus,
  },
  {
    words: 'revision exclude',
    summary: 'Take an action out for everybody at once, with an end',
    load: async () => (await import('./commands/revision-exclude.ts')).revisionExclude,
  },
  {
    words: 'people load',
    summary: 'List people, their roles, teams and accounts from a file',
    load: async () => (await import('./commands/people-load.ts')).peopleLoad,
  },
  {
    words: 'people show',
    summary: 'Show who there is, and what each may do',
    load: async () => (await import('./commands/people-load.ts')).peopleShow,
  },
  {
    words: 'ledger export',
    summary: 'Write the ledger of a desk to a file that anybody can verify',
    load: async () => (await import('./commands/ledger-export.ts')).ledgerExport,
  },
  {
    words: 'subject export',
    summary: 'Write what is held about one customer, and every decision about them with its reasons',
    load: async () => (await import('./commands/subject-export.ts')).subjectExport,
  },
  {
    words: 'subject orders',
    summary: 'Show what was ordered about one customer’s data, and how many desks have carried it out',
    load: async () => (await import('./commands/subject-orders.ts')).subjectOrders,
  },
  {
    words: 'subject hold',
    summary: 'Keep one customer’s data from retention and erasure, for a legal reason and until a day',
    load: async () => (await import('./commands/subject-orders.ts')).subjectHold,
  },
  {
    words: 'subject erase',
    summary: 'Forget one customer, at central and at every desk',
    load: async () => (await import('./commands/subject-orders.ts')).subjectErase,
  },
  {
    words: 'overrides queue',
    summary: 'Show what agents did instead of what they were shown, by action and reason',
    load: async () => (await import('./commands/overrides-queue.ts')).overridesQueue,
  },
  {
    words: 'overrides items',
    summary: 'Show what many overrides of one kind are made of, and who owns it',
    load: async () => (await import('./commands/overrides-items.ts')).overridesItems,
  },
  {
    words: 'overrides figures',
    summary: 'Show how prompts are answered, by action, issue or team',
    load: async () => (await import('./commands/overrides-figures.ts')).overridesFigures,
  },
  {
    words: 'contest open',
    summary: 'Contest a decision in its customer’s words',
    load: async () => (await import('./commands/contest-open.ts')).contestOpen,
  },
  {
    words: 'contest list',
    summary: 'Show contested decisions, the next deadline first',
    load: async () => (await import('./commands/contest-list.ts')).contestList,
  },
  {
    words: 'contest answer',
    summary: 'Answer a contest, as somebody who had no part in the decision',
    load: async () => (await import('./commands/contest-answer.ts')).contestAnswer,
  },
  {
    words: 'contest letter',
    summary: 'Write the reply to a customer who contested a decision, as text or PDF',
    load: async () => (await import('./commands/contest-letter.ts')).contestLetterCommand,
  },
  {
    words: 'witness export',
    summary: 'Fetch central’s signed log of all ledgers, for a witness outside',
    load: async () => (await import('./commands/witness-export.ts')).witnessExport,
  },
  {
    words: 'verify',
    summary: 'Verify an exported ledger, or central’s witness file, and name the first record that is wrong',
    load: async () => (await import('./commands/verify.ts')).verify,
  },
  {
    words: 'diagnostics',
    summary: 'Write what support needs to know of this desk, without personal data',
    load: async () => (await import('./commands/diagnostics.ts')).diagnostics,
  },
  {
    words: 'backup',
    summary: 'Copy the store of a desk to a file, under the same key',
    load: async () => (await import('./commands/backup.ts')).backup,
  },
  {
    words: 'restore',
    summary: 'Put a backup in the place of the store of a desk',
    load: async () => (await import('./commands/restore.ts')).restore,
  },
  {
    words: 'schema',
    summary: 'Print the JSON Schema of a request, a record, an event or a policy',
    load: async () => (await import('./commands/schema.ts')).schema,
  },
];
