import pg from 'pg';
import { canLogIn, connect } from './connect.ts';
import type { Login } from './endpoint.ts';
import { migrate } from './migrate.ts';
import { provision } from './provision.ts';
import { databaseOf, runtimeRoles } from './roles.ts';
import { scramVerifier } from './scram.ts';
import type { Passwords } from './secrets.ts';
import { checkRowSecurity, secureDatabase } from './secure.ts';
import { type MigrationSet, type SegmentName, segmentNames } from './types.ts';

/** The owner's login per segment; its `database` is one to start from, not the segment's. */
export type Owners = Readonly<Record<SegmentName, Login>>;

export interface Preparation {
  readonly owners: Owners;
  readonly prefix: string;
  readonly passwords: Passwords;
  /** The whole server is ours. */
  readonly ours: boolean;
  readonly migrations: readonly MigrationSet[];
}

/**
 * Roles, databases, migrations, the check of row-level security: after it every segment may be opened.
 * Segments on one server are provisioned together, because roles belong to the server.
 */
export async function prepare({ owners, prefix, passwords, ours, migrations }: Preparation): Promise<void> {
  const servers = Map.groupBy(segmentNames, (name) => `${owners[name].host} ${owners[name].port}`);
  for (const segments of servers.values()) {
    const [first] = segments;
    if (first !== undefined) await provision({ login: owners[first], prefix, segments, passwords, ours });
  }
  await Promise.all(
    segmentNames.map(async (segment) => {
      const login = { ...owners[segment], database: databaseOf(prefix, segment) };
      const sets = migrations.filter((set) => set.segment === segment);
      await prepareDatabase(login, segment, sets, passwords, ours);
    }),
  );
}

async function prepareDatabase(
  login: Login,
  segment: SegmentName,
  sets: readonly MigrationSet[],
  passwords: Passwords,
  ours: boolean,
): Promise<void> {
  const client = await connect(login);
  try {
    await secureDatabase(client, segment);
    await migrate(client, sets);
    await checkRowSecurity(client);
    if (!ours) await alignPasswords(client, login, segment, passwords);
  } finally {
    await client.end();
  }
}

/** On somebody else's server the roles may be older than our passwords (a lost secrets file): then ours count. */
async function alignPasswords(client: pg.Client, owner: Login, segment: SegmentName, passwords: Passwords) {
  for (const { name } of runtimeRoles.filter((role) => role.segment === segment)) {
    const password = passwords[name] ?? '';
    if (await canLogIn({ ...owner, user: name, password })) continue;
    await client.query(`alter role ${name} password ${pg.escapeLiteral(scramVerifier(password))}`);
  }
}
