import type { Principal } from '@safeguard/http';
import type { AccountGrants, HeldGrant, HoldingList, Snapshot } from './snapshot.ts';
import type { Holding } from './types.ts';

type Relationship = 'none' | 'patient' | 'proxy' | 'administrator' | 'service';

const byRelationship = (role: string): readonly Holding[] =>
  Object.freeze([Object.freeze({ role, kind: 'relationship' as const })]);

/** Of those who hold nothing else: one list for all of them, so that what is found out of it is found out once. */
const lists: Readonly<Record<Relationship, readonly Holding[]>> = {
  none: Object.freeze([]),
  patient: byRelationship('patient'),
  proxy: byRelationship('proxy'),
  administrator: byRelationship('administrator'),
  service: byRelationship('service'),
};

const isLive = ({ from, ended, holding }: HeldGrant, at: number): boolean => !ended && from <= at && at < holding.until;

/** The first one says what the holder asks for when the request does not: work before office, an emergency last. */
const order = { standing: 0, relationship: 1, elevation: 2, 'break-glass': 3 } as const;
const byOrder = (one: Holding, other: Holding): number => order[one.kind] - order[other.kind];

function listAt({ grants }: AccountGrants, relationship: Relationship, at: number): HoldingList {
  const live = grants.filter((grant) => isLive(grant, at)).map(({ holding }) => holding);
  const bounds = grants.flatMap(({ from, ended, holding: { until } }) => (ended ? [] : [from, until]));
  const until = Math.min(...bounds.filter((bound) => bound > at), Infinity);
  const holdings = live.length === 0 ? lists[relationship] : [...live, ...lists[relationship]].sort(byOrder);
  return {
    holdings: Object.freeze(holdings),
    from: Math.max(...bounds.filter((bound) => bound <= at), -Infinity),
    until,
  };
}

/** The same list as long as nothing changed and nothing began or ended. */
function listOf(account: AccountGrants, relationship: Relationship, at: number): HoldingList {
  const before = account.lists.get(relationship);
  if (before !== undefined && before.from <= at && at < before.until) return before;
  const made = listAt(account, relationship, at);
  account.lists.set(relationship, made);
  return made;
}

/** What somebody holds at a moment, to the millisecond. */
export interface Held {
  readonly holdings: readonly Holding[];
  /** On hold, or the grant of the role administrator is over: what `identity` says of it does not count any more. */
  readonly stepped: boolean;
}

/** Whether there is a grant of the role, in force or over. */
function administratorBy({ grants }: AccountGrants, at: number): 'live' | 'over' | 'none' {
  const own = grants.filter(({ holding, from }) => holding.role === 'administrator' && from <= at);
  if (own.length === 0) return 'none';
  return own.some((grant) => isLive(grant, at)) ? 'live' : 'over';
}

const relationshipOf = ({ account, roles }: Principal): Relationship =>
  account === 'patient' || account === 'proxy' ? account : roles?.includes('administrator') ? 'administrator' : 'none';

/** Of a person. */
export function heldBy({ accounts, held }: Snapshot, principal: Principal, at: number): Held {
  if (held.has(principal.id)) return { holdings: lists.none, stepped: true };
  const relationship = relationshipOf(principal);
  const account = accounts.get(principal.id);
  if (account === undefined) return { holdings: lists[relationship], stepped: false };
  if (relationship !== 'administrator') return { holdings: listOf(account, relationship, at).holdings, stepped: false };
  const by = administratorBy(account, at);
  return { holdings: listOf(account, by === 'none' ? relationship : 'none', at).holdings, stepped: by === 'over' };
}

const prefix = 'sensitive:';
const services_most = 1_000;
const services = new Map<string, readonly Holding[]>();

/** Of a client: what the operator granted it beside its scopes opens sensitive categories by name. */
export function heldByClient({ permissions = [] }: Principal): readonly Holding[] {
  const opens = permissions.filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length));
  if (opens.length === 0) return lists.service;
  const key = opens.sort().join();
  const known = services.get(key);
  if (known !== undefined) return known;
  const made = Object.freeze([{ role: 'service', kind: 'relationship', opens: Object.freeze(opens) } as const]);
  if (services.size >= services_most) services.clear();
  services.set(key, made);
  return made;
}

/** Of an account, by grants alone. */
export const grantedTo = (account: AccountGrants, at: number): HoldingList => listOf(account, 'none', at);
