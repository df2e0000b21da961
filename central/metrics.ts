/**
 * What this node tells Prometheus: the four golden signals (latency, traffic, errors, saturation) of the call events' way and of the
 * decisions' way. Labels are closed sets of words: no name, number or id of anybody is ever one.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { REFRAIN_REASONS, RUNGS } from '#contract/reason-codes.ts';
import type { DecisionRecord } from '#contract/decision-record.ts';

const QUICK_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Records may be days late, when a desk was. */
const AGE_S = [1, 5, 30, 300, 3_600, 86_400, 604_800];

/** What is asked when Prometheus asks: how full this node is. */
export interface Saturation {
  readonly desks: () => number;
  readonly outbox: () => { readonly waiting: number; readonly storing: number };
  readonly intake: () => { readonly waiting: number; readonly storing: number };
  readonly connections: () => { readonly total: number; readonly idle: number; readonly waiting: number };
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #operations: Counter<'part' | 'result'>;
  readonly #requests: Histogram<'method' | 'route' | 'status'>;
  readonly #stored: Histogram;
  readonly #delivered: Histogram<'message'>;
  readonly #batches: Histogram;
  readonly #decisions: Counter<'result' | 'rung'>;
  readonly #decisionAge: Histogram;

  constructor() {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#operations = new Counter({
      name: 'sotto_operations_total',
      help: 'What was taken, refused or failed, and why',
      labelNames: ['part', 'result'],
      registers,
    });
    this.#requests = new Histogram({
      name: 'sotto_http_request_seconds',
      help: 'HTTP requests from the first byte to the answer',
      labelNames: ['method', 'route', 'status'],
      buckets: QUICK_S,
      registers,
    });
    this.#stored = new Histogram({
      name: 'sotto_event_stored_seconds',
      help: 'Call events from their arrival at this node to their commit',
      buckets: QUICK_S,
      registers,
    });
    this.#delivered = new Histogram({
      name: 'sotto_desk_acknowledged_seconds',
      help: 'Messages from this node to a desk until the desk has processed them',
      labelNames: ['message'],
      buckets: QUICK_S,
      registers,
    });
    this.#batches = new Histogram({
      name: 'sotto_outbox_batch_seconds',
      help: 'Batches of desks from their arrival to their commit, waiting included',
      buckets: QUICK_S,
      registers,
    });
    this.#decisions = new Counter({
      name: 'sotto_decisions_total',
      help: 'Decisions whose records were stored, by what was decided and how degraded it was',
      labelNames: ['result', 'rung'],
      registers,
    });
    this.#decisionAge = new Histogram({
      name: 'sotto_decision_age_seconds',
      help: 'How long ago a decision was taken when its record was stored',
      buckets: AGE_S,
      registers,
    });
    for (const rung of RUNGS) this.#decisions.inc({ result: 'show', rung }, 0);
    for (const reason of REFRAIN_REASONS) this.#decisions.inc({ result: `refrain ${reason}`, rung: RUNGS[0] }, 0);
  }

  /** `name` is a count's: `part: result`. */
  counted(name: string, n: number): void {
    const [part = name, result = ''] = name.split(': ');
    this.#operations.inc({ part, result }, n);
  }

  /** `route` is the pattern, never the address that was asked for. */
  requested(method: string, route: string, status: number, ms: number): void {
    this.#requests.observe({ method, route, status }, ms / 1_000);
  }

  eventStored(ms: number): void {
    this.#stored.observe(ms / 1_000);
  }

  acknowledged(message: string, ms: number): void {
    this.#delivered.observe({ message }, ms / 1_000);
  }

  batchStored(ms: number): void {
    this.#batches.observe(ms / 1_000);
  }

  decisionStored({ result, rung, atMs }: Pick<DecisionRecord, 'result' | 'rung' | 'atMs'>, nowMs: number): void {
    this.#decisions.inc({ result: result.kind === 'show' ? 'show' : `refrain ${result.reason}`, rung });
    this.#decisionAge.observe(Math.max(0, nowMs - atMs) / 1_000);
  }

  /** To be called once. */
  watch({ desks, outbox, intake, connections }: Saturation): void {
    const gauge = (name: string, help: string, read: () => Readonly<Record<string, number>>): void => {
      const one: Gauge<'state'> = new Gauge({
        name,
        help,
        labelNames: ['state'],
        registers: [],
        collect: () => {
          for (const [state, n] of Object.entries(read())) one.set({ state }, n);
        },
      });
      this.#registry.registerMetric(one);
    };
    gauge('sotto_desks', 'Desks connected to this node', () => ({ connected: desks() }));
    gauge('sotto_outbox_batches', 'Batches of desks that wait or are being stored', () => ({ ...outbox() }));
    gauge('sotto_intake_events', 'Call events that wait, and transactions that store some', () => ({ ...intake() }));
    gauge('sotto_database_connections', 'Connections to PostgreSQL, and who waits for one', () => ({ ...connections() }));
  }

  /** In Prometheus's text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }
}
