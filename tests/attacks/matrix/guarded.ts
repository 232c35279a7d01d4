import { randomUUID } from 'node:crypto';
import {
  administratorActions,
  envelopeInteractions,
  permissionInteractions,
  publicInteractions,
  roleActions,
  type ScopedAction,
  selfActions,
  systemInteractions,
  typeInteractions,
  workforceActions,
} from '@safeguard/access';
import type { Principal, RequestContext, Route } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { Guarding } from './routes.ts';

/** What the guard was asked by a route, before anything else happened. */
interface Question {
  readonly action: string;
  readonly type: string | undefined;
}

const managed: ReadonlyMap<string, ScopedAction> = new Map<string, ScopedAction>([
  ...administratorActions,
  ...workforceActions,
  ...roleActions,
]);
const interactions: ReadonlySet<string> = new Set([
  ...[...typeInteractions.keys(), ...systemInteractions.keys(), ...permissionInteractions.keys()],
  ...[...envelopeInteractions, ...publicInteractions],
]);

/** Whether a table of `access` says who may. */
const isKnown = ({ action, type = '' }: Question): boolean =>
  interactions.has(action) || selfActions.has(action) || managed.get(action)?.types.includes(type) === true;

/** Routes that ask for nobody, by the name of what they do, and why that is right. */
export const open: Readonly<Record<string, string>> = {
  capabilities: 'CapabilityStatement: nothing of anybody (FHIR R4 3.1.0.9)',
  'smart-configuration': 'SMART App Launch 2.2: public',
  discovery: 'OpenID Connect Discovery, RFC 8414, UDAP: public',
  keys: 'public keys (RFC 7517)',
  'api-describe': 'OpenAPI document: the same for everybody',
  'page-asset': 'style sheets and logos',
  'federation-metadata': 'SAML metadata: public',
  'sign-in-page': 'for who is not signed in yet',
  'sign-in-step': 'for who is not signed in yet; each step hangs on a cookie of the one before',
  'sign-out-page': 'for whoever is there',
  'sign-out': 'ends what the cookie names, and nothing else',
  'link-page': 'hangs on the secret in the address',
  'link-open': 'hangs on the secret in the address',
  authorize: 'leads to the sign-in',
  'authorize-page': 'hangs on the cookie of the interaction; asks who is signed in itself',
  consent: 'hangs on the cookie of the interaction',
  'patient-choose': 'hangs on the cookie of the interaction; guarded as a search once it is known who',
  'patient-search': 'hangs on the cookie of the interaction; guarded as a search once it is known who',
  'encounter-choose': 'hangs on the cookie of the interaction',
  'authorize-push': 'the client proves itself (RFC 9126)',
  'token-issue': 'the client proves itself (RFC 6749 3.2)',
  'token-revoke': 'the client proves itself (RFC 7009)',
  'token-introspect': 'the client proves itself (RFC 7662)',
  userinfo: 'its own token (OpenID Connect Core 5.3)',
  'client-register': 'hangs on an invitation (RFC 7591)',
  'client-register-read': 'its own registration token (RFC 7592)',
  'client-register-change': 'its own registration token (RFC 7592)',
  'client-register-end': 'its own registration token (RFC 7592)',
  'udap-register': 'a signed software statement (UDAP)',
  'trust-read': 'what the operator publishes of the platform: the same for everybody',
  'trust-request': 'anybody may ask for a report; who gets it is decided by officers',
  'trust-download': 'hangs on the secret in the address',
  'federation-start': 'leads to another sign-in',
  'federation-return': 'hangs on the cookie of the flow',
  'federation-answer': 'a signed SAML response',
  'federation-logout': 'a signed logout token',
};

/** Of somebody who is signed in, and asked about nothing but that. */
export const ofOnesOwn: Readonly<Record<string, string>> = {
  'federation-link': 'leads to another sign-in, after a fresh factor; what comes back is linked to the own account',
};

const principal: Principal = {
  ...{ tenant: 1, kind: 'user', id: randomUUID(), account: 'workforce', session: randomUUID() },
  ...{ scopes: ['user/*.cruds'], view: 'full', assurance: { level: 2, at: Date.now(), methods: ['pwd', 'otp'] } },
};

const samples: Readonly<Record<string, string>> = { type: 'Observation', member: 'Observation', version: '1' };

const bodyFor = (action: string): string =>
  action === 'transaction' ? '{"resourceType":"Bundle","type":"transaction"}' : '{"resourceType":"Parameters"}';

function contextOf({ method, path, action, accepts = [] }: Route): RequestContext {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  const of = path.includes('$everything') || path.includes(':member') || path.includes('$purge') ? 'Patient' : '';
  const params = Object.fromEntries(names.map((name) => [name, samples[name] ?? randomUUID()]));
  const body = method === 'GET' || accepts.some((type) => type.includes('urlencoded')) ? '' : bodyFor(action);
  return {
    ...{ id: randomUUID(), at: Date.now(), principal, method, query: new URLSearchParams(), headers: {} },
    ...{ params: of === '' || params['type'] === undefined ? params : { ...params, type: of }, remote: '127.0.0.1' },
    ...{ body: Buffer.from(body), base: 'https://localhost', signal: new AbortController().signal, url: path },
    event: () => ({}) as never,
    about: () => undefined,
    found: () => undefined,
  };
}

const stop = fault('forbidden', 'asked');

/** Calls every route that is not open, with a guard that lets nobody in; tells what is wrong with which. */
export async function unguarded(routesWith: (guard: Guarding) => readonly Route[]): Promise<string[]> {
  let questions: Question[] = [];
  const routes = routesWith((_principal, action, target) => {
    questions.push({ action, type: target?.type });
    throw stop;
  });
  const wrong: string[] = [];
  for (const route of routes) {
    const name = `${route.method} ${route.path} (${route.action})`;
    if (route.auth === 'none') {
      if (open[route.action] === undefined) wrong.push(`${name}: open to everybody, and not among those that are`);
      continue;
    }
    if (ofOnesOwn[route.action] !== undefined) continue;
    questions = [];
    let ended: unknown;
    try {
      await route.handle(contextOf(route));
    } catch (error) {
      ended = error;
    }
    const strange = questions.filter((one) => !isKnown(one));
    if (questions.length === 0) wrong.push(`${name}: does its work without asking the guard: ${String(ended)}`);
    for (const { action, type } of strange) wrong.push(`${name}: asks for ${action} on ${type}, which is in no table`);
    if (questions.length > 0 && ended !== stop) wrong.push(`${name}: goes on after the guard: ${String(ended)}`);
  }
  return wrong;
}
