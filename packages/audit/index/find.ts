import { createHash } from 'node:crypto';
import type { Row, Segment, Statement } from '@safeguard/store';
import { targets_a_row } from './marks.ts';

/** A place in the order of the answers: newest first, then the place in the logs. */
export interface At {
  readonly at: number;
  readonly place: number;
}

/** One of these patients, or one of these other resources. */
export interface About {
  readonly patients: readonly string[];
  readonly resources: readonly string[];
}

/** What is looked for, in tokens. Each list is "one of these"; an absent one says nothing. */
export interface Wanted {
  /** [from, to), milliseconds. */
  readonly from: number;
  readonly to: number;
  /** Only what comes behind this in the order. */
  readonly after: At | undefined;
  /** What it is about; all must be met. */
  readonly abouts: readonly About[];
  readonly agents?: readonly string[];
  readonly actions?: readonly number[];
  readonly types?: readonly number[];
  readonly subtypes?: readonly number[];
  readonly outcomes?: readonly number[];
}

/** Places of what may answer, in order. The index is not trusted: each is to be opened and judged. */
export type Find = (tenant: number, wanted: Wanted, limit: number) => Promise<At[]>;

interface FoundRow extends Row, At {}

const last: At = { at: Number.MAX_SAFE_INTEGER, place: Number.MAX_SAFE_INTEGER };

interface Draft {
  readonly values: unknown[];
  value(value: unknown, type: string): string;
}

function createDraft(): Draft {
  const values: unknown[] = [];
  return { values, value: (value, type) => `$${values.push(value)}::${type}` };
}

/** What bounds a row of any table by time and place; the order of the index. */
const windowOf = (draft: Draft, { from, to, after = last }: Wanted, row: string): string =>
  [
    `${row}.at >= ${draft.value(from, 'int8')} and ${row}.at < ${draft.value(to, 'int8')}`,
    `${row}.at <= ${draft.value(after.at, 'int8')}`,
    `(${row}.at, ${row}.place) < (${draft.value(after.at, 'int8')}, ${draft.value(after.place, 'int8')})`,
  ].join(' and ');

const codeColumns = { actions: 'action', types: 'type', subtypes: 'subtype', outcomes: 'outcome' } as const;

function codesOf(draft: Draft, wanted: Wanted): string[] {
  return Object.entries(codeColumns).flatMap(([name, column]) => {
    const codes = wanted[name as keyof typeof codeColumns];
    return codes === undefined ? [] : [`e.${column} = any (${draft.value(codes, 'int4[]')})`];
  });
}

const columns = Array.from({ length: targets_a_row }, (_, column) => `t${column}`);

/** Rows of resources with one of the tokens; each column has an index of its own. */
const hasTarget = (draft: Draft, row: string, tokens: readonly string[]): string => {
  const list = draft.value(tokens, 'int8[]');
  return `(${columns.map((column) => `${row}.${column} = any (${list})`).join(' or ')})`;
};

const aboutExists = (draft: Draft, tokens: readonly string[]): string =>
  `exists (select from audit.about b where b.token = any (${draft.value(tokens, 'int8[]')})
    and b.at = e.at and b.place = e.place and b.tenant = e.tenant)`;

function existing(draft: Draft, tenant: string, { patients, resources }: About): string {
  const conditions = [
    ...(patients.length > 0 ? [aboutExists(draft, patients)] : []),
    ...(resources.length > 0
      ? [
          `(e.at, e.place) in (select r.at, r.place from audit.target r
          where r.tenant = ${tenant} and ${hasTarget(draft, 'r', resources)})`,
        ]
      : []),
  ];
  return `(${conditions.join(' or ')})`;
}

function agentsOf(draft: Draft, { agents }: Wanted): string[] {
  if (agents === undefined) return [];
  const list = draft.value(agents, 'int8[]');
  return [`(e.actor = any (${list}) or e.client = any (${list}) or ${aboutExists(draft, agents)})`];
}

const order = (row: string): string => `order by ${row}.at desc, ${row}.place desc`;
const joined = (row: string): string =>
  `join audit.entry e on e.tenant = ${row}.tenant and e.at = ${row}.at and e.place = ${row}.place`;

/** Resources have few events, patients may have many: who is asked for both is found by the former. */
function byAbout(draft: Draft, tenant: string, wanted: Wanted, limit: string): string {
  const leading = wanted.abouts.find(({ patients }) => patients.length === 0) ?? wanted.abouts[0];
  const { patients = [], resources = [] } = leading ?? {};
  const rest = [
    ...wanted.abouts.filter((one) => one !== leading).map((one) => existing(draft, tenant, one)),
    ...agentsOf(draft, wanted),
    ...codesOf(draft, wanted),
  ];
  const from = (table: string, row: string, condition: string): string => {
    const where = [`${row}.tenant = ${tenant}`, condition, windowOf(draft, wanted, row), ...rest].join(' and ');
    const entry = rest.length === 0 ? '' : joined(row);
    return `select distinct ${row}.at, ${row}.place from ${table} ${row} ${entry} where ${where}
      ${order(row)} limit ${limit}`;
  };
  // Each place once: the parts of an event may repeat a patient.
  const branches = [
    ...(patients.length > 0
      ? [
          `select l.at, l.place from unnest(${draft.value(patients, 'int8[]')}) t (token)
            cross join lateral (${from('audit.about', 'a', 'a.token = t.token')}) l`,
        ]
      : []),
    ...(resources.length > 0 ? [`(${from('audit.target', 'r', hasTarget(draft, 'r', resources))})`] : []),
  ];
  return `select distinct f.at, f.place from (${branches.join(' union all ')}) f ${order('f')} limit ${limit}`;
}

/** Along what an agent did, or had done through it. */
function byAgent(draft: Draft, tenant: string, wanted: Wanted, limit: string): string {
  const rest = codesOf(draft, wanted);
  const list = draft.value(wanted.agents ?? [], 'int8[]');
  const window = windowOf(draft, wanted, 'e');
  const along = (column: string): string => {
    const where = [`e.tenant = ${tenant}`, `e.${column} = t.token`, window, ...rest].join(' and ');
    return `(select e.at, e.place from audit.entry e where ${where} ${order('e')} limit ${limit})`;
  };
  const inParts = `(select distinct e.at, e.place from audit.about a ${joined('a')}
    where ${[`a.tenant = ${tenant}`, 'a.token = t.token', window, ...rest].join(' and ')}
    ${order('e')} limit ${limit})`;
  return `select distinct f.at, f.place from unnest(${list}) t (token)
    cross join lateral (${along('actor')} union all ${along('client')} union all ${inParts}) f
    ${order('f')} limit ${limit}`;
}

function byTime(draft: Draft, tenant: string, wanted: Wanted, limit: string): string {
  const where = [`e.tenant = ${tenant}`, windowOf(draft, wanted, 'e'), ...codesOf(draft, wanted)].join(' and ');
  return `select e.at, e.place from audit.entry e where ${where} ${order('e')} limit ${limit}`;
}

const named = (text: string): Statement => ({
  name: `audit.find.${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`,
  text,
});

export const createFind =
  (segment: Segment): Find =>
  (tenant, wanted, limit) => {
    const draft = createDraft();
    const [of, most] = [draft.value(tenant, 'int4'), draft.value(limit, 'int4')];
    const by = wanted.abouts.length > 0 ? byAbout : wanted.agents !== undefined ? byAgent : byTime;
    const text = by(draft, of, wanted, most);
    return segment.query<FoundRow>(tenant, named(text), draft.values);
  };
