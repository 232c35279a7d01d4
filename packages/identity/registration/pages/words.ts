import { type Html, html, timeOf, type Value } from '@safeguard/http';
import type { Application, ApplicationEvent, KeyUse, SecretUse } from '../types.ts';

const states: Readonly<Record<Application['state'], string>> = {
  draft: 'Draft',
  pending: 'Waits for a decision',
  approved: 'Approved',
  refused: 'Refused',
  revoked: 'Revoked',
};

export const stateOf = ({ state, in_force }: Application): string =>
  state !== 'approved' && state !== 'revoked' && in_force !== null
    ? `${states[state]}; an approved version works meanwhile`
    : states[state];

const fact = (name: string, value: Value): Html | false =>
  value !== undefined && value !== '' && html`<dt>${name}</dt><dd>${value}</dd>`;

/** Addresses are text: a page here leads to nobody's site. */
const lines = (list: readonly string[]): Html | undefined =>
  list.length === 0 ? undefined : html`${list.map((one) => html`<div><code>${one}</code></div>`)}`;

const methods: Readonly<Record<string, string>> = {
  none: 'Nothing: public app',
  client_secret_basic: 'A secret',
  client_secret_post: 'A secret',
  private_key_jwt: 'A key pair',
};
const sources = { portal: 'A member of the staff', dynamic: 'The software itself, by invitation', udap: 'UDAP' };

export const facts = (of: Application, describe: (scope: string) => string): Html => html`<dl class="facts">
${[
  fact('State', stateOf(of)),
  fact('Version', of.version),
  fact('Client id', html`<code>${of.id}</code>`),
  fact('Publisher', of.publisher),
  fact('Contact', of.contact),
  fact('Description', of.description),
  fact('Purpose', of.purpose),
  fact('Registered by', sources[of.source]),
  fact('Proves itself by', methods[of.auth_method] ?? of.auth_method),
  fact('Works', of.grant_types.includes('client_credentials') ? 'By itself' : 'For people who sign in'),
  fact('Data', of.view === 'full' ? 'As it is' : 'Without what identifies a person'),
  fact('Asks for', asked(of.scopes, describe)),
  of.in_force !== null && fact('In force now', asked(of.in_force.scopes, describe)),
  fact('Redirect addresses', lines(of.redirect_uris)),
  fact('Launch address', of.launch_uri),
  fact('Homepage', of.client_uri),
  fact('Privacy policy', of.policy_uri),
  fact('Terms of service', of.tos_uri),
  fact('Keys at', of.jwks_uri),
]}</dl>`;

export const asked = (scopes: readonly string[], describe: (scope: string) => string): Html =>
  scopes.length === 0
    ? html`Sign-in alone, no data`
    : html`<ul class="steps">${scopes.map((one) => html`<li>${describe(one)} <code>${one}</code></li>`)}</ul>`;

const kinds: Readonly<Record<ApplicationEvent['kind'], string>> = {
  create: 'Drafted',
  change: 'Changed',
  narrow: 'Narrowed: in force at once',
  submit: 'Asked for a decision',
  withdraw: 'Taken back',
  approve: 'Approved',
  refuse: 'Refused',
  revoke: 'Revoked',
};
const actors = {
  user: 'by a person',
  client: 'by a program',
  operator: 'by the operator',
  software: 'by the software',
};

const eventRow = ({ kind, actor_kind, at, version, reason }: ApplicationEvent): Html => html`<li class="row"><div>
<h3>${kinds[kind]}</h3>
<p class="hint">${timeOf(at)}, ${actors[actor_kind]}, version ${version}</p>
${reason !== null && html`<p>${reason}</p>`}</div></li>`;

export const historyList = (events: readonly ApplicationEvent[]): Html =>
  html`<ul class="rows">${events.toReversed().map(eventRow)}</ul>`;

const proofRow = (name: Html, ends_at: number | null, last_used_at: number | null): Html => html`<li class="row"><div>
<h3>${name}</h3><p class="hint">${last_used_at === null ? 'Not used yet' : html`Last used ${timeOf(last_used_at)}`}${
  ends_at !== null && html`, valid until ${timeOf(ends_at)}`
}</p></div></li>`;

export const proofList = (keys: readonly KeyUse[], secrets: readonly SecretUse[]): Html => html`<ul class="rows">
${keys.map(({ kid, ends_at, last_used_at }) => proofRow(html`Key <code>${kid}</code>`, ends_at, last_used_at))}
${secrets.map(({ created_at, ends_at, last_used_at }) =>
  proofRow(html`Secret made ${timeOf(created_at)}`, ends_at, last_used_at),
)}</ul>`;
