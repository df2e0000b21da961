/** What the benchmark of central does, and how much of it. */
export interface Plan {
  readonly nodes: number;
  readonly devices: number;
  /** Outcomes each device has queued when the outage ends, each with a record. */
  readonly queuedPerDevice: number;
  readonly eventsPerS: number;
  readonly outcomesPerS: number;
  /** Transactions at once of each node that store what desks send; null: as many as is usual. */
  readonly outboxWorkers: number | null;
  readonly warmUpS: number;
  readonly phaseS: number;
  /** The return is given up after this long. */
  readonly returnAtMostS: number;
}

/** As the targets have it. */
export const FULL: Plan = {
  nodes: 2,
  devices: 2_000,
  queuedPerDevice: 120,
  eventsPerS: 500,
  outcomesPerS: 800,
  outboxWorkers: null,
  warmUpS: 30,
  phaseS: 180,
  returnAtMostS: 900,
};

/** Bytes of a record's body. */
export const RECORD_BYTES = 4_096;

export interface NodeAddress {
  readonly url: string;
}

/** What the generator is started with. */
export interface GeneratorSettings {
  readonly plan: Plan;
  readonly urls: readonly string[];
  /** PKCS 8, PEM, as the nodes have it. */
  readonly signingKeyPem: string;
  readonly policy: string;
}
