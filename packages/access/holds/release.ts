import { checkFresh, type Principal } from '@safeguard/http';
import { fault, isUuid } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { nextChange } from '../grants/change.ts';
import type { GrantDeps } from '../grants/deps.ts';
import { lockHolders } from '../grants/holder.ts';
import { officers } from '../product.ts';
import { type Approvers, besides, holdersOf, mayStill } from '../requests/approvers.ts';
import { checkWorkforce } from '../requests/person.ts';
import { checkReason, type SealedReason, sealReason } from '../requests/reasons.ts';
import { type HoldRow, holdColumns, holdTables, missingHold, releasePurpose } from './rows.ts';
import type { Hold } from './types.ts';

const selectOne = {
  name: 'access.hold.by-id',
  text: `select ${holdColumns} from ${holdTables} where h.tenant = $1 and h.id = $2`,
};
const standing = {
  name: 'access.hold.of-account',
  text: `select ${holdColumns} from ${holdTables} where h.tenant = $1 and h.account = $2 and r.hold is null`,
};
const insert = {
  name: 'access.hold.release',
  text: `insert into access.hold_release (hold, tenant, released_by, released_at, key_id, sealed)
    values ($1, $2, $3, $4, $5, $6) on conflict (hold) do nothing returning hold`,
};

type Deps = Omit<GrantDeps, 'policies' | 'log'>;

export async function holdRow({ segment }: Pick<Deps, 'segment'>, tenant: number, id: string) {
  if (!isUuid(id)) return undefined;
  return (await segment.query<HoldRow>(tenant, selectOne, [tenant, id]))[0];
}

/** Officers who do not manage accounts: whose program it was, an administrator may be. */
const apart = ['security-officer', 'privacy-officer'] as const;

interface Releasers {
  readonly roles: readonly string[];
  readonly approvers: Approvers;
  readonly eligible: ReadonlySet<string>;
}

const isByPerson = ({ caused_kind }: Pick<HoldRow, 'caused_kind'>): boolean =>
  caused_kind === 'user' || caused_kind === 'operator';

/** Who may release what holds an account, given all that does. */
async function releasersOf(deps: Deps, tenant: number, account: string, all: readonly HoldRow[]): Promise<Releasers> {
  const roles = all.every(isByPerson) ? officers : apart;
  const approvers = await holdersOf(deps, tenant, roles);
  const managers = roles === officers ? [] : [...besides(await holdersOf(deps, tenant, ['administrator']), [])];
  const causers = all.flatMap(({ caused_by }) => caused_by ?? []);
  return { roles, approvers, eligible: besides(approvers, [account, ...causers, ...managers]) };
}

/** What holds the account, all of it. */
const allOf = ({ query }: Pick<Connection, 'query'>, tenant: number, account: string): Promise<HoldRow[]> =>
  query<HoldRow>(standing, [tenant, account]);

const asTenant = ({ segment }: Deps, tenant: number): Pick<Connection, 'query'> => ({
  query: (statement, values) => segment.query(tenant, statement, values),
});

export async function mayRelease(deps: Deps, { tenant, id }: Principal, { account, released }: Hold): Promise<boolean> {
  if (released !== undefined) return false;
  const all = await allOf(asTenant(deps, tenant), tenant, account);
  return (await releasersOf(deps, tenant, account, all)).eligible.has(id);
}

/** `by` undefined: the operator, at the machine. */
interface Releasing {
  readonly tenant: number;
  readonly id: string;
  readonly by: string | undefined;
  readonly reason: string;
}

interface Prepared extends Releasing {
  readonly row: HoldRow;
  readonly releasers: Releasers;
  readonly told: SealedReason;
  readonly at: number;
}

function checkMay(
  { account }: HoldRow,
  by: string | undefined,
  all: readonly HoldRow[],
  eligible: Releasers['eligible'],
) {
  if (by === undefined) {
    if (eligible.size === 0) return;
    throw fault('forbidden', 'Somebody of the tenant may release this: then the operator does not.');
  }
  if (by === account || all.some(({ caused_by }) => caused_by === by)) {
    throw fault('forbidden', 'Nobody releases what is on themselves, or what they caused.');
  }
  if (!eligible.has(by)) throw fault('forbidden', 'Access denied: another officer releases this.');
}

const over = () => fault('conflict', 'It is released already.');

async function prepare(deps: Deps, releasing: Releasing): Promise<Prepared> {
  const { tenant, id, by, reason } = releasing;
  const row = await holdRow(deps, tenant, id);
  if (row === undefined) throw missingHold();
  if (row.released_at !== null) throw over();
  const all = await allOf(asTenant(deps, tenant), tenant, row.account);
  const releasers = await releasersOf(deps, tenant, row.account, all);
  checkMay(row, by, all, releasers.eligible);
  checkReason(reason);
  const told = await sealReason(await deps.vault(tenant), by, { of: id, purpose: releasePurpose }, reason);
  return { ...releasing, row, releasers, told, at: deps.clock.now() };
}

/** The holder is locked: what holds it now is all that does. */
async function checkStill(connection: Connection, { tenant, by, row, releasers, at }: Prepared): Promise<void> {
  if (by === undefined) return;
  const all = await allOf(connection, tenant, row.account);
  if (!all.every(isByPerson) && releasers.roles === officers)
    throw fault('conflict', 'It changed meanwhile: read it again.');
  checkMay(row, by, all, releasers.eligible);
  const { roles, approvers } = releasers;
  if (await mayStill(connection, tenant, { account: by, roles, at }, approvers)) return;
  throw fault('forbidden', 'Access denied: another officer releases this.');
}

async function write(deps: Deps, connection: Connection, prepared: Prepared): Promise<void> {
  const { tenant, id, by, row, told, at } = prepared;
  await lockHolders(connection, tenant, [row.account]);
  await checkStill(connection, prepared);
  const values = [id, tenant, by ?? null, new Date(at), told.key_id, told.sealed];
  if ((await connection.query(insert, values)).length === 0) throw over();
  const to = [row.account, ...(row.caused_kind === 'user' && row.caused_by !== null ? [row.caused_by] : [])];
  await deps.notices.tell(connection, { tenant, kind: 'hold-released', to, about: id, at });
  await nextChange(connection, tenant);
}

async function releaseBy(deps: Deps, releasing: Releasing): Promise<void> {
  const prepared = await prepare(deps, releasing);
  const { tenant } = releasing;
  await deps.segment.transaction(tenant, (connection) => write(deps, connection, prepared));
  deps.changed?.(tenant);
}

/** See `Holds.release`. */
export async function release(deps: Deps, by: Principal, id: string, reason: string): Promise<void> {
  checkWorkforce(by);
  checkFresh(by, deps.clock.now());
  await releaseBy(deps, { tenant: by.tenant, id, by: by.id, reason });
}

export const releaseAsOperator = (deps: Deps, tenant: number, id: string, reason: string): Promise<void> =>
  releaseBy(deps, { tenant, id, by: undefined, reason });
