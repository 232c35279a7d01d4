import { programmeActions, programmeOperatorActions } from './product-programme.ts';

/** The product's own actions: who may do them. None of them opens a resource of FHIR. */

/** What an operator may do, and the type each works on. An operator may do these and nothing else; no scope may. */
export const operatorActions: ReadonlyMap<string, string> = new Map([
  ['tenant-create', 'Tenant'],
  ['tenant-list', 'Tenant'],
  ['tenant-configure', 'Tenant'],
  ['client-create', 'Client'],
  ['client-list', 'Client'],
  ['client-read', 'Client'],
  ['client-change', 'Client'],
  ['client-approve', 'Client'],
  ['client-reject', 'Client'],
  ['client-revoke', 'Client'],
  ['client-rotate', 'Client'],
  ['account-create', 'Account'],
  ['account-list', 'Account'],
  ['account-read', 'Account'],
  ['account-change', 'Account'],
  ['account-suspend', 'Account'],
  ['account-resume', 'Account'],
  ['account-terminate', 'Account'],
  ['link-make', 'Link'],
  ['session-list', 'Session'],
  ['session-end', 'Session'],
  ['provider-create', 'Provider'],
  ['provider-list', 'Provider'],
  ['provider-read', 'Provider'],
  ['provider-change', 'Provider'],
  ['provider-remove', 'Provider'],
  ['access-bootstrap', 'AccessRequest'],
  ['access-request-list', 'AccessRequest'],
  ['access-hold-list', 'AccessHold'],
  ['access-hold-release', 'AccessHold'],
  ['access-explain', 'Explanation'],
  ['grant-list', 'Grant'],
  ['grant-end', 'Grant'],
  ['break-glass-list', 'Grant'],
  ['policy-list', 'Policy'],
  ['policy-read', 'Policy'],
  ['review-list', 'Review'],
  ['who-can-see', 'Patient'],
  ['search-reindex', 'Search'],
  ['search-status', 'Search'],
  ['ledger-verify', 'Ledger'],
  ['ledger-read', 'Ledger'],
  ['keys-rotate', 'Key'],
  ['keys-destroy', 'Key'],
  ...programmeOperatorActions,
  ['metrics-read', 'Metrics'],
]);

/** An action of a tenant's people: the types that it works on, and the scope that an app needs for it. */
export interface ScopedAction {
  readonly types: readonly string[];
  readonly scope: string;
}

const family = (
  noun: string,
  verbs: readonly string[],
  types: readonly string[],
  scope: string,
): readonly (readonly [string, ScopedAction])[] => verbs.map((verb) => [`${noun}-${verb}`, { types, scope }]);

const [accounts, clients, scim] = ['safeguard/accounts', 'safeguard/clients', 'safeguard/scim'] as const;
const rights = 'safeguard/access';

/**
 * What an administrator of a tenant may do within it: a person with the role, at our own pages, or through an app that
 * holds the scope; or a client of the tenant that holds it.
 */
export const administratorActions: ReadonlyMap<string, ScopedAction> = new Map([
  ...family('account', ['create', 'read', 'list', 'change', 'suspend', 'resume', 'terminate'], ['Account'], accounts),
  ...family('factor', ['list'], ['Account'], accounts),
  ...family('branding', ['read', 'change'], ['Tenant'], accounts),
  ...family('link', ['make', 'list', 'remove'], ['Link'], accounts),
  ...family('session', ['list', 'end'], ['Session'], accounts),
  ...family('identity', ['list', 'link', 'unlink'], ['Account'], accounts),
  ...family('provider', ['create', 'read', 'list', 'change', 'remove'], ['Provider'], accounts),
  ...family('group', ['create', 'read', 'list', 'change', 'remove'], ['Group'], accounts),
  ...family('client', ['create', 'read', 'list', 'change', 'submit'], ['Client'], clients),
  ...family('client', ['approve', 'reject', 'revoke', 'rotate', 'invite'], ['Client'], clients),
  ...family('application', ['decide'], ['Application'], clients),
  ...family('invitation', ['make', 'list', 'end'], ['Invitation'], clients),
  ...family('scim', ['create', 'read', 'list', 'change', 'replace', 'remove'], ['Account', 'Group'], scim),
]);

/** What people may do with their own account, at our own pages and never through an app. */
export const selfActions: ReadonlySet<string> = new Set([
  'self-read',
  'self-change',
  'self-session-list',
  'self-session-end',
  'self-factor-list',
  'self-factor-add',
  'self-factor-remove',
  'self-app-list',
  'self-app-end',
  'self-disclosures',
  'self-objection-make',
  'self-objection-list',
  'self-export-ask',
  'self-export-list',
  'self-export-read',
  'self-amendment-make',
  'self-amendment-list',
  'self-right-read',
  'self-right-withdraw',
]);

/** What is left to a person who is on hold: their own way in, and what they were told. Nothing of any record. */
export const actionsOnHold: ReadonlySet<string> = new Set([
  ...['self-read', 'self-change', 'self-session-list', 'self-session-end'],
  ...['self-factor-list', 'self-factor-add', 'self-factor-remove', 'self-app-list', 'self-app-end'],
  ...['notice-list', 'notice-read'],
]);

/**
 * What anybody of the workforce may do at our own pages, or with the scope: start an app in the context of a patient
 * (SMART EHR launch), ask for apps to be registered. Whose application it is, is for `identity` to hold.
 */
export const workforceActions: ReadonlyMap<string, ScopedAction> = new Map([
  ...family('launch', ['create', 'make'], ['Launch'], 'safeguard/launch'),
  ...family('application', ['list', 'read', 'history', 'proofs'], ['Application'], clients),
  ...family('application', ['create', 'change', 'submit', 'withdraw'], ['Application'], clients),
  ...family('application', ['revoke', 'rotate', 'rotate-key'], ['Application'], clients),
]);

/** An action over rights: at our own pages, or through an app of the person that holds the scope. */
export interface RoleAction extends ScopedAction {
  /** One of these is held, over no patients in particular. Absent: whoever is of the workforce. */
  readonly roles?: readonly string[];
  /** True: a client of the tenant with the scope may for itself. Programs look; people ask, decide and end. */
  readonly programs?: true;
}

export const officers = ['administrator', 'security-officer', 'privacy-officer'] as const;
const privacy = ['privacy-officer', 'administrator'] as const;
/** Who answers for what patients consent to. */
const keepers = ['privacy-officer', 'security-officer'] as const;
/** Who looks after the looking: not who manages accounts. */
const watchers = ['privacy-officer', 'security-officer', 'auditor'] as const;

type Family = readonly (readonly [string, RoleAction])[];
const looking = (noun: string, verbs: readonly string[], type: string, roles?: readonly string[]): Family =>
  family(noun, verbs, [type], rights).map(([action, of]) => [
    action,
    { ...of, ...(roles && { roles }), programs: true },
  ]);
const acting = (noun: string, verbs: readonly string[], type: string, roles?: readonly string[]): Family =>
  family(noun, verbs, [type], rights).map(([action, of]) => [action, { ...of, ...(roles && { roles }) }]);

/**
 * Access itself: asked for, decided, ended, reviewed, explained. Whose request or grant it may be, and who may decide
 * it, is for the handlers to hold: these say who may come to them at all.
 */
export const roleActions: ReadonlyMap<string, RoleAction> = new Map([
  ...looking('access-request', ['list', 'read'], 'AccessRequest'),
  ...acting('access-request', ['make', 'withdraw', 'decide'], 'AccessRequest'),
  ...acting('access', ['elevate'], 'AccessRequest'),
  ...looking('access', ['explain'], 'Explanation'),
  ...looking('access-hold', ['list', 'read'], 'AccessHold', officers),
  ...acting('access-hold', ['release'], 'AccessHold', officers),
  ...acting('break-glass', ['open'], 'Grant'),
  ...looking('grant', ['list', 'read'], 'Grant'),
  ...acting('grant', ['end'], 'Grant', officers),
  ...looking('break-glass', ['list'], 'Grant', officers),
  ...acting('break-glass', ['review'], 'Grant', officers),
  ...looking('policy', ['list', 'read', 'simulate'], 'Policy', officers),
  ...acting('policy', ['draft', 'change', 'submit', 'decide', 'activate', 'withdraw'], 'Policy', officers),
  ...looking('review', ['list', 'read'], 'Review', officers),
  ...acting('review', ['start', 'decide', 'close', 'configure'], 'Review', officers),
  ...acting('notice', ['list', 'read'], 'Notice'),
  ...looking('who', ['can-see', 'did'], 'Patient', watchers),
  ...looking('consent', ['notes'], 'Consent', keepers),
  ...looking('audit', ['read', 'search'], 'AuditEvent', watchers),
  ...acting('privacy-request', ['list', 'read', 'make', 'decide', 'answer'], 'PrivacyRequest', privacy),
  ...programmeActions,
]);
