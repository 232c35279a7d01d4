import { type Check, resultOf } from '@safeguard/kernel';
import { type SealSegment, sealSegments } from '../types.ts';
import type { SealCheckDeps } from './checks.ts';
import { contentOf, type SealedColumn } from './columns.ts';
import { type Look, looksAt, see } from './pass.ts';
import { readsLikeText } from './readable.ts';

/** What one run may take; the next goes on where it stopped. */
const run_ms = 4_000;

const binaryColumns = {
  name: '',
  text: `select n.nspname || '.' || c.relname as table, a.attname::text as column,
      ceil(pg_catalog.pg_relation_size(c.oid) / 8192.0)::int as pages
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
   where c.relkind in ('r', 'p') and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
     and a.atttypid = 'bytea'::regtype
   order by 1, 2`,
};

interface Found {
  readonly columns: readonly (SealedColumn & { readonly pages: number })[];
  readonly unknown: readonly string[];
}

async function columnsOf({ segments }: SealCheckDeps, segment: SealSegment): Promise<Found> {
  const rows = await segments[segment].query<{ table: string; column: string; pages: number }>(0, binaryColumns);
  const said = rows.map((row) => ({ ...row, content: contentOf({ segment, ...row }) }));
  return {
    columns: said.flatMap(({ content, pages }) =>
      content === undefined || content === 'plain' ? [] : [{ ...content, pages }],
    ),
    unknown: said
      .filter(({ content }) => content === undefined)
      .map(({ table, column }) => `${segment}: ${table}.${column}: nobody has said what stands in it`),
  };
}

interface Sum {
  values: number;
  samples: number;
  readonly wrong: Map<string, number>;
}

function add(sum: Sum, what: string, count: number): void {
  if (count > 0) sum.wrong.set(what, (sum.wrong.get(what) ?? 0) + count);
}

async function takeIn({ segments }: SealCheckDeps, sum: Sum, look: Look): Promise<void> {
  const { segment, table, column, form } = look.of;
  const { values, bare, keyless, samples } = await see(segments[segment], look);
  const name = `${segment}: ${table}.${column}`;
  sum.values += values;
  sum.samples += samples.length;
  add(sum, `${name}: values that are not sealed`, bare);
  add(sum, `${name}: values whose data key is not there`, keyless);
  const head = form === 'body' ? 2 : 7;
  add(
    sum,
    `${name}: sampled values that read like text`,
    samples.filter((one) => readsLikeText(one.subarray(head))).length,
  );
}

/**
 * 45 CFR 164.312(a)(2)(iv), 164.312(e)(2)(ii): what is stored is ciphertext. Each run looks at the end of every table,
 * then goes on where the one before stopped, so that in the end every value of every sealed column was looked at.
 */
export function encryptedAtRest(deps: SealCheckDeps): Check {
  let waiting: readonly Look[] = [];
  const work = async (signal: AbortSignal) => {
    const found = await Promise.all(sealSegments.map((segment) => columnsOf(deps, segment)));
    const columns = found.flatMap((one) => one.columns);
    const { newest, older } = looksAt(columns, await deps.tenants());
    const looks = [...newest, ...(waiting.length === 0 ? older : waiting)];
    const sum: Sum = { values: 0, samples: 0, wrong: new Map() };
    const until = performance.now() + run_ms;
    let done = 0;
    for (const look of looks) {
      if (performance.now() > until || signal.aborted) break;
      await takeIn(deps, sum, look);
      done += 1;
    }
    waiting = looks.slice(Math.max(done, newest.length));
    const unknown = found.flatMap((one) => one.unknown);
    const wrong = [...unknown, ...[...sum.wrong].map(([what, count]) => `${what}: ${count}`)];
    const all = newest.length + older.length;
    return { sum, wrong, columns: columns.length, all, looks: done };
  };
  return {
    id: 'seal.encrypted-at-rest',
    title: 'What is stored is encrypted',
    query:
      'Every value of every sealed column in the three databases, in portions: of the sealed form, ' +
      'with a data key that ' +
      'exists, no clear word of FHIR; a random sample must not read like text. A column of bytes ' +
      'that nobody declared counts.',
    every_s: 3_600,
    async run({ signal }) {
      const { sum, wrong, columns, all, looks } = await work(signal);
      const rest =
        looks >= all ? 'that is all there is' : `${looks} of ${all} portions, the newest first; the next run goes on`;
      return resultOf({
        examined: sum.values,
        wrong,
        met:
          `${sum.values} values in ${columns} sealed columns are sealed (${rest}); ${sum.samples} ` +
          'samples look random.',
        unmet: 'What is stored is not encrypted, or cannot be shown to be: whoever reads the disk may read it.',
        todo: 'Find what wrote the named values past the seal, seal or delete them, and look who could have read them.',
      });
    },
  };
}
