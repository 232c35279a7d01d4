import type { RequestEvent } from '@safeguard/http';
import { type Coding, coding, systems } from './systems.ts';

/** What kind of event it is, in FHIR's and DICOM's words; a pure function of the ledger's action. */
export interface Kind {
  readonly action: 'C' | 'R' | 'U' | 'D' | 'E';
  readonly type: Coding;
  /** The first says it best. */
  readonly subtypes: readonly Coding[];
  /** Which of BALP's patterns a success has. */
  readonly pattern?: 'Create' | 'Read' | 'Update' | 'Delete' | 'Query';
}

const rest = coding(systems.eventType, 'rest', 'Restful Operation');
const interaction = (code: string): Coding => coding(systems.interaction, code, code);
const ours = (code: string): Coding => coding(systems.ours, code);

const fhir = (action: Kind['action'], codes: readonly Coding[], pattern?: Kind['pattern']): Kind => ({
  action,
  type: rest,
  subtypes: codes,
  ...(pattern === undefined ? {} : { pattern }),
});
const history = (code: string): Kind => fhir('R', [interaction(code)]);
const search = (...codes: readonly string[]): Kind => fhir('E', [...codes, 'search'].map(interaction), 'Query');
const operation = (action: Kind['action'], name: string): Kind => fhir(action, [ours(name), interaction('operation')]);

/** FHIR's interactions and operations (R4 3.1, 3.2). */
const interactions: ReadonlyMap<string, Kind> = new Map([
  ['create', fhir('C', [interaction('create')], 'Create')],
  ['read', fhir('R', [interaction('read')], 'Read')],
  ['vread', fhir('R', [interaction('vread')], 'Read')],
  ['update', fhir('U', [interaction('update')], 'Update')],
  ['patch', fhir('U', [interaction('patch')], 'Update')],
  ['delete', fhir('D', [interaction('delete')], 'Delete')],
  ['history-instance', history('history-instance')],
  ['history-type', history('history-type')],
  ['history-system', history('history-system')],
  ['search-type', search('search-type')],
  ['search-system', search('search-system')],
  ['search-compartment', { ...search('search-type'), subtypes: [ours('search-compartment'), interaction('search')] }],
  ['capabilities', fhir('R', [interaction('capabilities')])],
  ['transaction', fhir('E', [interaction('transaction')])],
  ['batch', fhir('E', [interaction('batch')])],
  ['everything', operation('R', 'everything')],
  ['lastn', operation('R', 'lastn')],
  ['meta', operation('R', 'meta')],
  ['meta-type', operation('R', 'meta-type')],
  ['meta-system', operation('R', 'meta-system')],
  ['meta-add', operation('U', 'meta-add')],
  ['meta-delete', operation('U', 'meta-delete')],
  ['validate', operation('E', 'validate')],
  ['purge', operation('D', 'purge')],
  ['history-delete', operation('D', 'history-delete')],
  ['audit-read', { ...fhir('R', [interaction('read'), ours('audit-read')]), pattern: 'Read' }],
  ['audit-search', search('search-type')],
]);

const activity = coding(systems.dcm, '110100', 'Application Activity');
const authentication = coding(systems.dcm, '110114', 'User Authentication');
const login = coding(systems.dcm, '110122', 'Login');
const logout = coding(systems.dcm, '110123', 'Logout');

/** Sign-ins and what belongs to them (DICOM PS3.15 A.5.3.6). */
const entering = /^(sign-in|recovery-code|federation|factor-begin|token|authorize|launch-make)/;
const leaving = /^(sign-out|session-end|self-session-end|federation-logout)/;

const verbs: readonly (readonly [RegExp, Kind['action']])[] = [
  [/-(create|make|add|open|issue|link|join|invite|submit|draft)$/, 'C'],
  [/-(read|list|history|search|status|page|see|did|proofs|explain|describe|pick|print|disclosures)$/, 'R'],
  [/-(remove|end|revoke|terminate|withdraw|unlink|destroy|close)$/, 'D'],
  [/-(change|replace|configure|decide|approve|reject|suspend|resume|rotate|rotate-key|activate|review)$/, 'U'],
];

function productKind(name: string): Kind {
  if (leaving.test(name)) return { action: 'E', type: authentication, subtypes: [logout, ours(name)] };
  if (entering.test(name)) return { action: 'E', type: authentication, subtypes: [login, ours(name)] };
  const action = verbs.find(([form]) => form.test(name))?.[1] ?? 'E';
  return { action, type: activity, subtypes: [ours(name)] };
}

export const kindOf = ({ action }: Pick<RequestEvent, 'action'>): Kind =>
  interactions.get(action) ?? productKind(action);

/**
 * The ledger's actions whose kind has this subtype, for who looks for it; `of`: those actions are many, and this type
 * holds them all.
 */
export function namesOf(code: string): { readonly names: readonly string[]; readonly of?: string } {
  if (code === login.code || code === logout.code) return { names: [], of: authentication.code };
  const known = [...interactions].filter(([, { subtypes }]) => subtypes.some((one) => one.code === code));
  return { names: [...new Set([...known.map(([name]) => name), code])] };
}

/** Outcomes as R4's code list has them: 0 success, 4 refused or wrong, 8 our failure. 12 (the end) is never written. */
export function outcomeOf({ outcome, status }: Pick<RequestEvent, 'outcome' | 'status'>): '0' | '4' | '8' {
  if (outcome === 'permit') return '0';
  return outcome === 'fail' && status >= 500 ? '8' : '4';
}
