import { fault } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import type { PersonFacts } from '../people-port.ts';
import type { Policy } from '../policy/types.ts';
import { areApart, roleIn } from './role.ts';

/** Whatever of an account's grants is in force at some time of the new one. */
const overlapping = {
  name: 'access.grant.overlapping',
  text: `select g.role, g.kind, g.patients, g.opens, g.from_at, g.until_at from access.grant g
    where g.tenant = $1 and g.account = $2 and g.ended_at is null and g.from_at < $4 and g.until_at > $3`,
};

type Overlapping = {
  role: string;
  kind: string;
  patients: string[] | null;
  opens: string[] | null;
  from_at: Date;
  until_at: Date;
};

/** What somebody is to hold, and when. */
export interface Wanted {
  readonly role: string;
  readonly kind: string;
  readonly patients: readonly string[] | null;
  readonly opens: readonly string[] | null;
  readonly from: number;
  readonly until: number;
}

const same = (one: readonly string[] | null, other: readonly string[] | null): boolean =>
  one?.length === other?.length && (one ?? []).every((each) => other?.includes(each));

const stands = (held: Overlapping, wanted: Wanted): boolean =>
  held.role === wanted.role &&
  held.kind === wanted.kind &&
  same(held.patients, wanted.patients) &&
  same(held.opens, wanted.opens) &&
  held.from_at.getTime() <= wanted.from &&
  held.until_at.getTime() >= wanted.until;

/** What a person is, beside what was granted to them. */
const relationships = ({ kind, roles }: PersonFacts): readonly string[] => [
  ...roles,
  ...(kind === 'workforce' ? [] : [kind]),
];

/**
 * Fault `conflict` when the person holds, or will hold at the same time, a role that must not meet this one (45 CFR
 * 164.308(a)(3): separation of duties), or exactly this one already. The holder is locked.
 */
export async function checkMeeting(
  connection: Connection,
  tenant: number,
  person: PersonFacts,
  policy: Policy,
  wanted: Wanted,
): Promise<void> {
  const { from, until } = wanted;
  const values = [tenant, person.id, new Date(from), new Date(until)];
  const held = await connection.query<Overlapping>(overlapping, values);
  const roles = [...held.map(({ role }) => role), ...relationships(person)];
  if (roles.some((role) => areApart(policy, role, wanted.role))) {
    throw fault('conflict', 'The person holds a role at that time that must not meet this one.');
  }
  const administers = wanted.role === 'administrator' && person.roles.includes('administrator');
  const granted = held.some(({ role }) => role === 'administrator');
  if (held.some((one) => stands(one, wanted)) || (administers && !granted)) {
    throw fault('conflict', 'The person holds this role for that time already.');
  }
}

const isOperator = {
  name: 'access.grant.is-operator',
  text: `select exists (select from access.grant g where g.tenant = $1 and g.account = $2 and g.role = 'operator'
    and g.ended_at is null and g.from_at < $4 and g.until_at > $3) as found`,
};

/** Whether the person is an operator at that time: then whatever else they hold is an elevation. */
export async function operates(
  connection: Connection,
  tenant: number,
  { account, from, until }: { readonly account: string; readonly from: number; readonly until: number },
): Promise<boolean> {
  const [row] = await connection.query<{ found: boolean }>(isOperator, [
    tenant,
    account,
    new Date(from),
    new Date(until),
  ]);
  return row?.found === true;
}

/** Whether a role is held for a while only. */
export const isElevated = (policy: Policy, role: string): boolean => roleIn(policy, role)?.elevated === true;
