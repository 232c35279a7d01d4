import type { Access, Visibility } from '@safeguard/access';
import type { Answer, Principal, RequestContext, Route } from '@safeguard/http';
import { fault, newId } from '@safeguard/kernel';

export const tenant = 7;

/** An officer by `roles`, a client by scopes, a patient by `within`: as the access package decides, in few words. */
const isOfficer = ({ roles = [], kind }: Principal): boolean => kind === 'user' && roles.includes('auditor');
const hasScope = ({ scopes }: Principal): boolean => scopes.some((scope) => scope.includes('AuditEvent.rs'));

const visible = (principal: Principal): Visibility => {
  if (!hasScope(principal)) return 'none';
  const patients = principal.within ?? (principal.patient === undefined ? undefined : [principal.patient]);
  return patients === undefined ? 'all' : [{ patients }];
};

export const fakeAccess: Pick<Access, 'decide' | 'guard' | 'visible'> = {
  decide: (principal) => ({ permit: isOfficer(principal), reason: 'test' }) as never,
  guard: (principal) => {
    if (!isOfficer(principal)) throw fault('forbidden', 'Access denied: test.');
  },
  visible,
};

const caller = (change: Partial<Principal>): Principal => ({
  tenant,
  kind: 'user',
  id: newId(),
  scopes: [],
  view: 'full',
  ...change,
});

export const officer = (change: Partial<Principal> = {}): Principal => caller({ roles: ['auditor'], ...change });
export const patientUser = (...within: readonly string[]): Principal =>
  caller({ within, scopes: ['patient/AuditEvent.rs'], account: 'patient' });
export const service = (change: Partial<Principal> = {}): Principal =>
  caller({ kind: 'client', scopes: ['system/AuditEvent.rs'], ...change });
export const stranger = (): Principal => caller({ scopes: ['user/AuditEvent.rs'] });

export interface Asked {
  readonly query?: string;
  readonly id?: string;
  readonly headers?: Record<string, string>;
}

/** What a caller is answered, and what the ledger would be told of it. */
export async function ask(routes: readonly Route[], principal: Principal, { query = '', id, headers = {} }: Asked) {
  const route = routes.find(({ method, path }) => method === 'GET' && path.endsWith('/:id') === (id !== undefined));
  if (route === undefined) throw new Error('no such route');
  const told: { about: unknown; found: unknown } = { about: undefined, found: undefined };
  const context: RequestContext = {
    id: newId(),
    at: Date.now(),
    principal,
    method: 'GET',
    params: id === undefined ? {} : { id },
    query: new URLSearchParams(query),
    headers,
    body: Buffer.alloc(0),
    remote: '203.0.113.7',
    base: 'https://house.example',
    signal: new AbortController().signal,
    about: (targets) => {
      told.about = targets;
    },
    found: (finding) => {
      told.found = finding;
    },
    event: () => {
      throw new Error('not asked here');
    },
  };
  const answer: Answer = await route.handle(context);
  return { answer, told, body: JSON.parse(String(answer.body)) };
}

export interface Bundle {
  readonly entry?: readonly { readonly resource: Resource }[];
  readonly link: readonly { readonly relation: string; readonly url: string }[];
}
export interface Resource {
  readonly id: string;
  readonly [name: string]: unknown;
}

export const resourcesOf = ({ entry = [] }: Bundle): Resource[] => entry.map(({ resource }) => resource);
export const nextOf = ({ link }: Bundle): string | undefined => {
  const url = link.find(({ relation }) => relation === 'next')?.url;
  return url === undefined ? undefined : new URL(url).search.slice(1);
};

/** All pages of a search. */
export async function searchAll(routes: readonly Route[], principal: Principal, query: string): Promise<Resource[]> {
  const found: Resource[] = [];
  for (let at: string | undefined = query; at !== undefined; ) {
    const { body }: { body: Bundle } = await ask(routes, principal, { query: at });
    found.push(...resourcesOf(body));
    at = nextOf(body);
  }
  return found;
}
