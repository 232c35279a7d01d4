import { fault } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import type { GrantDeps } from '../grants/deps.ts';
import type { AccessRequest, RequestDecision, RequestState } from '../grants/types.ts';
import { openReasons, type SealedReason } from './reasons.ts';

export type RequestRow = {
  id: string;
  tenant: number;
  kind: AccessRequest['kind'];
  account: string;
  role: string;
  patients: string[] | null;
  opens: string[] | null;
  asked_by: string;
  asked_at: Date;
  from_at: Date | null;
  until_at: Date;
  lapses_at: Date;
  state: Exclude<RequestState, 'lapsed'>;
  needed: number;
  key_id: number;
  sealed: Buffer;
  grant_id: string | null;
};

export type DecisionRow = {
  id: string;
  request: string;
  decided_by: string | null;
  verdict: RequestDecision['verdict'];
  decided_at: Date;
  key_id: number | null;
  sealed: Buffer | null;
};

/** The columns of a RequestRow, of `access.request r`. */
export const requestColumns = `r.id, r.tenant, r.kind, r.account, r.role, r.patients, r.opens, r.asked_by, r.asked_at,
  r.from_at, r.until_at, r.lapses_at, r.state, r.needed, r.key_id, r.sealed,
  (select g.id from access.grant g where g.request = r.id and g.tenant = $1) as grant_id`;

export const requestPurpose = 'access request reason';
export const decisionPurpose = 'access decision reason';

export const missingRequest = () => fault('missing', 'There is no such request.');

const insert = {
  name: 'access.request.make',
  text: `insert into access.request (id, tenant, kind, account, role, patients, opens, asked_by, asked_at, from_at,
      until_at, lapses_at, state, needed, key_id, sealed)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
};
const decisionsOf = {
  name: 'access.decision.of-requests',
  text: `select id, request, decided_by, verdict, decided_at, key_id, sealed from access.decision
    where tenant = $1 and request = any ($2::uuid[]) order by decided_at, id`,
};

/** Time lapses a request, nobody writes so. */
export const stateAt = ({ state, lapses_at }: Pick<RequestRow, 'state' | 'lapses_at'>, at: number): RequestState =>
  state === 'open' && lapses_at.getTime() <= at ? 'lapsed' : state;

export async function insertRequest(connection: Connection, row: Omit<RequestRow, 'grant_id'>): Promise<void> {
  const { id, tenant, kind, account, role, patients, opens, asked_by, asked_at } = row;
  const { from_at, until_at, lapses_at, state, needed, key_id, sealed } = row;
  const what = [id, tenant, kind, account, role, patients, opens, asked_by, asked_at];
  await connection.query(insert, [...what, from_at, until_at, lapses_at, state, needed, key_id, sealed]);
}

function decisionOf(row: DecisionRow, reason: string | undefined): RequestDecision {
  const { decided_by, verdict, decided_at } = row;
  const by = decided_by ?? 'operator';
  return { by, verdict, ...(reason === undefined ? {} : { reason }), at: decided_at.getTime() };
}

function requestOf(row: RequestRow, at: number, reason: string, decisions: readonly RequestDecision[]): AccessRequest {
  const { id, tenant, kind, account, role, patients, opens, asked_by, from_at, needed, grant_id } = row;
  return {
    ...{ id, tenant, kind, account, role, asked_by, needed, reason, decisions },
    ...(patients === null ? {} : { patients }),
    ...(opens === null ? {} : { opens }),
    asked_at: row.asked_at.getTime(),
    ...(from_at === null ? {} : { from: from_at.getTime() }),
    until: row.until_at.getTime(),
    state: stateAt(row, at),
    ...(grant_id === null ? {} : { grant: grant_id }),
  };
}

const isSealed = (row: DecisionRow): row is DecisionRow & SealedReason => row.sealed !== null;

/** The requests with their decisions and reasons, in the order of the rows. */
export async function asRequests(
  { segment, vault, clock }: Pick<GrantDeps, 'segment' | 'vault' | 'clock'>,
  tenant: number,
  rows: readonly RequestRow[],
): Promise<AccessRequest[]> {
  if (rows.length === 0) return [];
  const decisions = await segment.query<DecisionRow>(tenant, decisionsOf, [tenant, rows.map(({ id }) => id)]);
  const written = decisions.filter(isSealed);
  const opened = await openReasons(await vault(tenant), [
    ...rows.map(({ id, key_id, sealed }) => ({ key_id, sealed, of: id, purpose: requestPurpose })),
    ...written.map(({ id, key_id, sealed }) => ({ key_id, sealed, of: id, purpose: decisionPurpose })),
  ]);
  const said = new Map(written.map(({ id }, index) => [id, opened[rows.length + index]]));
  const byRequest = Map.groupBy(decisions, ({ request }) => request);
  return rows.map((row, index) => {
    const own = (byRequest.get(row.id) ?? []).map((one) => decisionOf(one, said.get(one.id)));
    return requestOf(row, clock.now(), opened[index] ?? '', own);
  });
}
