import { fault, isUuid, newId } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { openedWithin } from '../break-glass/opened.ts';
import type { GrantDeps, Limits } from '../grants/deps.ts';
import { lockStaying } from '../grants/holder.ts';
import { type Approved, makeGrant } from '../grants/make.ts';
import type { Grant } from '../grants/types.ts';
import type { PersonFacts } from '../people-port.ts';
import type { Policy, RoleDefinition } from '../policy/types.ts';
import { checkMeeting } from './apart.ts';
import { type Approvers, besides, holdersOf, mayStill, neededOf } from './approvers.ts';
import { longestOf } from './check.ts';
import { subjectOf } from './person.ts';
import { checkReason, type SealedReason, sealReason } from './reasons.ts';
import { roleIn } from './role.ts';
import { decisionPurpose, missingRequest, type RequestRow, requestColumns, stateAt } from './rows.ts';

const selectOne = {
  name: 'access.request.by-id',
  text: `select ${requestColumns} from access.request r where r.tenant = $1 and r.id = $2`,
};
const lockOne = {
  name: 'access.request.lock',
  text: `select ${requestColumns} from access.request r where r.tenant = $1 and r.id = $2 for update of r`,
};
const decided = {
  name: 'access.decision.by-whom',
  text: 'select decided_by, verdict from access.decision where tenant = $1 and request = $2',
};
const insert = {
  name: 'access.decision.make',
  text: `insert into access.decision (id, tenant, request, decided_by, verdict, decided_at, key_id, sealed)
    values ($1, $2, $3, $4, $5, $6, $7, $8)`,
};
const settle = {
  name: 'access.request.settle',
  text: 'update access.request set state = $3, needed = $4 where tenant = $1 and id = $2',
};

export type Verdict = 'approve' | 'reject';

/** `by` undefined: the operator, at the machine. */
export interface Deciding {
  readonly tenant: number;
  readonly id: string;
  readonly by: string | undefined;
  readonly verdict: Verdict;
  readonly reason: string | undefined;
}

export async function requestRow({ segment }: Pick<GrantDeps, 'segment'>, tenant: number, id: string) {
  if (!isUuid(id)) return undefined;
  return (await segment.query<RequestRow>(tenant, selectOne, [tenant, id]))[0];
}

/** Everything that is known before the transaction, where other packages may be asked. */
interface Prepared extends Deciding {
  readonly at: number;
  readonly decision: string;
  readonly policy: Policy;
  readonly definition: RoleDefinition;
  readonly approvers: Approvers;
  /** How many may decide this, beside requester and subject. */
  readonly eligible: number;
  /** For whom it is. Of an approval: somebody who can be granted something; a rejection is possible of anybody. */
  readonly account: string;
  readonly person: PersonFacts | undefined;
  readonly told: SealedReason | undefined;
}

const isOwn = ({ asked_by, account }: RequestRow, by: string): boolean => by === asked_by || by === account;

/** Who may: somebody else who holds what the role's approvers hold; without any, the operator. Fault `forbidden`. */
function checkMay(row: RequestRow, by: string | undefined, eligible: ReadonlySet<string>): void {
  if (by === undefined) {
    if (eligible.size === 0) return;
    throw fault('forbidden', 'Somebody of the tenant may decide this: then the operator does not.');
  }
  if (isOwn(row, by)) throw fault('forbidden', 'Nobody decides what they asked for, or what is for them.');
  if (!eligible.has(by)) throw fault('forbidden', 'Access denied: not an approver of this role.');
}

async function prepare(deps: GrantDeps, deciding: Deciding): Promise<Prepared> {
  const { tenant, id, by, verdict, reason } = deciding;
  const row = await requestRow(deps, tenant, id);
  if (row === undefined) throw missingRequest();
  const { policy } = await deps.policies.active(tenant);
  const definition = roleIn(policy, row.role);
  if (definition === undefined) throw fault('conflict', 'The policy has no such role any more.');
  const approvers = await holdersOf(deps, tenant, definition.approvers);
  const eligible = besides(approvers, [row.asked_by, row.account]);
  checkMay(row, by, eligible);
  if (verdict === 'reject' || reason !== undefined) checkReason(reason);
  const { account } = row;
  const person = verdict === 'approve' ? await subjectOf(deps, tenant, account) : undefined;
  const decision = newId();
  const bound = { of: decision, purpose: decisionPurpose };
  const told = reason === undefined ? undefined : await sealReason(await deps.vault(tenant), by, bound, reason);
  const at = deps.clock.now();
  return { ...deciding, at, decision, policy, definition, approvers, eligible: eligible.size, account, person, told };
}

/** The approvals that are there. The request is locked. Fault `conflict`, `forbidden`. */
async function checkOpen(connection: Connection, row: RequestRow, prepared: Prepared): Promise<number> {
  const { tenant, id, by, at, definition, approvers } = prepared;
  const state = stateAt(row, at);
  if (state !== 'open') throw fault('conflict', 'The request is decided, withdrawn or lapsed.');
  const before = await connection.query<{ decided_by: string | null }>(decided, [tenant, id]);
  if (before.some(({ decided_by }) => decided_by === (by ?? null))) {
    throw fault('conflict', 'You decided this already: it takes another person.');
  }
  const asker = by === undefined ? undefined : { account: by, roles: definition.approvers, at };
  if (asker !== undefined && !(await mayStill(connection, tenant, asker, approvers))) {
    throw fault('forbidden', 'Access denied: not an approver of this role.');
  }
  return before.length;
}

/** From when until when it is granted. An emergency is as long as it was asked for, from its approval on. */
function spanOf(
  row: RequestRow,
  { at, definition }: Prepared,
  limits?: Limits,
): { readonly from: number; readonly until: number } {
  const { kind, from_at, until_at, asked_at } = row;
  if (kind === 'break-glass') return { from: at, until: at + until_at.getTime() - asked_at.getTime() };
  const span = { from: Math.max(from_at?.getTime() ?? at, at), until: until_at.getTime() };
  if (span.until <= span.from) throw fault('conflict', 'The time that was asked for is over.');
  if (span.until - span.from <= longestOf(definition, kind, limits)) return span;
  throw fault('conflict', 'The policy allows this role for a shorter time by now: ask again.');
}

async function approve(
  deps: GrantDeps,
  connection: Connection,
  row: RequestRow,
  prepared: Prepared,
  person: PersonFacts,
) {
  const { tenant, id, at, policy } = prepared;
  const { kind, account, role, patients, opens } = row;
  const approved: Approved = {
    tenant,
    request: id,
    kind,
    account,
    role,
    patients,
    opens,
    ...spanOf(row, prepared, deps.limits),
  };
  await checkMeeting(connection, tenant, person, policy, approved);
  const grant = await makeGrant(connection, approved, at);
  if (kind === 'break-glass') await openedWithin(deps, connection, grant, at);
  return grant;
}

/** What the request is after this decision; the request is locked. */
async function decideLocked(deps: GrantDeps, connection: Connection, row: RequestRow, prepared: Prepared) {
  const { tenant, id, by, verdict, at, decision, definition, eligible, told } = prepared;
  const approvals = (await checkOpen(connection, row, prepared)) + 1;
  const said = [told?.key_id ?? null, told?.sealed ?? null];
  await connection.query(insert, [decision, tenant, id, by ?? null, verdict, new Date(at), ...said]);
  const needed = Math.max(row.needed, neededOf(definition, eligible));
  const enough = by === undefined || approvals >= needed;
  const state = verdict === 'reject' ? 'rejected' : enough ? 'approved' : 'open';
  await connection.query(settle, [tenant, id, state, by === undefined ? Math.min(needed, approvals) : needed]);
  if (state === 'open') return undefined;
  const { person } = prepared;
  const granted = state === 'approved' && person !== undefined;
  const grant = granted ? await approve(deps, connection, row, prepared, person) : undefined;
  const to = [row.asked_by, row.account];
  await deps.notices.tell(connection, { tenant, kind: 'request-decided', to, about: id, at });
  return grant;
}

/** Decides, and with the last approval makes the grant, in one transaction. Answers the grant that came of it. */
export async function decide(deps: GrantDeps, deciding: Deciding): Promise<Grant | undefined> {
  const { tenant, id, verdict } = deciding;
  if (verdict !== 'approve' && verdict !== 'reject') throw fault('invalid', 'verdict: expected approve or reject');
  const prepared = await prepare(deps, deciding);
  const grant = await deps.segment.transaction(tenant, async (connection) => {
    await lockStaying(connection, tenant, [prepared.account]);
    const [row] = await connection.query<RequestRow>(lockOne, [tenant, id]);
    if (row === undefined) throw missingRequest();
    return decideLocked(deps, connection, row, prepared);
  });
  if (grant !== undefined) deps.changed?.(tenant);
  return grant;
}
