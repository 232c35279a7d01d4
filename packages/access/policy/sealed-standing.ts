import type { Because, Principal, Standing, View } from '@safeguard/http';
import type { Decision } from '../decisions.ts';
import type { Visibility } from '../sight.ts';
import type { OpenStanding } from '../standing/types.ts';
import { type Person, personOf } from './cells.ts';
import type { OccasionMemo } from './occasion.ts';
import { type Unviewed, viewIn } from './view.ts';

/** The lock of the box: no JSON, and nobody outside this file, can name it. */
const lock: unique symbol = Symbol('standing');

/** What is in the box: the facts, and what was found out from them during the request. */
export interface Opened extends OpenStanding, OccasionMemo {
  person: Person | undefined;
  /** What let something through, last, or stopped it. */
  because: Because | undefined;
  seen: { readonly by: Principal; readonly byType: Map<string, Visibility[]> } | undefined;
}

interface Sealed extends Standing {
  readonly [lock]: Opened;
}

type Opening = { -readonly [Key in keyof Opened]: Opened[Key] };

/** In one piece, since it is made at every request. The list of holdings is frozen: it is remembered by. */
function openingOf(one: Unviewed, view: View): Opening {
  Object.freeze(one.holdings);
  return {
    kind: 'standing',
    at: one.at,
    policy: one.policy,
    holdings: one.holdings,
    groups: one.groups,
    careTeam: one.careTeam,
    organizations: one.organizations,
    consents: one.consents,
    testTenant: one.testTenant,
    network: one.network,
    purpose: one.purpose,
    view,
    person: undefined,
    because: undefined,
    seen: undefined,
    occasions: undefined,
  };
}

function seal(opened: Opened): Standing {
  const sealed: Sealed = { kind: 'standing', [lock]: opened };
  return Object.freeze(sealed);
}

/** Seals what is known of a principal for one request. */
export const makeStanding = (open: Omit<OpenStanding, 'kind'>): Standing => seal(openingOf(open, open.view));

/** The box of a principal; undefined: there is none, or it is not one that `makeStanding` made. */
export const openedOf = ({ standing }: Principal): Opened | undefined => (standing as Sealed | undefined)?.[lock];

/** A box with nothing in it. */
const empty: Standing = Object.freeze({ kind: 'standing' });

/** A person who is on hold: whatever they hold, and whatever a rule says of them, opens nothing. */
export const heldBack = ({ roles = [], ...principal }: Principal): Principal => ({
  ...principal,
  roles: roles.filter((role) => role !== 'administrator'),
  standing: empty,
});

/** Whether what a principal has for a standing is none: it is on hold, or not ours. */
export const isHeldBack = (principal: Principal): boolean =>
  principal.standing !== undefined && openedOf(principal) === undefined;

/** What `entitle` found out of a principal; undefined: nothing. */
export const openStanding = (principal: Principal): OpenStanding | undefined => openedOf(principal);

/** Keeps what let a request through, or stopped it. A grant is not forgotten for a rule that needed none. */
export function noteBecause(principal: Principal, { permit, rule, grant }: Decision): void {
  const opened = openedOf(principal);
  if (opened === undefined || rule === undefined) return;
  if (permit && grant === undefined && opened.because?.grant !== undefined) return;
  opened.because = grant === undefined ? { rule } : { rule, grant };
}

/** What let this principal's request through, or stopped it; undefined: no rule did. */
export const becauseOf = (principal: Principal): Because | undefined => openedOf(principal)?.because;

/** What the policy says of the principal whose box this is. */
export function personIn(opened: Opened, principal: Principal): Person {
  const { person } = opened;
  if (person !== undefined && person.id === principal.id && person.kind === principal.kind) return person;
  opened.person = personOf(principal, opened);
  return opened.person;
}

/** What a principal sees of a type by a letter, by its place: found out once a request. */
export function remembered(principal: Principal, type: string, place: number, find: () => Visibility): Visibility {
  const opened = openedOf(principal);
  if (opened === undefined) return find();
  if (opened.seen?.by !== principal) opened.seen = { by: principal, byType: new Map() };
  const { byType } = opened.seen;
  const row = byType.get(type) ?? [];
  byType.set(type, row);
  const known = row[place];
  if (known !== undefined) return known;
  const found = find();
  row[place] = found;
  return found;
}

/** The principal with its standing, its purpose and the view of this request. `asked`: the view that it asked for. */
export function entitled(principal: Principal, unviewed: Unviewed, asked?: View): Principal {
  const opened = openingOf(unviewed, 'full');
  const person = personOf(principal, opened);
  const view = viewIn(person, principal, opened, asked);
  opened.person = person;
  opened.view = view;
  return { ...principal, view, purpose: unviewed.purpose, standing: seal(opened) };
}
