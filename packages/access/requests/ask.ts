import type { Principal } from '@safeguard/http';
import { fault, newId } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import type { GrantDeps } from '../grants/deps.ts';
import { lockStaying } from '../grants/holder.ts';
import type { NewRequest } from '../grants/types.ts';
import type { PersonFacts } from '../people-port.ts';
import type { Policy } from '../policy/types.ts';
import { checkMeeting, isElevated, operates } from './apart.ts';
import { besides, holdersOf, neededOf } from './approvers.ts';
import { type Checked, checked, day_ms } from './check.ts';
import { checkWorkforce, subjectOf } from './person.ts';
import { sealReason } from './reasons.ts';
import { invalid, issue } from './role.ts';
import { insertRequest, requestPurpose } from './rows.ts';

/** How long a request waits for a decision. */
const lapse_ms = 30 * day_ms;
/** Of one requester, undecided. */
const mostOpen = 50;

const countOpen = {
  name: 'access.request.count-open',
  text: `select count(*)::int as n from access.request
    where tenant = $1 and asked_by = $2 and state = 'open' and lapses_at > $3`,
};

export async function checkNotMany(connection: Connection, tenant: number, asker: string, at: Date): Promise<void> {
  const [row] = await connection.query<{ n: number }>(countOpen, [tenant, asker, at]);
  if ((row?.n ?? 0) < mostOpen) return;
  throw fault('tooMany', `${mostOpen} requests wait for a decision already: withdraw some, or wait.`);
}

type Kind = 'standing' | 'elevation';

const elevate = 'another way: this role is held for a while only, by an elevation';
const stand = 'a role that is held by elevations';

/** An operator's other roles are for a while; and an elevation is for roles that are held so. */
async function checkKind(
  connection: Connection,
  tenant: number,
  kind: Kind,
  policy: Policy,
  wanted: { readonly account: string; readonly role: string; readonly from: number; readonly until: number },
): Promise<void> {
  const { role } = wanted;
  const must = isElevated(policy, role) || (role !== 'operator' && (await operates(connection, tenant, wanted)));
  if (must === (kind === 'elevation')) return;
  throw invalid([issue('role', must ? elevate : stand)]);
}

interface Asking {
  readonly tenant: number;
  readonly id: string;
  readonly asker: string;
  readonly person: PersonFacts;
  readonly kind: Kind;
  readonly policy: Policy;
  readonly wanted: Checked;
  readonly at: number;
}

/** All of one transaction but the insert: what must hold at its commit. */
async function checkWithin(connection: Connection, asking: Asking): Promise<void> {
  const { tenant, asker, person, kind, policy, wanted, at } = asking;
  const { role, patients, opens, until } = wanted;
  const from = wanted.from ?? at;
  await lockStaying(connection, tenant, [asker, person.id]);
  await checkNotMany(connection, tenant, asker, new Date(at));
  await checkKind(connection, tenant, kind, policy, { account: person.id, role, from, until });
  await checkMeeting(connection, tenant, person, policy, { role, kind, patients, opens, from, until });
}

/** Of an elevation: by when it would be over anyway. */
const lapseOf = ({ kind, at, wanted }: Asking): Date =>
  new Date(kind === 'elevation' ? wanted.until : Math.min(at + lapse_ms, wanted.until));

function rowOf({ tenant, id, asker, person, kind, wanted, at }: Asking) {
  const { role, patients, opens, from, until } = wanted;
  return {
    ...{ id, tenant, kind, role, account: person.id, asked_by: asker, asked_at: new Date(at) },
    patients: patients === null ? null : [...patients],
    opens: opens === null ? null : [...opens],
    from_at: from === null ? null : new Date(from),
    until_at: new Date(until),
    state: 'open' as const,
  };
}

/** Writes the request and tells those who may decide it. Answers its id. */
export async function ask(deps: GrantDeps, by: Principal, wanted: NewRequest, kind: Kind): Promise<string> {
  checkWorkforce(by);
  const { tenant, id: asker } = by;
  const at = deps.clock.now();
  const { policy } = await deps.policies.active(tenant);
  const sound = checked(wanted, kind, policy, at, deps.limits);
  const person = await subjectOf(deps, tenant, wanted.account);
  const eligible = besides(await holdersOf(deps, tenant, sound.definition.approvers), [asker, person.id]);
  const id = newId();
  const asking: Asking = { tenant, id, asker, person, kind, policy, wanted: sound, at };
  const sealed = await sealReason(await deps.vault(tenant), asker, { of: id, purpose: requestPurpose }, sound.reason);
  const needed = neededOf(sound.definition, eligible.size);
  await deps.segment.transaction(tenant, async (connection) => {
    await checkWithin(connection, asking);
    await insertRequest(connection, { ...rowOf(asking), lapses_at: lapseOf(asking), needed, ...sealed });
    await deps.notices.tell(connection, { tenant, kind: 'request-to-decide', to: [...eligible], about: id, at });
  });
  return id;
}
