import { isUuid } from '@safeguard/kernel';
import type { Shown } from '../content/render.ts';
import type { PolicyText } from '../content/types.ts';
import { houseOf, inForce, type PoliciesDeps } from './deps.ts';
import { valuesFor } from './text.ts';
import type { PolicyVersion } from './types.ts';

export type VersionRow = {
  id: string;
  tenant: number;
  policy: string;
  number: number;
  content: PolicyText;
  digest: string;
  file_digest: string;
  source: 'repository' | 'draft';
  path: string | null;
  commit: string | null;
  based_on: number | null;
  made_by: string;
  made_at: Date;
  published_at: Date | null;
  parameters: Record<string, Shown> | null;
  review_due_at: Date | null;
  /** The number of the one in force. */
  current: number | null;
  task: string | null;
  task_state: string | null;
  approvals: string[] | null;
};

/** Every version of a tenant (and of a policy, where it is named), with what happened to it. */
const select = `select v.id, v.tenant, v.policy, v.number, v.content, v.digest, v.file_digest, v.source, v.path,
    v.commit, v.based_on, v.made_by, v.made_at, p.published_at, p.parameters,
    greatest(p.review_due_at, (select max(r.due_at) from programme.policy_review r
      where r.tenant = v.tenant and r.policy = v.policy and r.number = v.number)) as review_due_at,
    (select max(c.number) from programme.publication c where c.tenant = v.tenant and c.policy = v.policy) as current,
    t.id as task, t.state as task_state, t.approvals
  from programme.policy_version v
  left join programme.publication p on p.tenant = v.tenant and p.policy = v.policy and p.number = v.number
  left join lateral (select t.id, t.state, t.approvals from programme.task t where t.tenant = v.tenant
      and t.kind = 'policy-approval' and t.about = v.policy || '#' || v.number
      order by t.id = p.task desc nulls last, t.number desc limit 1) t on true
  where v.tenant = $1`;

const ofPolicy = {
  name: 'programme.policy-version.of-policy',
  text: `${select} and ($2::text is null or v.policy = $2) order by v.policy, v.number`,
};
const byNumber = {
  name: 'programme.policy-version.by-number',
  text: `${select} and v.policy = $2 and v.number = $3`,
};
/** Of each policy the one in force, or else the newest: texts are long, and nobody wants them all at once. */
const newest = {
  name: 'programme.policy-version.newest',
  text: `select distinct on (o.policy) o.* from (${select}) o
    order by o.policy, (o.number = o.current) desc nulls last, o.number desc`,
};
const byId = { name: 'programme.policy-version.by-id', text: `${select} and v.id = $2` };
const published = {
  name: 'programme.policy-version.published',
  text: `${select} and p.number is not null and not exists (select from programme.publication n
    where n.tenant = p.tenant and n.policy = p.policy and n.number > p.number)
    and ($2::text is null or v.policy = $2) order by v.policy`,
};

/** Of the database's `int`. */
const number_most = 2 ** 31 - 1;

function stateOf({ number, published_at, current, task_state }: VersionRow): PolicyVersion['state'] {
  if (published_at !== null) return number === current ? 'published' : 'superseded';
  if (task_state === 'rejected') return 'rejected';
  if (current !== null && number < current) return 'superseded';
  if (task_state === 'done') return 'approved';
  return task_state === null || task_state === 'withdrawn' ? 'draft' : 'in-review';
}

function sourceOf({ source, path, commit }: VersionRow): PolicyVersion['source'] {
  if (source === 'draft') return { kind: 'draft' };
  return { kind: 'repository', path: path ?? '', ...(commit === null ? {} : { commit }) };
}

/** Frozen at publication; of what is none yet, those of this moment. */
export function shownIn(
  deps: Pick<PoliciesDeps, 'content' | 'parameters'>,
  row: Pick<VersionRow, 'parameters' | 'content'>,
) {
  const now = valuesFor(row.content.text, inForce(deps));
  return { now, shown: row.parameters === null ? now : new Map(Object.entries(row.parameters)) };
}

export function versionOf(deps: Pick<PoliciesDeps, 'content' | 'parameters'>, row: VersionRow): PolicyVersion {
  const { id, tenant, policy, number, content, digest, made_by, made_at, published_at, review_due_at, based_on } = row;
  const { now, shown } = shownIn(deps, row);
  const state = stateOf(row);
  const drifted = [...shown].filter(([name, { value }]) => now.get(name)?.value !== value).map(([name]) => name);
  return {
    ...{ id, tenant, policy, number, title: content.title, state, content, digest },
    parameters: Object.fromEntries([...shown].map(([name, { value }]) => [name, value])),
    units: Object.fromEntries([...shown].flatMap(([name, { unit }]) => (unit === undefined ? [] : [[name, unit]]))),
    drifted: state === 'published' ? drifted : [],
    ...(based_on === null ? {} : { based_on }),
    ...{ source: sourceOf(row), made_by, made_at: made_at.getTime() },
    approved_by: published_at === null ? [] : (row.approvals ?? []),
    ...(published_at === null ? {} : { published_at: published_at.getTime() }),
    ...(published_at === null || review_due_at === null ? {} : { review_due_at: review_due_at.getTime() }),
    ...(row.task === null ? {} : { task: row.task }),
  };
}

/** Versions of a tenant, oldest first of each policy. */
export async function versionsOf(deps: PoliciesDeps, tenant: number, policy?: string): Promise<PolicyVersion[]> {
  const rows = await deps.segment.query<VersionRow>(tenant, ofPolicy, [tenant, policy ?? null]);
  return rows.map((row) => versionOf(deps, row));
}

/** One of them. */
export async function versionByNumber(deps: PoliciesDeps, tenant: number, policy: string, number: number) {
  if (!Number.isInteger(number) || number < 1 || number > number_most) return undefined;
  const [row] = await deps.segment.query<VersionRow>(tenant, byNumber, [tenant, policy, number]);
  return row === undefined ? undefined : versionOf(deps, row);
}

/** Those in force, by id of the policy. */
export async function publishedOf(deps: PoliciesDeps, tenant: number, policy?: string): Promise<PolicyVersion[]> {
  const rows = await deps.segment.query<VersionRow>(tenant, published, [tenant, policy ?? null]);
  return rows.map((row) => versionOf(deps, row));
}

export async function versionById(deps: PoliciesDeps, tenant: number, id: string): Promise<PolicyVersion | undefined> {
  if (!isUuid(id)) return undefined;
  const [row] = await deps.segment.query<VersionRow>(tenant, byId, [tenant, id]);
  return row === undefined ? undefined : versionOf(deps, row);
}

/** This version, or the one in force; of a customer without its own that of the house. */
export async function readVersion(
  deps: PoliciesDeps,
  tenant: number,
  policy: string,
  number?: number,
): Promise<PolicyVersion | undefined> {
  if (number !== undefined) return versionByNumber(deps, tenant, policy, number);
  const [own] = await publishedOf(deps, tenant, policy);
  if (own !== undefined || tenant === houseOf(deps)) return own;
  return (await publishedOf(deps, houseOf(deps), policy))[0];
}

/** Of each policy the one in force, or else the newest; of a customer also what it inherits whole. */
export async function listVersions(deps: PoliciesDeps, tenant: number): Promise<PolicyVersion[]> {
  const shown = new Map<string, PolicyVersion>();
  const own = await deps.segment.query<VersionRow>(tenant, newest, [tenant]);
  for (const row of own) shown.set(row.policy, versionOf(deps, row));
  const house = tenant === houseOf(deps) ? [] : await publishedOf(deps, houseOf(deps));
  for (const one of house) if (shown.get(one.policy)?.state !== 'published') shown.set(one.policy, one);
  return [...shown.values()].sort((one, other) => (one.policy < other.policy ? -1 : 1));
}
