import { readFileSync, statSync } from 'node:fs';
import { fault } from '@safeguard/kernel';

/** The operating-system account that PostgreSQL runs as. Undefined ids: the account of this process. */
export interface Account {
  readonly name: string;
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * Chooses the account for PostgreSQL, which refuses to run as root. A normal user keeps its own account; root gives way
 * to the owner of the existing cluster, else to `postgres`, else to `nobody`.
 * @param cluster the PGDATA directory, which may not exist yet
 */
export function chooseAccount(cluster: string): Account {
  const own = process.getuid?.();
  if (own !== 0) return { name: `uid ${own ?? 'unknown'}` };
  const accounts = readAccounts();
  const owner = statSync(cluster, { throwIfNoEntry: false })?.uid;
  const account =
    owner === undefined || owner === 0
      ? (accounts.find((a) => a.name === 'postgres') ?? accounts.find((a) => a.name === 'nobody'))
      : (accounts.find((a) => a.uid === owner) ?? { name: `uid ${owner}`, uid: owner, gid: owner });
  if (account !== undefined) return account;
  throw fault(
    'internal',
    'PostgreSQL does not run as root, and there is no account "postgres" or "nobody" to run it as. ' +
      'Make one, or start Safeguard as a normal user.',
  );
}

function readAccounts(): { name: string; uid: number; gid: number }[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter(({ name, uid }) => name !== '' && uid > 0);
}
