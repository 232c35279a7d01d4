import type { Occasion, Principal } from '@safeguard/http';
import { compileConsents } from '../consent/compile.ts';
import { effectsFor } from '../consent/effects.ts';
import type { ConsentEffect } from '../consent/types.ts';
import type { CompiledPolicy } from '../policy/compiled.ts';
import { entitled, heldBack } from '../policy/sealed-standing.ts';
import type { StandingDeps } from './deps.ts';
import { type Held, heldBy, heldByClient } from './holdings.ts';
import type { Known } from './known.ts';
import { after, type Later } from './later.ts';
import { asks, needsOf } from './needs.ts';
import { type Said, saidBy, usualPurpose } from './occasion.ts';
import type { Snapshot } from './snapshot.ts';
import type { ConsentSnapshot, Entitle } from './types.ts';

type Ids = readonly string[];
const none: Ids = Object.freeze([]);
const nothing: readonly ConsentEffect[] = Object.freeze([]);

/** A request on its way to a standing. */
interface Course {
  readonly principal: Principal;
  readonly occasion: Occasion;
  readonly said: Said;
  readonly policy: CompiledPolicy;
  readonly held: Held;
}

/** Undefined: not known, so that a denial of any of them counts. */
type Memberships = { readonly careTeams?: Ids; readonly practitionerRoles?: Ids };

/** What other packages tell of a principal. */
export interface Facts {
  groups(course: Course): Later<Ids>;
  careTeam(course: Course, groups: Ids): Later<Ids>;
  /** `always`: consents may name organizations too. */
  organizations(course: Course, groups: Ids, always: boolean): Later<Ids>;
  /** Ids of the CareTeams that the person is on, and of their PractitionerRoles, for consents that name these. */
  memberships(course: Course): Later<Memberships>;
  isTest(course: Course): Later<boolean>;
  consents(course: Course): Later<ConsentSnapshot>;
}

const isFor = ({ principal: { id }, held: { holdings } }: Course, groups: Ids) => ({ id, holdings, groups });

/** Each asked only if a rule that may be theirs depends on it, and kept for a second at most. */
export function createFacts({ people, clinical }: Pick<StandingDeps, 'people' | 'clinical'>, known: Known): Facts {
  const ofPerson = (
    { principal: { tenant, fhir_user } }: Course,
    what: 'careTeam' | 'organizations',
    wanted: boolean,
  ): Later<Ids> => {
    if (!wanted || fhir_user === undefined) return none;
    return known.of(`${what} ${tenant} ${fhir_user}`, async () => clinical[what](tenant, fhir_user));
  };
  return {
    groups({ principal: { tenant, kind, id }, policy }) {
      if (kind !== 'user' || !needsOf(policy).groups) return none;
      return known.of(`groups ${tenant} ${id}`, async () => people.groups(tenant, id));
    },
    careTeam: (course, groups) =>
      ofPerson(course, 'careTeam', asks(needsOf(course.policy).careTeam, isFor(course, groups))),
    organizations: (course, groups, always) =>
      ofPerson(course, 'organizations', always || asks(needsOf(course.policy).organizations, isFor(course, groups))),
    memberships({ principal: { tenant, fhir_user } }) {
      if (fhir_user === undefined || clinical.memberships === undefined) return {};
      const asked = async (list: 'careTeams' | 'practitionerRoles') =>
        (await clinical.memberships?.(tenant, fhir_user))?.[list] ?? none;
      const teams = known.of(`teams ${tenant} ${fhir_user}`, () => asked('careTeams'));
      const roles = known.of(`roles ${tenant} ${fhir_user}`, () => asked('practitionerRoles'));
      return after(teams, (careTeams) => after(roles, (practitionerRoles) => ({ careTeams, practitionerRoles })));
    },
    isTest({ principal: { tenant }, policy }) {
      if (!needsOf(policy).test) return false;
      const answer = known.of(`test ${tenant}`, async () => ((await people.isTest(tenant)) ? ['test'] : none));
      return after(answer, (one) => one.length > 0);
    },
    consents: ({ principal: { tenant } }) => clinical.consents(tenant),
  };
}

/** Of a caller whose consents matter: what they may be named by. */
interface Named extends Memberships {
  readonly organizations: Ids;
}

function effectsOf(course: Course, purpose: string, named: Named, all: ConsentSnapshot) {
  if (all.consents.length === 0) return nothing;
  const { principal, occasion, held } = course;
  const { kind, id, client, fhir_user } = principal;
  const effects = effectsFor(compileConsents(all), {
    account: kind === 'user' ? id : undefined,
    client: kind === 'client' ? id : client,
    fhir_user,
    roles: held.holdings.map(({ role }) => role),
    ...named,
    purpose,
    at: occasion.at,
  });
  // The same list for all whom no Consent tells apart: frozen, what is found out from it stays.
  return Object.freeze(effects);
}

/** The role that a grant gave and that is over is taken off, whatever `identity` still says. */
function withoutOver(principal: Principal, { stepped }: Held): Principal {
  if (!stepped) return principal;
  return { ...principal, roles: (principal.roles ?? []).filter((role) => role !== 'administrator') };
}

function finished(facts: Facts, course: Course): Later<Principal> {
  const { principal, occasion, said, policy, held } = course;
  const purpose = said.purpose ?? usualPurpose(policy.policy, held.holdings);
  const { at, remote: network } = occasion;
  return after(facts.groups(course), (groups) =>
    after(facts.consents(course), (all) =>
      after(facts.careTeam(course, groups), (careTeam) =>
        after(facts.organizations(course, groups, all.consents.length > 0), (organizations) =>
          after(all.consents.length === 0 ? {} : facts.memberships(course), (memberships) =>
            after(facts.isTest(course), (testTenant) => {
              const consents = effectsOf(course, purpose, { ...memberships, organizations }, all);
              const lists = { holdings: held.holdings, groups, careTeam, organizations, consents };
              const unviewed = { ...lists, testTenant, policy, at, network, purpose };
              return entitled(withoutOver(principal, held), unviewed, said.view);
            }),
          ),
        ),
      ),
    ),
  );
}

interface Sources {
  readonly snapshot: (tenant: number) => Later<Snapshot>;
  readonly facts: Facts;
}

/** Operators and strangers have no standing, nor has anybody of the platform itself. */
const hasStanding = ({ kind, tenant }: Principal): boolean => (kind === 'user' || kind === 'client') && tenant > 0;

/** See `Entitle`. Answers without waiting when all that it takes is known. */
export function createEntitle({ policies }: Pick<StandingDeps, 'policies'>, { snapshot, facts }: Sources): Entitle {
  return (principal, occasion) => {
    if (!hasStanding(principal)) return principal;
    const said = saidBy(occasion);
    const { tenant, kind } = principal;
    return after(snapshot(tenant), (grants) => {
      // Whatever a policy says of everybody, of a group or of this very person.
      if (kind === 'user' && grants.held.has(principal.id)) return heldBack(principal);
      return after(policies.active(tenant), (policy) => {
        const held =
          kind === 'client'
            ? { holdings: heldByClient(principal), stepped: false }
            : heldBy(grants, principal, occasion.at);
        return finished(facts, { principal, occasion, said, policy, held });
      });
    });
  };
}
