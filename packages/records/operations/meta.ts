import { parseWritten, resourceTypes, typeNumber, validate } from '@safeguard/fhir';
import { fault, type JsonObject } from '@safeguard/kernel';
import { type Call, missing, type Outcome, requireFullView, type Shelf } from '../call.ts';
import { type SeenSql, seenSql } from '../search/seen-sql.ts';
import { createDraft, shaped } from '../search/sql.ts';
import { columns, type StoredRow } from '../storage/rows.ts';
import { checkPatched } from '../verbs/patch.ts';
import { openToChange } from '../verbs/patched.ts';
import { read } from '../verbs/read.ts';
import { replace } from '../verbs/replace.ts';
import { seen } from '../verbs/sight.ts';
import { vread } from '../verbs/vread.ts';
import { added, type MetaSets, metaWith, removed, setsOf } from './meta-merge.ts';
import { named, parametersIn, returned } from './parameters.ts';

/** What the operation is asked of: a version, a resource, a type, or everything. */
export interface MetaTarget {
  readonly type?: string;
  readonly id?: string;
  readonly version?: string;
}

/** `$meta` (FHIR R4 resource-operation-meta): the meta of a resource, or all that is used in a type or the system. */
export async function meta(shelf: Shelf, call: Call, { type, id, version }: MetaTarget): Promise<Outcome> {
  if (type === undefined || id === undefined) return metaOfMany(shelf, call, type);
  shelf.guard(call.principal, 'meta', { type });
  const plain = { ...call, conditions: {} };
  const outcome =
    version === undefined ? await read(shelf, plain, type, id) : await vread(shelf, plain, type, id, version);
  const resource = parseWritten(outcome.text ?? '{}') as JsonObject;
  return { ...outcome, text: returned({ valueMeta: resource.meta ?? {} }) };
}

/** How many resources are opened at most to tell what a type or the system uses, and how many at once. */
const most = 50_000;
const rows_at_once = 500;

async function metaOfMany(shelf: Shelf, call: Call, type: string | undefined): Promise<Outcome> {
  if (type === undefined) shelf.guard(call.principal, 'meta-system');
  else shelf.guard(call.principal, 'meta-type', { type });
  let sets: MetaSets = setsOf({});
  const left = { rows: most };
  for (const one of type === undefined ? resourceTypes : [type]) {
    if (shelf.access.visible(call.principal, one) === 'none') continue;
    for await (const found of metasOf(shelf, call, one, left)) sets = added(sets, setsOf(found));
  }
  return { status: 200, text: returned({ valueMeta: metaWith({}, sets) }), targets: [] };
}

interface After {
  readonly at: string;
  readonly id: string;
}

/** Live resources of a type that may be seen, oldest first. */
function rowsAfter(shelf: Shelf, tenant: number, type: string, visible: SeenSql, after: After): Promise<StoredRow[]> {
  const draft = createDraft();
  const text = `select ${columns} from records.resource r
    where tenant = ${draft.value(tenant, 'int4')} and type = ${draft.value(typeNumber(type), 'int2')}
      and body is not null and (at, id) > (${draft.value(after.at, 'timestamptz')}, ${draft.value(after.id, 'uuid')})
      and ${visible(draft, 'r')}
    order by at, id limit ${rows_at_once}`;
  return shelf.clinical.query<StoredRow>(tenant, shaped(text), draft.values);
}

/** The metas of the resources of a type that the caller sees. */
async function* metasOf(shelf: Shelf, call: Call, type: string, left: { rows: number }): AsyncGenerator<unknown> {
  const { tenant, view } = call.principal;
  const { planning } = await shelf.engine.search(call.principal);
  const sight = await seenSql(planning, [type]);
  let after: After = { at: '1970-01-01T00:00:00.000Z', id: '00000000-0000-0000-0000-000000000000' };
  for (;;) {
    const rows = await rowsAfter(shelf, tenant, type, sight, after);
    left.rows -= rows.length;
    if (left.rows < 0) throw fault('unprocessable', `$meta reads ${most} resources at most`, tooCostly);
    const visible = await seen(shelf, call, 'search-type', rows);
    for (const text of await shelf.opener.texts(tenant, visible, view)) {
      if (text !== undefined) yield (parseWritten(text) as JsonObject).meta;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < rows_at_once) return;
    after = { at: last.at.toISOString(), id: last.id };
  }
}

const tooCostly = {
  issues: [{ severity: 'error', code: 'too-costly', text: `$meta reads ${most} resources at most` }],
} as const;

/**
 * `$meta-add` and `$meta-delete`: the next version of the resource, with profiles, tags and security labels added or
 * taken away. An earlier version is never changed here: 422.
 */
export async function changeMeta(
  shelf: Shelf,
  call: Call,
  how: 'meta-add' | 'meta-delete',
  { type = '', id = '', version }: MetaTarget,
  body: () => unknown,
): Promise<Outcome> {
  shelf.guard(call.principal, how, { type });
  // It answers with the whole meta.
  shelf.guard(call.principal, 'meta', { type });
  requireFullView(call);
  const { tenant } = call.principal;
  const given = readMeta(body());
  const change = how === 'meta-add' ? added : removed;
  const outcome = await replace(shelf, call, {
    type,
    id,
    action: how,
    tells: 'meta',
    next: async (row) => {
      if (version !== undefined && version !== String(row.version)) throw frozen();
      const resource = await openToChange(shelf, tenant, row, type);
      const next = { ...resource, meta: metaWith(resource.meta, change(setsOf(resource.meta), given)) };
      return checkPatched(shelf, tenant, next, type);
    },
    absent: () => missing(type),
  });
  const after = parseWritten(outcome.text ?? '{}') as JsonObject;
  return { ...outcome, text: returned({ valueMeta: after.meta ?? {} }) };
}

const frozen = (): Error => fault('unprocessable', 'Only the current version can be changed; it makes a new one');

/** The parameter `meta`, valid. */
function readMeta(body: unknown): MetaSets {
  const given = named(parametersIn(body), 'meta')?.valueMeta;
  const issues = validate({ resourceType: 'Basic', meta: given, code: { text: 'meta' } }, { type: 'Basic' });
  if (typeof given !== 'object' || given === null || issues.some(({ severity }) => severity === 'error')) {
    throw fault('invalid', 'Expected a parameter meta with a valid valueMeta');
  }
  return setsOf(given);
}
