import { patientsOf } from '@safeguard/http';
import { type Check, type CheckContext, resultOf } from '@safeguard/kernel';
import { type Audited, eventsAt, partOf } from '../event.ts';
import { listMarks } from '../index/statements.ts';
import { createTokens, entryRow, type Tokens } from '../index/tokens.ts';
import { numberOf } from '../place.ts';
import { type AuditCheckDeps, hour_s, minute_ms } from './deps.ts';

/** Entries of each log, rows of each index, and tenants: looked at in one run. */
const [entries_each, tenants_most] = [40, 25];
/** The index follows in seconds; under load it may fall behind for a while. */
const late_ms = 10 * minute_ms;

const newest = {
  name: 'audit.check.newest',
  text: `select place, at, actor::text, client::text, action, type, subtype, outcome from audit.entry
    where tenant = $1 order by at desc, place desc limit ${entries_each}`,
};
const placed = {
  name: 'audit.check.placed',
  text: 'select place from audit.entry where tenant = $1 and at = any ($2::int8[]) and place = any ($3::int8[])',
};
const abouts = {
  name: 'audit.check.abouts',
  text: `select place, token::text from audit.about
    where tenant = $1 and token = any ($2::int8[]) and place = any ($3::int8[])`,
};

interface Placed extends Record<string, unknown> {
  readonly place: number;
}

/** Rows that the index has, held against the entries that they are of. */
async function rowsAgree({ segment, ledger }: AuditCheckDeps, tenant: number, tokens: Tokens) {
  const rows = await segment.query<Placed>(tenant, newest, [tenant]);
  const events = await eventsAt(
    ledger,
    tenant,
    rows.map(({ place }) => place),
  );
  const byPlace = new Map(events.map((one) => [numberOf(one.place), one.event]));
  const wrong = rows.flatMap((row) => {
    const event = byPlace.get(row.place);
    const name = `row ${row.place} of the index of tenant ${tenant}`;
    if (event === undefined) return [`${name} is of no entry of the log`];
    const made: Record<string, unknown> = { ...entryRow(tokens, event, row.place) };
    return Object.keys(row).every((column) => String(row[column]) === String(made[column]))
      ? []
      : [`${name} differs from its entry`];
  });
  return { looked: rows.length, wrong };
}

interface Log {
  readonly shard: number;
  readonly size: number;
  readonly next: number;
}

/** Whether the index is as far as the log was a while ago. */
async function lagOf({ ledger }: AuditCheckDeps, tenant: number, { shard, size, next }: Log, at: number) {
  if (next >= size) return [];
  const [waiting] = await ledger.read(tenant, next, 1, shard);
  if (waiting === undefined || waiting.at > at - late_ms) return [];
  return [`the index of tenant ${tenant} stands at entry ${next} of ${size} of log ${shard}, for more than 10 minutes`];
}

/** The newest entries that count as indexed: each has its row, and one for each patient in it. */
async function entriesIndexed(
  { segment, ledger }: AuditCheckDeps,
  tenant: number,
  tokens: Tokens,
  { shard, next }: Log,
) {
  const from = Math.max(0, next - entries_each);
  const read = next === 0 ? [] : await ledger.read(tenant, from, Math.min(entries_each, next), shard);
  const events = read.flatMap(({ index, event }): Audited[] => {
    const one = partOf(event);
    return one === undefined || (one.part ?? 1) !== 1 ? [] : [{ place: { shard, index }, event: one }];
  });
  const places = events.map(({ place }) => numberOf(place));
  const rows = await segment.query<Placed>(tenant, placed, [tenant, events.map(({ event }) => event.at), places]);
  const has = new Set(rows.map(({ place }) => place));
  const wanted = events.flatMap(({ place, event }) =>
    patientsOf(event).map((id) => ({ place: numberOf(place), token: tokens.patient(id) })),
  );
  const values = [tenant, wanted.map(({ token }) => token), places];
  const found = await segment.query<Placed & { token: string }>(tenant, abouts, values);
  const about = new Set(found.map(({ place, token }) => `${place} ${token}`));
  const missing = (place: number, what: string): string =>
    `entry ${Math.floor(place / 1024)} of log ${shard} of tenant ${tenant} ${what}`;
  const wrong = [
    ...places.filter((place) => !has.has(place)).map((place) => missing(place, 'has no row in the index')),
    ...wanted
      .filter(({ place, token }) => !about.has(`${place} ${token}`))
      .map(({ place }) => missing(place, 'is not found by a patient in it')),
  ];
  return { looked: events.length, wrong };
}

async function lookAt(deps: AuditCheckDeps, tenant: number, at: number) {
  const tokens = createTokens(await deps.vault(tenant));
  const marks = await deps.segment.query<{ shard: number; next: number }>(tenant, listMarks, [tenant]);
  const own = await rowsAgree(deps, tenant, tokens);
  let looked = own.looked;
  const wrong = [...own.wrong];
  for (const { shard, size } of await deps.ledger.sizes(tenant)) {
    const log = { shard, size, next: marks.find((mark) => mark.shard === shard)?.next ?? 0 };
    const indexed = await entriesIndexed(deps, tenant, tokens, log);
    looked += indexed.looked;
    wrong.push(...(await lagOf(deps, tenant, log, at)), ...indexed.wrong);
  }
  return { looked, wrong };
}

/** As many tenants as one run looks at: round and round, by the hour. */
function turn(tenants: readonly number[], { at }: CheckContext): readonly number[] {
  if (tenants.length <= tenants_most) return tenants;
  const start = (Math.floor(at / (hour_s * 1000)) * tenants_most) % tenants.length;
  return [...tenants, ...tenants].slice(start, start + tenants_most);
}

export const indexComplete = (deps: AuditCheckDeps): Check => ({
  id: 'audit.index-complete',
  title: 'Whatever stands in the log is found',
  query:
    `Of ${tenants_most} tenants a run: whether the index has followed each log to what stood there ten minutes ago, ` +
    `whether its newest ${entries_each} rows agree with their entries, and whether the newest ` +
    `${entries_each} entries ` +
    'have their rows, and one for each patient in them.',
  every_s: hour_s,
  async run(context) {
    const tenants = turn(await deps.tenants(), context);
    const wrong: string[] = [];
    let looked = 0;
    for (const tenant of tenants) {
      context.signal.throwIfAborted();
      const one = await lookAt(deps, tenant, context.at);
      looked += one.looked;
      wrong.push(...one.wrong);
    }
    return resultOf({
      examined: looked,
      wrong,
      met:
        `${looked} entries of the logs of ${tenants.length} tenants and rows of their indexes agree; ` +
        'none is left behind.',
      unmet: 'the index of the log lacks entries or differs from them: who asks who looked is told too little.',
      todo:
        'Empty the tables of the schema audit in the ledger database: the index is made anew from the ' +
        'log, which stays.',
    });
  },
});
