/** Everything central can be told, parsed once at the start. A config that cannot be right is refused with every reason. */
import { z } from 'zod';
import { ContestLevels } from '#contract/contest.ts';
import { TOKEN_ALGORITHMS } from './access/identity-provider.ts';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

const Limits = z
  .strictObject({
    /** HTTP requests a minute from one address. */
    requestsPerMinute: z.int().min(1).default(6_000),
    /** Call events a second from one producer's socket, over bursts of twice as many. */
    producerEventsPerS: z.int().min(1).default(2_000),
    /** Messages a second from one desk's socket, over bursts of twice as many. */
    deskMessagesPerS: z.int().min(1).default(50),
    /** Bytes of one batch of events. */
    eventBatchBytes: z
      .int()
      .min(1)
      .default(2 * 1024 * 1024),
    /** Events of one batch. */
    eventBatchItems: z.int().min(1).default(500),
    /** Bytes of one POST to the outbox: one item of a million characters, escaped. */
    outboxBytes: z
      .int()
      .min(1)
      .default(4 * 1024 * 1024),
  })
  .prefault({});

const Common = {
  host: z.string().default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(0),
  limits: Limits,
  /** Where accepted actions are sent; null = they wait until they expire. */
  systemOfRecord: z
    .strictObject({ url: z.url({ protocol: /^https?$/ }) })
    .nullable()
    .default(null),
  actions: z
    .strictObject({
      /** The agent may take an acceptance back for this long; the request leaves afterwards. */
      undoMs: z.int().min(0).max(60_000).default(5_000),
      /** A request not answered this long after the acceptance expires. */
      expireAfterMs: z
        .int()
        .min(1_000)
        .max(7 * 86_400_000)
        .default(30 * 60_000),
      /** First wait after a failed attempt; doubles, with jitter, up to a minute. */
      retryMs: z.int().min(1).max(60_000).default(1_000),
      timeoutMs: z.int().min(10).max(60_000).default(5_000),
    })
    .prefault({}),
  /** A change of the keys that desks trust, as `sotto trust sign` writes it; null = they trust what they were enrolled with. */
  trustChangeFile: z.string().min(1).nullable().default(null),
  desks: z
    .strictObject({
      /** How long after a sign-in a person may sign in at the same desk while central cannot be reached. */
      offlineHours: z.number().min(0).max(168).default(12),
    })
    .prefault({}),
  outbox: z
    .strictObject({
      /** Transactions at once that store what desks send; live events have the other connections. */
      workers: z.int().min(1).max(50).default(2),
      /** Items that may wait for their turn; whoever brings more is told when to come again. */
      mostWaiting: z.int().min(50).max(1_000_000).default(10_000),
      /** Items that one transaction carries at most, where batches wait. */
      groupWeight: z.int().min(1).max(1_000).default(400),
    })
    .prefault({}),
  /** How many days each kind is kept; what a legal hold names stays until the hold is over. */
  retention: z
    .strictObject({
      events: z.int().min(1).max(36_500).default(400),
      records: z.int().min(1).max(36_500).default(2_555),
      outcomes: z.int().min(1).max(36_500).default(2_555),
      deadLetters: z.int().min(1).max(36_500).default(90),
    })
    .prefault({}),
  /** Learning from outcomes, where the policy says so. */
  learning: z
    .strictObject({
      /** What was learnt is published this often at most, by central's clock. */
      publishMs: z
        .int()
        .min(1_000)
        .max(7 * 86_400_000)
        .default(3_600_000),
      /** Outcomes older than this many days are forgotten. */
      days: z.int().min(1).max(3_650).default(90),
    })
    .prefault({}),
  /** When overrides of one action, kind and reason become an item that somebody owns: so many, within so many days. */
  overrides: z
    .strictObject({
      size: z.int().min(1).max(100_000).default(10),
      days: z.int().min(1).max(400).default(30),
    })
    .prefault({}),
  /** What becomes of a decision that its customer contests. */
  contests: z
    .strictObject({
      /** Who looks at it, how soon, and who after them. */
      levels: ContestLevels.default([
        { role: 'supervisor', withinDays: 10 },
        { role: 'council', withinDays: 10 },
      ]),
      /** Not answered by then it has run out, which confirms nothing: within the month that the law gives. */
      expiresAfterDays: z.number().positive().max(90).default(28),
      /** The customer's data is held for so long after that. */
      holdDays: z.int().min(0).max(3_650).default(180),
    })
    .prefault({})
    .refine(({ levels, expiresAfterDays }) => levels.reduce((sum, { withinDays }) => sum + withinDays, 0) <= expiresAfterDays, {
      message: 'contests run out before their last level had its time',
    }),
  live: z
    .strictObject({
      /** How long a receiving desk waits for the former desk's answers after a transfer. */
      transferWaitMs: z.int().min(0).max(10_000).default(1_000),
      /** A desk that acknowledges nothing for this long is cut off; it resumes when it is back. */
      ackTimeoutMs: z.int().min(100).max(600_000).default(30_000),
      /** Wake-ups may be lost: this often the table is asked what is new. */
      pollMs: z.int().min(50).max(60_000).default(2_000),
      /** How long an event may wait for its producer's earlier ones. */
      reorderMs: z.int().min(0).max(5_000).default(250),
    })
    .prefault({}),
};

/** Who besides central must sign a model before a desk takes it: one person trains, another approves. */
const models = (least: 1 | 2) =>
  z
    .strictObject({
      /** Different keys that must have signed, central's own among them. */
      signatures: z.int().min(least).max(3).default(least),
      /** PEM files with the public ed25519 keys of those who approve. */
      approverKeyFiles: z.array(z.string().min(1)).max(15).default([]),
    })
    .prefault({})
    .refine(({ signatures, approverKeyFiles }) => approverKeyFiles.length >= signatures - 1, {
      message: 'models need more signatures than there are approverKeyFiles and central together',
    });

const Embedded = z.strictObject({
  mode: z.literal('embedded'),
  /** Folder of the store and of the keys; created when missing. */
  folder: z.string().min(1),
  /** `virtual`: time moves by `tick` alone. */
  clock: z.enum(['system', 'virtual']).default('system'),
  models: models(1),
  ...Common,
});

const Production = z.strictObject({
  mode: z.literal('production'),
  databaseUrl: z.string().regex(/^postgres(ql)?:\/\//, 'must begin with postgres://'),
  maxConnections: z.int().min(2).max(200).default(10),
  statementTimeoutMs: z.int().min(100).max(600_000).default(15_000),
  /** The identity provider (OpenID Connect) at which people sign in, and whose access tokens are believed. */
  signIn: z.strictObject({
    issuer: z.url({ protocol: /^https?$/ }),
    /** Of the desktop, registered there as a public client whose redirect is http://127.0.0.1 with any port, path /callback. */
    clientId: z.string().min(1).max(256),
    /** What the provider calls central (RFC 8707): the audience of its access tokens. */
    resource: z.url(),
    scope: z.string().min(1).max(256).default('openid offline_access'),
    /** What people call the provider. */
    name: z.string().min(1).max(60).default('your organisation'),
    /** What the provider calls (`sub`) who may list people while there is no operator yet. */
    firstOperator: z.string().min(1).max(255).nullable().default(null),
    algorithms: z
      .array(z.enum(TOKEN_ALGORITHMS))
      .min(1)
      .default([...TOKEN_ALGORITHMS]),
  }),
  /** PEM (PKCS 8) of the ed25519 key that signs requests to the system of record. */
  signingKeyFile: z.string().min(1),
  /** Without it only loopback is listened on: central itself speaks no TLS. */
  behindTlsProxy: z.boolean().default(false),
  clock: z.literal('system').default('system'),
  models: models(2),
  ...Common,
});

export const CentralConfig = z.discriminatedUnion('mode', [Embedded, Production]).superRefine((config, context) => {
  const isLoopback = LOOPBACK.includes(config.host);
  if (config.mode === 'embedded' && !isLoopback)
    context.addIssue({
      code: 'custom',
      path: ['host'],
      message: 'the embedded central listens on loopback only: its development issuer hands out tokens',
    });
  if (config.mode === 'production' && !isLoopback && !config.behindTlsProxy)
    context.addIssue({
      code: 'custom',
      path: ['behindTlsProxy'],
      message: 'listening beyond loopback needs a TLS proxy in front, and this set to true',
    });
  if (config.mode === 'production' && !isSecure(config.signIn.issuer))
    context.addIssue({ code: 'custom', path: ['signIn', 'issuer'], message: 'must be https beyond loopback' });
  if (config.mode === 'production' && config.systemOfRecord !== null && !isSecure(config.systemOfRecord.url))
    context.addIssue({ code: 'custom', path: ['systemOfRecord', 'url'], message: 'must be https beyond loopback' });
});

/** As written by who starts central: defaults may be left out. */
export type CentralConfigInput = z.input<typeof CentralConfig>;
export type CentralConfig = z.output<typeof CentralConfig>;

function isSecure(address: string): boolean {
  const url = new URL(address);
  return url.protocol === 'https:' || LOOPBACK.includes(url.hostname.replace(/^\[|\]$/g, ''));
}

/** Throws an error that names every fault of the config, by its path. */
export function parseConfig(input: unknown): CentralConfig {
  const parsed = CentralConfig.safeParse(input);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'config'}: ${issue.message}`);
  throw new Error(`central's config is refused:\n  ${faults.join('\n  ')}`);
}

/** Where the store is, for `openStore`. */
export const storeConfig = (config: CentralConfig) =>
  config.mode === 'embedded'
    ? { folder: config.folder }
    : { databaseUrl: config.databaseUrl, maxConnections: config.maxConnections, statementTimeoutMs: config.statementTimeoutMs };
