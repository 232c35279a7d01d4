import { fault, type Issue, isUuid } from '@safeguard/kernel';
import type { ScopeRules } from '../types.ts';
import type { Account, AccountKind, NewAccount, Role } from './types.ts';

/** What an account is made of once it was looked at: scopes in normal form, lists without doubles. */
export type CheckedAccount = Pick<
  Account,
  'tenant' | 'kind' | 'login' | 'name' | 'scopes' | 'roles' | 'patients' | 'fhir_user' | 'source' | 'external'
>;

const kinds: readonly AccountKind[] = ['workforce', 'patient', 'proxy'];
const most = { login: 254, name: 200, scopes: 200, patients: 50 };
const control = /\p{Cc}|\p{Zl}|\p{Zp}/u;
/**
 * RFC 5321 without quoting: what is no address fails at the mail server, what could confuse a page or a log fails here.
 */
const address = /^[^\s@]{1,64}@[^\s@]+$/u;
const fhirUser = /^(Practitioner|Patient|RelatedPerson|Person)\/[A-Za-z0-9\-.]{1,64}$/;
const sourceForm = /^[A-Za-z0-9-]{1,100}$/;

const plain = (text: unknown): text is string =>
  typeof text === 'string' && text.isWellFormed() && !control.test(text) && text.trim() !== '';

/** True for what can be a login: at most 254 characters, one @ with something on each side, nothing invisible. */
export const isLogin = (text: unknown): text is string =>
  plain(text) && text.length <= most.login && address.test(text);

const list = (given: unknown): readonly unknown[] | undefined =>
  given === undefined ? [] : Array.isArray(given) ? given : undefined;

type Say = (at: string, text: string) => void;

/**
 * What apps may get on a person's behalf at most. What the person may is for policies and grants to say: of a member of
 * the workforce who holds no role that is nothing.
 */
const usualScopes: Readonly<Record<string, readonly string[]>> = {
  workforce: ['user/*.cruds'],
  patient: ['patient/*.rs'],
  proxy: ['patient/*.rs'],
};

function checkedScopes(account: NewAccount, rules: ScopeRules, say: Say): string[] {
  const given = account.scopes ?? usualScopes[account.kind] ?? [];
  const wrong = 'Scopes are user/ and patient/ scopes in SMART form, 200 at most.';
  if (!Array.isArray(given) || given.length > most.scopes || !given.every((scope) => personal(scope, rules))) {
    say('scopes', wrong);
    return [];
  }
  return [...new Set(given.map((scope: string) => rules.normalScope(scope)))];
}

/** A person's rights; `system/` scopes are for clients. */
const personal = (scope: unknown, rules: ScopeRules): boolean =>
  typeof scope === 'string' && /^(user|patient)\//.test(scope) && rules.isScope(scope);

function checkedRoles({ roles, kind }: NewAccount, say: Say): Role[] {
  const given = list(roles);
  if (given === undefined || !given.every((role) => role === 'administrator')) {
    say('roles', 'The only role is "administrator".');
    return [];
  }
  if (given.length > 0 && kind !== 'workforce') say('roles', 'Only a member of the workforce has a role.');
  return given.length > 0 ? ['administrator'] : [];
}

const patientRules = {
  workforce: { least: 0, most: 0, text: 'A workforce account stands for no patient.' },
  patient: { least: 1, most: 1, text: 'A patient account stands for exactly one patient.' },
  proxy: { least: 1, most: most.patients, text: 'A proxy account stands for 1 to 50 patients.' },
} as const;

function checkedPatients({ patients, kind }: NewAccount, say: Say): string[] {
  const given = list(patients);
  if (given === undefined || !given.every((id) => typeof id === 'string' && isUuid(id))) {
    say('patients', 'A patient is named by the id of its Patient.');
    return [];
  }
  const ids = [...new Set(given as string[])].sort();
  const rule = patientRules[kind];
  if (rule !== undefined && (ids.length < rule.least || ids.length > rule.most)) say('patients', rule.text);
  return ids;
}

function checkRest(account: NewAccount, say: Say): void {
  const { kind, login, name, fhir_user, source, external } = account;
  if (!kinds.includes(kind)) say('kind', 'The kind is "workforce", "patient" or "proxy".');
  if (!isLogin(login)) say('login', 'The login is an e-mail address of at most 254 characters.');
  if (!plain(name) || name.length > most.name) say('name', 'The name is 1 to 200 characters, none of them invisible.');
  if (fhir_user !== undefined && !fhirUser.test(String(fhir_user))) {
    say('fhir_user', 'The FHIR user is a Practitioner, Patient, RelatedPerson or Person: its type, "/" and its id.');
  }
  if (source !== undefined && !sourceForm.test(String(source))) say('source', 'The source is not known.');
  if (external !== undefined && typeof external !== 'boolean') say('external', 'External is true or false.');
}

/** @throws Fault `invalid` with an issue for each field that is wrong */
export function checkAccount(account: NewAccount, rules: ScopeRules): CheckedAccount {
  const issues: Issue[] = [];
  const say: Say = (at, text) => issues.push({ severity: 'error', code: 'invalid', text, at });
  checkRest(account, say);
  const checked: CheckedAccount = {
    tenant: account.tenant,
    kind: account.kind,
    login: account.login,
    name: account.name,
    scopes: checkedScopes(account, rules, say),
    roles: checkedRoles(account, say),
    patients: checkedPatients(account, say),
    fhir_user: account.fhir_user ?? null,
    source: account.source ?? 'safeguard',
    external: account.external ?? false,
  };
  if (issues.length > 0) throw fault('invalid', 'The account is not valid.', { issues });
  return checked;
}
