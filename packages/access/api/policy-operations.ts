import {
  apiPrefix,
  checkIfMatch,
  type Operation,
  operation,
  type Principal,
  present,
  type RequestContext,
} from '@safeguard/http';
import type { PolicyFilter, PolicyText, PolicyVersion } from '../policies/types.ts';
import { inBody } from './policy-pointers.ts';
import * as schemas from './policy-schemas.ts';
import { policyTag, summaryViews, toldVersion } from './policy-views.ts';
import type { AccessApiDeps } from './ports.ts';
import { noSuch } from './reach.ts';

type Deps = Pick<AccessApiDeps, 'policies' | 'people'>;

export const policyPath = '/access/policies';
const type = 'Policy';
export const byNumber = { params: { version: { type, form: 'number' } } } as const;
export const ofPolicy = { type, scope: 'safeguard/access' } as const;
const limit_bytes = 6_000_000;

/** Fault `missing`. */
export async function versionOf({ policies }: Deps, { tenant }: Principal, version: string): Promise<PolicyVersion> {
  const found = await policies.byVersion(tenant, Number(version));
  if (found === undefined) throw noSuch();
  return found;
}

/** The address of a new version. */
export const placeOf = ({ base }: RequestContext, { version }: PolicyVersion) => ({
  Location: `${base}${apiPrefix}${policyPath}/${version}`,
});

const list = (deps: Deps): Operation =>
  operation({
    ...ofPolicy,
    method: 'GET',
    path: policyPath,
    action: 'policy-list',
    summary: 'Lists the versions of the policy, newest first',
    query: schemas.policyQuery,
    status: 200,
    answer: schemas.policyPage,
    async handle({ principal: { tenant }, query: { count, ...rest }, context }) {
      const wanted = { ...present(rest), count: count + 1 } as PolicyFilter;
      const found = await deps.policies.list(tenant, wanted);
      const items = await summaryViews(deps, tenant, found.slice(0, count));
      const next = found.length > count ? (items.at(-1)?.version ?? null) : null;
      return { status: 200, body: { items, next }, headers: nextLink(context, next) };
    },
  });

function nextLink({ base, url = '' }: RequestContext, next: number | null): Record<string, string> {
  if (next === null) return {};
  const target = new URL(url, base);
  target.searchParams.set('before', String(next));
  return { Link: `<${base}${target.pathname}${target.search}>; rel="next"` };
}

const read = (deps: Deps): Operation =>
  operation({
    ...ofPolicy,
    ...byNumber,
    method: 'GET',
    path: `${policyPath}/:version`,
    action: 'policy-read',
    summary: 'Reads a version: its text, its tests and what was decided of it',
    status: 200,
    answer: schemas.policyVersion,
    handle: async ({ principal, params: { version = '' } }) =>
      toldVersion(deps, await versionOf(deps, principal, version)),
  });

const draft = (deps: Deps): Operation =>
  operation({
    ...ofPolicy,
    method: 'POST',
    path: policyPath,
    action: 'policy-draft',
    summary: 'Begins a new version',
    body: schemas.newPolicy,
    limit_bytes,
    status: 201,
    answer: schemas.policyVersion,
    async handle({ principal, body, context }) {
      const made = await inBody(deps.policies.draft(principal, present(body) as PolicyText & { based_on?: number }));
      const told = await toldVersion(deps, made, 201);
      return { ...told, headers: { ...told.headers, ...placeOf(context, made) } };
    },
  });

const change = (deps: Deps): Operation =>
  operation({
    ...ofPolicy,
    ...byNumber,
    method: 'PUT',
    path: `${policyPath}/:version`,
    action: 'policy-change',
    summary: 'Replaces the text of a draft',
    description: 'With If-Match: only when it is still what was read.',
    body: schemas.policyText,
    limit_bytes,
    status: 200,
    answer: schemas.policyVersion,
    problems: [409, 412],
    async handle({ principal, params: { version = '' }, body, context }) {
      const before = await versionOf(deps, principal, version);
      checkIfMatch(context, policyTag(before));
      // What was read is what is replaced: whoever changes it in between wins, and this is told so.
      const edition = context.headers['if-match'] === undefined ? {} : { edition: before.edition };
      const text = { ...present(body), ...edition } as PolicyText;
      return toldVersion(deps, await inBody(deps.policies.change(principal, before.version, text)));
    },
  });

export const policyOperations = (deps: Deps): Operation[] => [list(deps), read(deps), draft(deps), change(deps)];
