import { z } from 'zod';

/** What the reference page and the loader know of a setting beside its type. */
export interface Meta {
  readonly description: string;
  /** Never printed; may come from a file: `<ENV>_FILE`, or `<name>_file` in the settings file. */
  readonly secret?: true;
  /** The default in words, where it is computed. */
  readonly otherwise?: string;
}

const whole = (least: number, most: number, preset: number, description: string) =>
  z.int().min(least).max(most).default(preset).meta({ description });
const path = (description: string, otherwise = 'none') => z.string().min(1).optional().meta({ description, otherwise });
const postgresUrl = (description: string) =>
  z
    .url({ protocol: /^postgres(?:ql)?$/, error: 'expected a URL that begins with postgresql://' })
    .optional()
    .meta({ description, secret: true, otherwise: 'none' });
const hostName = z.string().regex(/^[A-Za-z0-9.:_-]{1,253}$/, { error: 'expected a host name or an IP address' });

const KiB = 1024;
const MiB = 1024 * KiB;
const hour_ms = 3_600_000;

const database = z.strictObject({
  url: postgresUrl('External PostgreSQL for all three segments. Without it, the embedded one is used.'),
  identity_url: postgresUrl('External PostgreSQL of the identity segment alone; outranks `database.url`.'),
  clinical_url: postgresUrl('External PostgreSQL of the clinical segment alone; outranks `database.url`.'),
  ledger_url: postgresUrl('External PostgreSQL of the ledger alone; outranks `database.url`.'),
  ca_file: path('Certificate authority that signed the certificates of the external PostgreSQL (PEM).', 'the system’s'),
  binaries: z.enum(['auto', 'system', 'npm']).default('auto').meta({
    description:
      'Whose PostgreSQL the embedded one is: the machine’s (15 or newer), the npm package’s, or the first found.',
  }),
});

const pools = z.strictObject({
  identity: whole(2, 500, 10, 'Connections to the identity segment, at most.'),
  clinical: whole(2, 500, 10, 'Connections to the clinical segment, at most.'),
  ledger: whole(3, 500, 6, 'Connections to the ledger, at most; one is held for good by the claim on its shard.'),
});

const keys = z.strictObject({
  directory: path('Directory of the root key, made with mode 0700.', '`<data>/keys`'),
  passphrase: z.string().min(12, { error: 'expected at least 12 characters' }).optional().meta({
    description: 'Opens the root key (through argon2id). Without it, the root key is a file with mode 0600.',
    secret: true,
    otherwise: 'none',
  }),
});

const limits = z.strictObject({
  body_bytes: whole(KiB, 64 * MiB, MiB, 'Largest body of a single resource.'),
  bundle_bytes: whole(KiB, 1024 * MiB, 64 * MiB, 'Largest body of a batch or transaction.'),
  header_bytes: whole(4 * KiB, 64 * KiB, 16 * KiB, 'All headers of a request together.'),
  url_bytes: whole(KiB, 32 * KiB, 8 * KiB, 'Longest request target.'),
  connections: whole(16, 100_000, 1_024, 'Open connections per bound address; more are dropped.'),
  inflight_bytes: whole(
    MiB,
    64 * 1024 * MiB,
    256 * MiB,
    'All bodies being received or handled together; more are told 503.',
  ),
});

const deadlines = z.strictObject({
  request_ms: whole(100, hour_ms, 30_000, 'From the end of the headers to the answer.'),
  bundle_ms: whole(100, hour_ms, 300_000, 'The same for a batch or transaction.'),
  ledger_ms: whole(50, 60_000, 5_000, 'For the ledger to make an event durable; then the request is told 503.'),
  headers_ms: whole(100, 60_000, 10_000, 'For a TLS handshake, and for the headers of a request, to arrive.'),
  idle_ms: whole(100, 120_000, 15_000, 'Longest silence inside a body, or of a caller that does not read its answer.'),
  keep_alive_ms: whole(100, hour_ms, 60_000, 'Longest silence between two requests of a connection.'),
  stop_ms: whole(0, 600_000, 20_000, 'For requests in flight when the server stops.'),
});

/**
 * Every setting. A leaf's path is its name: `limits.body_bytes` is `SAFEGUARD_LIMITS_BODY_BYTES` in the environment.
 */
export const schema = z.strictObject({
  data: z.string().min(1).default('./data').meta({
    description: 'Directory of all state of an embedded instance, and of the settings file `safeguard.json`.',
  }),
  host: hostName.default('localhost').meta({
    description: 'Address to listen on. `localhost` is 127.0.0.1 and, where the machine has it, ::1.',
  }),
  port: whole(0, 65_535, 8_443, 'Port to listen on; 0 lets the system choose.'),
  public_url: z
    .url({ protocol: /^https?$/, error: 'expected a URL that begins with https://' })
    .optional()
    .meta({
      description: 'Base that callers use, where it is another than the address listened on (behind a proxy).',
      otherwise: '`https://<host>:<port>`',
    }),
  tls: z.enum(['on', 'off']).default('on').meta({ description: '`off` is accepted on a loopback host only.' }),
  tls_certificate_file: path('Own certificate with its chain (PEM).', 'made by the local authority'),
  tls_key_file: path('Private key of the own certificate (PEM, mode 0600).', 'made by the local authority'),
  tls_client_certificates: z
    .enum(['off', 'ask'])
    .default('off')
    .meta({
      description:
        'With `ask`, callers may show a certificate: clients can authenticate with it and bind their tokens to it ' +
        '(RFC 8705). Browsers that hold certificates then ask their person for one.',
    }),
  tls_client_authorities_file: path(
    'Authorities (PEM) whose certificates clients may prove themselves with (`tls_client_auth`, RFC 8705 2.1).',
  ),
  tls_hsts_subdomains: z
    .enum(['off', 'on'])
    .default('off')
    .meta({
      description:
        'With `on`, browsers are told to reach every host below this one by TLS alone, for two years (HSTS ' +
        '`includeSubDomains`, RFC 6797). Only where no server below the name speaks plain HTTP.',
    }),
  tls_hosts: z.array(hostName).default([]).meta({
    description: 'More names and addresses for the certificate of the local authority; with commas in the environment.',
  }),
  database,
  pools,
  keys,
  limits,
  deadlines,
  tokens: z.strictObject({ lifetime_s: whole(60, 86_400, 3_600, 'How long an access token lives.') }),
  sessions: z.strictObject({
    idle_s: whole(60, 900, 900, 'How long a person may do nothing before they have to sign in again.'),
    absolute_s: whole(300, 43_200, 43_200, 'How long a sign-in lasts at most.'),
  }),
  passwords: z.strictObject({
    shortest_characters: whole(
      8,
      64,
      8,
      'Shortest password beside a second factor; 15 at least where it stands alone.',
    ),
  }),
  sign_in: z.strictObject({
    attempts: whole(3, 10, 10, 'Failures in a row after which each further one costs a wait that doubles.'),
  }),
  access: z.strictObject({
    elevation_hours: whole(1, 8, 8, 'Longest elevation of somebody’s rights.'),
    break_glass_minutes: whole(1, 60, 60, 'Longest emergency access (break-glass).'),
    break_glass_review_days: whole(1, 10, 2, 'Working days within which each emergency access is reviewed.'),
    review_days: whole(1, 365, 90, 'Days between two reviews of all grants, where a tenant has set no others.'),
    review_answer_days: whole(1, 60, 14, 'Days that such a review takes, where a tenant has set no others.'),
  }),
  ledger: z.strictObject({
    checkpoint_s: whole(1, 60, 1, 'Longest time after which a log that grew is signed.'),
  }),
  programme: z.strictObject({
    directory: path(
      'Directory of the compliance programme: controls, policies, parameters.',
      'the one that comes along',
    ),
    schedule: z.enum(['on', 'off']).default('on').meta({
      description: 'With `off`, checks run only when asked for, and go stale: controls become unknown.',
    }),
    trust: z.enum(['on', 'off']).default('on').meta({ description: 'The public page `/trust`.' }),
    unmet: z.enum(['named', 'counted']).default('named').meta({
      description: 'Whether `/trust` names what is not met, or only counts it. Neither ever shows it as met.',
    }),
  }),
  fetch_allow: z
    .array(hostName)
    .default([])
    .meta({
      description:
        'Hosts in private networks from which keys and metadata of clients and identity providers may be fetched. ' +
        'Every other private, loopback or link-local address is refused.',
    }),
  log: z.strictObject({
    level: z
      .enum(['debug', 'info', 'warn', 'error'])
      .default('info')
      .meta({ description: 'Least weight of a log line.' }),
  }),
  mail: z.strictObject({
    url: z
      .url({ protocol: /^smtps?$/, error: 'expected a URL that begins with smtps:// or smtp://' })
      .optional()
      .meta({
        description:
          'Server that notices are sent through: `smtps://user:password@mail.example:465`, or `smtp://` with ' +
          'STARTTLS. Without it, notices stand at our own pages only.',
        secret: true,
        otherwise: 'none',
      }),
    from: z.email({ error: 'expected an e-mail address' }).optional().meta({
      description: 'Address that notices come from. Needed with `mail.url`.',
      otherwise: 'none',
    }),
  }),
  metrics: z.strictObject({
    token: z.string().min(32, { error: 'expected at least 32 characters' }).optional().meta({
      description: 'Bearer token that opens `/metrics`. Without it, only a direct loopback connection does.',
      secret: true,
      otherwise: 'none',
    }),
  }),
});
