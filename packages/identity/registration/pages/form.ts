import {
  area,
  button,
  choice,
  errorOf,
  errorSummary,
  field,
  form,
  type Fields as Given,
  type Html,
  html,
  line,
  type Wrong,
} from '@safeguard/http';
import { isFault } from '@safeguard/kernel';
import type { Application, Fields, GivenFields } from '../types.ts';

const methods = [
  ['none', 'None: an app in a browser or on a phone cannot keep a secret'],
  ['client_secret_basic', 'A secret'],
  ['private_key_jwt', 'A key pair (better: nothing secret ever leaves it)'],
] as const;
const kinds = [
  ['people', 'People sign in and let it act for them'],
  ['service', 'It works by itself, without people (backend service)'],
] as const;
const views = [
  ['full', 'As it is'],
  ['without-identity', 'Without what identifies a person: dates as they are'],
  ['limited', 'Limited data set (45 CFR 164.514(e)): dates, state and first digits of the ZIP code'],
  ['deidentified', 'De-identified (Safe Harbor, 45 CFR 164.514(b)(2)): years only'],
] as const;

const grants = {
  people: ['authorization_code', 'refresh_token'],
  service: ['client_credentials'],
} as const;

const names = [
  ...['name', 'publisher', 'contact', 'description', 'purpose', 'kind', 'auth_method', 'view', 'scopes'],
  ...['redirect_uris', 'launch_uri', 'client_uri', 'policy_uri', 'tos_uri', 'jwks_uri', 'jwks'],
] as const;
/** The form's fields as text, by name. */
export type Texts = Readonly<Record<string, string>>;

export const textsOf = (given: Given): Texts =>
  Object.fromEntries(names.map((name) => [name, given(name).replaceAll('\r\n', '\n').trim()]));

export const emptyForm: Texts = { kind: 'people', auth_method: 'none', view: 'full' };

export const textsOfApplication = (of: Application): Texts => ({
  ...Object.fromEntries(names.map((name) => [name, String(of[name as keyof Fields] ?? '')])),
  kind: of.grant_types.includes('client_credentials') ? 'service' : 'people',
  scopes: of.scopes.join('\n'),
  redirect_uris: of.redirect_uris.join('\n'),
  jwks: of.jwks === undefined || of.in_force !== null ? '' : JSON.stringify(of.jwks, undefined, 2),
});

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

function keysOf(text: string): Fields['jwks'] {
  try {
    return JSON.parse(text) as Fields['jwks'];
  } catch (error) {
    // Not JSON is no key set: told with the other findings.
    if (error instanceof Error) return { keys: [] };
    throw error;
  }
}

/** The fields that the form names; an empty address is none. */
export function fieldsOfForm(texts: Texts): GivenFields {
  const text = (name: string): string => texts[name] ?? '';
  const address = (name: string): string | null => line(text(name)) || null;
  return {
    name: line(text('name')),
    publisher: line(text('publisher')),
    contact: line(text('contact')),
    description: text('description'),
    purpose: text('purpose'),
    auth_method: text('auth_method') as Fields['auth_method'],
    grant_types: text('kind') === 'service' ? grants.service : grants.people,
    view: text('view') as Fields['view'],
    scopes: words(text('scopes')),
    redirect_uris: words(text('redirect_uris')),
    launch_uri: address('launch_uri'),
    client_uri: address('client_uri'),
    policy_uri: address('policy_uri'),
    tos_uri: address('tos_uri'),
    jwks_uri: address('jwks_uri'),
    jwks: text('jwks') === '' ? undefined : keysOf(text('jwks')),
  };
}

/** What was wrong, field by field; anything else goes on. */
export function wrongOf(thrown: unknown): Wrong[] {
  if (!isFault(thrown) || thrown.kind !== 'invalid' || thrown.issues.length === 0) throw thrown;
  const seen = new Map(thrown.issues.map(({ at = '', text }) => [at, text]));
  return [...seen].map(([at, text]) => {
    const id = at === 'grant_types' ? 'kind' : at;
    const words = text.replace(/^\w+: e/, 'E');
    return (names as readonly string[]).includes(id) ? { field: id, text: `${words}.` } : { text: `${text}.` };
  });
}

const section = (title: string, id: string, content: readonly Html[]): Html =>
  html`<section class="sheet" aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>`;

export function applicationForm(action: string, texts: Texts, wrong: readonly Wrong[], submit: string): Html {
  const parts = (name: string, label: string) => {
    const error = errorOf(wrong, name);
    return { name, label, value: texts[name] ?? '', ...(error === undefined ? {} : { error }) };
  };
  const link = (name: string, label: string) => field({ ...parts(name, label), required: false, maxlength: 500 });
  return html`${errorSummary(wrong)}${form(action, [
    section('Who it is', 'who', [
      field({ ...parts('name', 'Name'), hint: 'People see it when they let the app in.', maxlength: 100 }),
      field({ ...parts('publisher', 'Publisher'), hint: 'Who answers for it.', maxlength: 200 }),
      field({ ...parts('contact', 'Contact'), hint: 'How a reviewer reaches them.', maxlength: 254 }),
      area({ ...parts('description', 'Description'), required: true }),
      area({ ...parts('purpose', 'Purpose'), hint: 'What it does with the data that it asks for.', required: true }),
      link('client_uri', 'Homepage (optional)'),
      link('policy_uri', 'Privacy policy (optional)'),
      link('tos_uri', 'Terms of service (optional)'),
    ]),
    section('What it asks for', 'asks', [
      choice({ ...parts('kind', 'How it works'), of: kinds }),
      area({ ...parts('scopes', 'Scopes'), hint: 'One a line, such as patient/Observation.rs. None: sign-in alone.' }),
      choice({ ...parts('view', 'Data'), of: views }),
    ]),
    section('How it connects', 'connects', [
      choice({ ...parts('auth_method', 'How it proves itself'), of: methods }),
      area({ ...parts('redirect_uris', 'Redirect addresses'), hint: 'One a line, compared letter by letter.' }),
      link('launch_uri', 'Launch address (optional)'),
      link('jwks_uri', 'Address of its public keys (optional)'),
      area({ ...parts('jwks', 'Or the public keys themselves'), hint: 'A JWK set; for a key pair alone.' }),
    ]),
    button(submit),
  ])}`;
}
