import type { Credential } from '@safeguard/http';
import type { Clock, Probe } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import type { Identity, IdentityLog } from '../types.ts';

/** A route of the running server, as its table names it. */
export interface ServedRoute {
  readonly method: string;
  /** With `:name` parameters. */
  readonly path: string;
  readonly auth: 'token' | 'session' | 'either' | 'none';
  readonly errors: string;
}

/** Who an entry of a log says it was. */
export interface NamedActor {
  readonly actor: string;
  /** Id of the entry. */
  readonly id: string;
}

/** What the checks of identity work with; the composition root fills it with what really runs. */
export interface IdentityCheckDeps {
  readonly probe: Probe;
  /** The identity segment. */
  readonly segment: Segment;
  /** A tenant's vault in the identity segment. */
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly clock: Clock;
  readonly log: IdentityLog;
  /** The running one: its limits and its memory are what is tried. */
  readonly identity: Pick<Identity, 'accounts' | 'authenticate' | 'clients' | 'providers' | 'signedIn' | 'tenants'>;
  /** Every route of the server. A few of those that are protected are asked, others each time. */
  readonly routes: () => readonly ServedRoute[];
  /** Actors of the newest entries of a tenant's log, at most so many. */
  readonly newestActors: (tenant: number, count: number) => Promise<readonly NamedActor[]>;
  /** Which of these accounts hold a grant that is in force. */
  readonly holdersAmong: (tenant: number, accounts: readonly string[]) => Promise<readonly string[]>;
  /** The numbers that the sign-in works by at this moment. */
  readonly numbers?: { readonly attempts: number; readonly shortest_characters: number };
  /** What refuses a password that somebody chooses. Default: what `identity` asks itself. Faults as `checkPassword`. */
  readonly checkPassword?: (text: string, context: { login: string; name: string; withSecondFactor: boolean }) => void;
}

const none = { authorization: undefined, cookie: undefined, agent: undefined, dpop: undefined } as const;

/** What a request shows of who asks, as `http` would tell it. */
export const credential = (shown: Partial<Pick<Credential, 'authorization' | 'cookie' | 'agent'>>): Credential => ({
  ...none,
  method: 'GET',
  url: 'https://checks.invalid/fhir/R4/Patient',
  remote: '127.0.0.1',
  certificate: () => undefined,
  ...shown,
});

export const hour_s = 3_600;
export const minute_ms = 60_000;
export const day_ms = 86_400_000;

/** Rows that one check looks at, at most, where each costs an opening. */
export const most_opened = 2_000;
/** Ids that one look-up of exceptions brings, at most; beyond it the check has seen enough. */
export const most_wrong = 200;
