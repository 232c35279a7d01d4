import type { Vault } from '@safeguard/seal';
import type { Row, Segment } from '@safeguard/store';
import type { Choice, Chooser } from './choose.ts';
import { clinicalStream, type Level, wantedOf } from './clinical-stream.ts';
import { drivenSelect, everything } from './driver.ts';
import { drain, type Stream, type Verifying } from './found.ts';
import { identityStream, identityTokens } from './identity-stream.ts';
import { isExact } from './node.ts';
import { createDraft, shaped } from './sql.ts';

/** What streams are made of. `identityVault` absent: the caller's view is de-identified, and no query goes there. */
export interface Sources {
  readonly bound: Bound;
  readonly clinical: Segment;
  readonly identity: Segment;
  readonly chooser: Chooser;
  readonly identityVault: Vault | undefined;
}

/** In which order a level is read: by numbers, or by pseudonyms where an identity token leads to the answers. */
export type Order = 'seq' | 'pseudonym';

/**
 * By pseudonyms where identity tokens narrow and nothing in the clinical segment is known to narrow more. Depends on
 * the question alone, so that every page of a search comes in the same order.
 */
export const orderOf = ({ chooser, identityVault }: Sources, level: Level): Order =>
  identityVault !== undefined && identityTokens(level).length > 0 && chooser.sure(level.node) === undefined
    ? 'pseudonym'
    : 'seq';

export interface StreamStart {
  readonly beyond: number | string | undefined;
  readonly bound: number;
  readonly descending: boolean;
}

export const fromStart: StreamStart = { beyond: undefined, bound: Number.MAX_SAFE_INTEGER, descending: false };

/** The candidates of a level in the level's order. */
export async function streamOf(sources: Sources, level: Level, start: StreamStart): Promise<Stream> {
  const { identity, clinical, identityVault: vault, chooser } = sources;
  const { beyond } = start;
  if (vault !== undefined && orderOf(sources, level) === 'pseudonym') {
    const from = typeof beyond === 'string' ? beyond : undefined;
    return identityStream({ identity, clinical, vault }, level, { ...start, beyond: from });
  }
  const choice = await chooser.choose(level);
  return clinicalStream(clinical, level, choice, { ...start, beyond: typeof beyond === 'number' ? beyond : undefined });
}

interface SeqRow extends Row {
  readonly seq: number;
}

async function exactSeqs(
  { clinical }: Sources,
  level: Level,
  { driver, covers }: Choice,
  limit: number,
): Promise<number[]> {
  const draft = createDraft();
  const { wanted } = wantedOf(level, covers);
  const text = drivenSelect(draft, driver, wanted, { ...everything, limit: limit + 1 });
  return (await clinical.query<SeqRow>(level.tenant, shaped(text), draft.values)).map((row) => row.seq);
}

/** The numbers of all resources that fulfil a level; undefined: there are more than `limit`. */
export async function collect(
  sources: Sources,
  verifying: Verifying,
  level: Level,
  limit: number,
): Promise<readonly number[] | undefined> {
  if (!isExact(level.node)) {
    const hits = await drain(verifying, level.node, await streamOf(sources, level, fromStart), limit);
    return hits.map(({ row }) => row.seq);
  }
  const seqs = await exactSeqs(sources, level, await sources.chooser.choose(level, true), limit);
  return seqs.length > limit ? undefined : seqs;
}

interface CountRow extends Row {
  readonly n: number;
}

/** How many resources fulfil a level, up to `bound`: counted in SQL where that is exact, else by verifying each. */
export async function countLevel(sources: Sources, verifying: Verifying, level: Level, bound: number): Promise<number> {
  if (!isExact(level.node)) {
    const stream = await streamOf(sources, level, { ...fromStart, bound });
    return (await drain(verifying, level.node, stream, Number.POSITIVE_INFINITY)).length;
  }
  const { driver, covers } = await sources.chooser.choose(level, true);
  const draft = createDraft();
  const { wanted } = wantedOf(level, covers);
  const inner = drivenSelect(draft, driver, wanted, { ...everything, until: bound });
  const [row] = await sources.clinical.query<CountRow>(
    level.tenant,
    shaped(`select count(*) as n from (${inner}) x`),
    draft.values,
  );
  return row?.n ?? 0;
}

/** The greatest number that a resource of these types has: what is created later is above it. */
async function greatest(clinical: Segment, tenant: number, types: readonly number[]): Promise<number> {
  const rows = await clinical.query<SeqRow>(
    tenant,
    shaped(`select d.seq from unnest($2::int2[]) t (type) cross join lateral (
      select s.seq from records.search s where s.row = 0 and s.tenant = $1::int4
        and (s.type, s.seq) >= (t.type, -1) and (s.type, s.seq) <= (t.type, ${Number.MAX_SAFE_INTEGER})
      order by s.type desc, s.seq desc limit 1) d order by d.seq desc limit 1`),
    [tenant, types],
  );
  return rows[0]?.seq ?? 0;
}

/** The greatest number among the resources of some types. */
export type Bound = (tenant: number, types: readonly number[]) => Promise<number>;

/** Searches that need the same bound at the same time share one look. */
export function createBound(clinical: Segment): Bound {
  const underWay = new Map<string, Promise<number>>();
  return (tenant, types) => {
    const key = `${tenant}/${types.join()}`;
    const before = underWay.get(key);
    if (before !== undefined) return before;
    const asked = greatest(clinical, tenant, types).finally(() => underWay.delete(key));
    underWay.set(key, asked);
    return asked;
  };
}
