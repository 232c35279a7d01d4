import { join } from 'node:path';
import { fault } from '@safeguard/kernel';
import { assemble, type PoolSizes, type Store } from './assemble.ts';
import { type Embedded, type EmbeddedOptions, startEmbedded } from './embedded.ts';
import type { Log, Login } from './endpoint.ts';
import { readUrl } from './external.ts';
import { type Owners, prepare } from './prepare.ts';
import { runtimeRoles } from './roles.ts';
import { keepPasswords } from './secrets.ts';
import type { MigrationSet, SegmentName } from './types.ts';

/** A PostgreSQL that somebody else runs. */
export interface ExternalOptions {
  /** One URL for all segments, or one for each. Its role owns: see the README for the rights it needs. */
  readonly url: string | Readonly<Record<SegmentName, string>>;
  /** PEM file of accepted certificate authorities; default: those that Node trusts. */
  readonly ca?: string;
  /** Absolute directory for the passwords of the runtime roles. Replicas must share it. */
  readonly secrets: string;
}

export interface StoreOptions {
  /** Exactly one of `embedded` and `external`. */
  readonly embedded?: Omit<EmbeddedOptions, 'log'>;
  readonly external?: ExternalOptions;
  /** Run, in this order, before the store is handed out. */
  readonly migrations: readonly MigrationSet[];
  /** Most connections per segment. Default 10, 10, 4. */
  readonly pools?: PoolSizes;
  /** Stands before the database names, to share a server: lower-case letters, digits and `_`, at most 20. */
  readonly prefix?: string;
  readonly log: Log;
}

const prefixForm = /^[a-z0-9_]{0,20}$/;

/**
 * Opens the three segments: starts the embedded PostgreSQL or reaches the external one, makes roles and databases,
 * migrates, and refuses a database whose tenants are not behind row-level security. When it resolves, all is ready.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { prefix = '', log } = options;
  if (!prefixForm.test(prefix)) throw fault('invalid', 'The database prefix may have a-z, 0-9 and _, at most 20.');
  const embedded = options.embedded && (await startEmbedded({ ...options.embedded, log }));
  try {
    const owners = readOwners(options, embedded);
    const passwords = keepPasswords(
      secretsOf(options, embedded),
      runtimeRoles.map(({ name }) => name),
    );
    const ours = embedded !== undefined;
    await prepare({ owners, prefix, passwords, ours, migrations: options.migrations });
    return assemble({ owners, passwords, prefix, pools: options.pools ?? {}, log, embedded });
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

function readOwners({ external }: StoreOptions, embedded: Embedded | undefined): Owners {
  const one = (segment: SegmentName): Login => {
    if (embedded !== undefined) return embedded.login;
    if (external === undefined) throw fault('invalid', 'Either an embedded or an external database must be given.');
    return readUrl(typeof external.url === 'string' ? external.url : external.url[segment], external.ca);
  };
  return { identity: one('identity'), clinical: one('clinical'), ledger: one('ledger') };
}

function secretsOf({ external }: StoreOptions, embedded: Embedded | undefined): string {
  return embedded?.secrets ?? join(external?.secrets ?? '', 'postgres.json');
}
