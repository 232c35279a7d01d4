import { createGovernance, type Governance, type GovernanceDeps, type PolicyVocabulary } from '@safeguard/access';
import { resourceTypes } from '@safeguard/fhir';
import type { Because, Principal } from '@safeguard/http';
import { createMail, type Mail } from '@safeguard/mail';
import { isServedQuery, scopeParameters } from '@safeguard/records';
import type { RightsDeps } from '@safeguard/rights';
import type { House } from './server.ts';

type Standing = Pick<House, 'store' | 'seal' | 'clock' | 'access' | 'identity' | 'records' | 'log'>;

/** What a policy may name beside itself: FHIR's types, what `records` can hold a resource against. */
export const policyVocabulary: PolicyVocabulary = {
  types: new Set(resourceTypes),
  parameters: scopeParameters,
  isServedQuery,
};

/** The mail server that is set; undefined: none is. */
export function mailOf({ mail: { url, from } }: Pick<House['settings'], 'mail'>): Mail | undefined {
  return url === undefined || from === undefined ? undefined : createMail({ url, from });
}

interface Opened {
  readonly mail: Mail | undefined;
  readonly url: () => string;
  /** Numbers of the programme, live. */
  readonly limits: NonNullable<GovernanceDeps['limits']>;
}

/** What stands behind every decision. `url`: where our pages are, known once the server listens. */
export function openGovernance({ url, limits, mail, ...house }: Standing & Opened): Governance {
  const { store, seal, clock, access, identity, records, log } = house;
  return createGovernance({
    segment: store.segment('identity'),
    vault: (tenant) => seal.vault('identity', tenant),
    clock,
    people: identity.people,
    access,
    clinical: records.facts,
    questions: records.questions,
    vocabulary: policyVocabulary,
    ...(mail === undefined ? {} : { mail }),
    limits,
    get base() {
      return url();
    },
    log,
  });
}

/** What let a request through, for its event; the grant is marked as used. */
export function because({ access, governance, clock }: House, principal: Principal): Because | undefined {
  const found = access.because(principal);
  if (found?.grant !== undefined) governance.standings.used(principal.tenant, found.grant, clock.now());
  return found;
}

/** What patients' rights stand on. */
export function rightsDeps(house: Pick<House, 'store' | 'seal' | 'clock' | 'governance' | 'records'>): RightsDeps {
  const { store, seal, clock, governance, records } = house;
  return {
    segment: store.segment('identity'),
    vault: (tenant) => seal.vault('identity', tenant),
    clock,
    tell: governance.notices.tell,
    officers: governance.privacyOfficers,
    // At our own pages nobody has scopes: a copy is asked for in the name of the one patient.
    copy: (who, patient) => records.copy({ ...who, scopes: ['patient/*.rs'], patient }, patient),
  };
}
