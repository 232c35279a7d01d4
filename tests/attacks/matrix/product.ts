import assert from 'node:assert/strict';
import type { Route } from '@safeguard/http';
import { byBrowser } from '../../harness/identity-house.ts';
import type { Answer, Instance } from '../../harness/instance.ts';
import { askedOf } from '../../harness/privilege.ts';
import type { Asker } from './askers.ts';
import { patiently, type Tried } from './run.ts';

/** The product's own routes: accounts, apps, access itself, pages. Who may, from docs, by the address alone. */

type Office = 'administrator' | 'security officer' | 'privacy officer' | 'auditor';
/** `unmasked`: of the workforce, who sees who patients are: an app that is started in a patient's record names them. */
type Who = 'themselves' | 'workforce' | 'unmasked' | 'directories' | readonly Office[];

const officers: readonly Office[] = ['administrator', 'security officer', 'privacy officer'];
const watchers: readonly Office[] = ['security officer', 'privacy officer', 'auditor'];
const keepers: readonly Office[] = ['security officer', 'privacy officer'];
const privacy: readonly Office[] = ['administrator', 'privacy officer'];
const administrator: readonly Office[] = ['administrator'];
/** Of the programme: who sees how the platform stands. */
const readers: readonly Office[] = [...officers, 'auditor'];

/** The first that fits. API and pages alike. */
const mayBy: readonly (readonly [RegExp, Who])[] = [
  [/^\w+ \/(api\/v1\/me|account)(\/|$)/, 'themselves'],
  [/^\w+ \/federation\/:provider\/link$/, 'themselves'],
  [/^\w+ (\/api\/v1)?\/access\/patients(\/|$)/, watchers],
  [/^\w+ \/api\/v1\/access\/consents\/notes$/, keepers],
  [/^\w+ (\/api\/v1)?\/access\/(notices|requests|elevations|elevate)(\/|$)/, 'workforce'],
  [/^\w+ (\/api\/v1)?\/access\/expla(in|nations)$/, 'workforce'],
  [/^POST \/api\/v1\/access\/break-glass$|^(GET|POST) \/access\/break-glass$/, 'workforce'],
  [/^\w+ (\/api\/v1)?\/access\/grants\/:id\/end$/, officers],
  [/^\w+ \/access\/grants(\/find)?$/, officers],
  [/^GET \/access$|^\w+ (\/api\/v1)?\/access\/grants(\/|$)/, 'workforce'],
  [/^\w+ (\/api\/v1)?\/access\//, officers],
  [/^\w+ (\/api\/v1)?\/rights(\/|$)/, privacy],
  [/^\w+ (\/api\/v1)?\/programme\/(tasks(\.ics|\/|$)|acknowledge$|acknowledgements\/owed$)/, 'workforce'],
  [/^GET (\/api\/v1)?\/programme\/(policies|versions)(?!.*\/draft)(\/|$)|^GET \/programme$/, 'workforce'],
  [/^POST (\/api\/v1)?\/programme\/.*\/(acknowledge|acknowledgement)$/, 'workforce'],
  // The forms of what officers propose are theirs too.
  [/^GET \/programme\/(controls\/:control\/(decision|waiver)|policies\/:policy\/draft)$/, officers],
  [/^GET (\/api\/v1)?\/programme\/|^POST \/api\/v1\/programme\/report(s|-requests)(\/|$)/, readers],
  [/^POST (\/api\/v1)?\/programme\//, officers],
  [/^\w+ \/api\/v1\/launches$/, 'unmasked'],
  [/^\w+ (\/api\/v1)?\/applications\/(review|:id\/deci(de|sion))$/, administrator],
  [/^\w+ (\/api\/v1)?\/applications(\/|$)/, 'unmasked'],
  [/^\w+ \/api\/v1\/(accounts|clients|groups|providers|branding|invitations)(\/|$)/, administrator],
  [/^\w+ \/scim\/v2\//, 'directories'],
];

export function whoMay({ method, path }: Pick<Route, 'method' | 'path'>): Who {
  const found = mayBy.find(([form]) => form.test(`${method} ${path}`));
  assert.ok(found, `who may ask ${method} ${path}?`);
  return found[1];
}

function isAmong({ name, asking: { kind, view } }: Asker, who: Who): boolean {
  if (typeof who !== 'string') return (who as readonly string[]).includes(name);
  if (who === 'themselves') return ['workforce', 'patient', 'proxy'].includes(kind);
  return kind === 'workforce' && (who === 'workforce' || (who === 'unmasked' && view === 'full'));
}

/** By a browser in which the person is signed in with two factors, whatever the app's token is good for. */
const byPerson = (asker: Asker, route: Route): boolean => route.auth !== 'token' && isAmong(asker, whoMay(route));

/** By a token: the apps here have no scope of the product. One program has, and looks. */
function byToken({ name }: Asker, route: Route): boolean {
  if (name !== 'program of the product' || route.auth !== 'either') return false;
  const { method, path } = route;
  if (/^\/api\/v1\/(accounts|groups|providers|branding)(\/|$)/.test(path)) return true;
  if (path.endsWith('/simulation')) return true;
  if (path.startsWith('/api/v1/access/explanations')) return true;
  if (path === '/api/v1/programme/checks/run') return true;
  const looks = /^\/api\/v1\/(access\/(?!notices)|programme\/(?!tasks|acknowledgements\/owed|report-requests))/;
  return method === 'GET' && looks.test(path);
}

/** Whether the gate let it in: what it then says of an empty body or an id of nothing is no matter here. */
function isLetIn({ path }: Route, { status, headers, json }: Answer): boolean {
  if (status === 401) return json?.errors?.[0]?.code === 'reauthenticate';
  const isPage = !/^\/(api|scim|oauth2)\//.test(path);
  const leads = String(headers['location'] ?? '');
  return status !== 403 && !(isPage && status === 303 && leads.startsWith('/sign-in?'));
}

/** What ends the session that asks comes last. */
const ends = ({ method, path }: Route): number =>
  path.endsWith('end-all') ? 2 : Number(method === 'DELETE' && path.endsWith('/me/sessions'));

export const guardedOf = (routes: readonly Route[]): Route[] =>
  routes.filter(({ path, auth }) => auth !== 'none' && !path.startsWith('/fhir/')).sort((a, b) => ends(a) - ends(b));

/** Whose tokens are tried on routes that no token of theirs is for: one of each sort. */
const byTokenToo = /^(anonymous|a token of nobody|no role|clinician|clinician of one factor|administrator|patient .*)$/;
const isSent = ({ name, asking: { kind } }: Asker): boolean =>
  kind === 'client' || byTokenToo.test(name) || officers.includes(name as Office);

/** Every guarded route by one asker: by token, and by browser where there is one. */
export async function tryProduct(safeguard: Instance, asker: Asker, routes: readonly Route[]): Promise<Tried[]> {
  const tried: Tried[] = [];
  const note = (route: Route, answer: Answer, may_it: boolean, by: string): void => {
    const { method, path } = route;
    const came = isLetIn(route, answer);
    const attempt = {
      ...{ asker, route: `${method} ${path}`, asked: { method, path: `${path} by ${by}` } },
      expected: may_it ? ('served' as const) : ('refused' as const),
    };
    const told = { attempt, status: answer.status, id: String(answer.headers['x-request-id']) };
    const breach = answer.status >= 500 ? 'an error of ours' : came && !may_it ? 'LET IN' : 'refused to who may';
    tried.push(came === may_it && answer.status < 500 ? told : { ...told, breach: `${breach}: ${answer.status}` });
  };
  const browser = asker.person === undefined ? undefined : byBrowser(asker.person);
  for (const route of routes) {
    const asked = askedOf(route);
    const headers = { ...asker.headers, ...(asked as { headers?: Record<string, string> }).headers };
    if (isSent(asker)) {
      const answer = await patiently(() => safeguard.request({ ...asked, headers }));
      note(route, answer, byToken(asker, route), 'token');
    }
    if (browser !== undefined) note(route, await patiently(() => browser(asked)), byPerson(asker, route), 'browser');
  }
  return tried;
}
