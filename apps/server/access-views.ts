import type { AccessRequest, BreakGlassUse, Grant, Hold, PolicyVersion, Review } from '@safeguard/access';
import { isUuid } from '@safeguard/kernel';
import type { House } from './server.ts';

/** An account as the machine's operator is told of it: by id and login, where it is one of the tenant's. */
export type Who = (id: string) => { readonly id: string; readonly login: string | null };

/** Looks the logins up in one question. `operator`, `service` and ids that are gone have none. */
export async function whoIn({ identity }: House, tenant: number, ids: readonly string[]): Promise<Who> {
  const wanted = [...new Set(ids.filter(isUuid))];
  const found = wanted.length === 0 ? [] : await identity.people.byIds(tenant, wanted);
  const logins = new Map(found.map(({ id, login }) => [id, login]));
  return (id) => ({ id, login: logins.get(id) ?? null });
}

const iso = (at: number): string => new Date(at).toISOString();
const isoOr = (at: number | undefined): string | null => (at === undefined ? null : iso(at));

/**
 * Operators see nothing of a patient. Of a request and its decisions the reasons stay away, which may name one; of the
 * patients that it is for it is told how many.
 */
export const requestView = (of: AccessRequest, who: Who) => ({
  ...{ id: of.id, kind: of.kind, state: of.state, role: of.role },
  account: who(of.account),
  asked_by: who(of.asked_by),
  asked_at: iso(of.asked_at),
  from: isoOr(of.from),
  until: iso(of.until),
  patients: of.patients?.length ?? 0,
  opens: of.opens ?? [],
  needed: of.needed,
  decisions: of.decisions.map(({ by, verdict, at }) => ({ by: who(by), verdict, at: iso(at) })),
  grant: of.grant ?? null,
});

export const idsOfRequest = ({ account, asked_by, decisions }: AccessRequest): string[] => [
  ...[account, asked_by],
  ...decisions.map(({ by }) => by),
];

export const grantView = (of: Grant, who: Who) => ({
  ...{ id: of.id, kind: of.kind, role: of.role, request: of.request },
  account: who(of.account),
  from: iso(of.from),
  until: iso(of.until),
  used_at: isoOr(of.used_at),
  patients: of.patients?.length ?? 0,
  opens: of.opens ?? [],
  ended_at: isoOr(of.ended_at),
  ended_why: of.ended_why ?? null,
});

/** Without the reason of the release. */
export const holdView = ({ id, account, cause, by, made_at, released }: Hold, who: Who) => ({
  ...{ id, cause, account: who(account), made_at: iso(made_at) },
  by: by.id === undefined ? { id: by.kind, login: null } : who(by.id),
  released_at: isoOr(released?.at),
  released_by: released === undefined ? null : who(released.by),
});

export const idsOfHold = ({ account, by, released }: Hold): string[] => [
  account,
  ...(by.id === undefined ? [] : [by.id]),
  ...(released === undefined ? [] : [released.by]),
];

/** Without the reason, and without whose record it was. */
export const useView = ({ grant, review_by, reviewed }: BreakGlassUse, who: Who, now: number) => ({
  grant: grant.id,
  account: who(grant.account),
  from: iso(grant.from),
  until: iso(grant.ended_at ?? grant.until),
  review_by: iso(review_by),
  state: reviewed === undefined ? (review_by <= now ? 'overdue' : 'waiting') : 'reviewed',
  verdict: reviewed?.verdict ?? null,
  reviewed_by: reviewed === undefined ? null : who(reviewed.by),
  reviewed_at: isoOr(reviewed?.at),
});

export const reviewView = ({ id, state, started_at, due_at, closed_at, items }: Review) => ({
  ...{ id, state, items },
  started_at: iso(started_at),
  due_at: iso(due_at),
  closed_at: isoOr(closed_at),
});

type Summary = Omit<PolicyVersion, 'policy' | 'note' | 'tests' | 'decisions'>;

/** Without the note, which is people's own words. */
export const policyView = (of: Summary, who: Who) => ({
  ...{ version: of.version, state: of.state, edition: of.edition, based_on: of.based_on, rolls_back: of.rolls_back },
  authors: of.authors.map(who),
  drafted_at: of.drafted_at === 0 ? null : iso(of.drafted_at),
  submitted_at: isoOr(of.submitted_at),
  needed: of.needed ?? null,
  activates_at: isoOr(of.activates_at),
});
