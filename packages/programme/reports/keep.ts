import { hash } from 'node:crypto';
import { fault, isUuid } from '@safeguard/kernel';
import { noOwner } from '@safeguard/seal';
import type { Row } from '@safeguard/store';
import type { Family } from '../content/types.ts';
import type { Marks } from './bundle/bundle.ts';
import { house } from './period/period.ts';
import type { Report, ReportsDeps } from './types.ts';

/** Bytes of one part. */
export const part_bytes = 1_048_576;
const purpose = 'programme report';

const insert = {
  name: 'programme.report.insert',
  text: `insert into programme.report (id, tenant, kind, media, from_at, until_at, families, made_by, at, digest, bytes,
      parts, shard, index, marks)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
};
const insertPart = {
  name: 'programme.report-part.insert',
  text: 'insert into programme.report_part (tenant, report, n, key_id, sealed) values ($1, $2, $3, $4, $5)',
};
const columns = `r.id, r.kind, r.media, r.from_at, r.until_at, r.families, r.made_by, r.at, r.digest, r.bytes, r.parts,
  r.shard, r.index, r.marks`;
const newest = {
  name: 'programme.report.list',
  text: `select ${columns} from programme.report r where r.tenant = $1 and ($2::text is null or r.kind = $2)
    order by r.at desc, r.id desc limit $3`,
};
const byId = {
  name: 'programme.report.by-id',
  text: `select ${columns} from programme.report r where r.tenant = $1 and r.id = $2`,
};
const whole = {
  name: 'programme.report.last-whole',
  text: `select max(r.at) as at from programme.report r where r.tenant = $1 and r.kind = 'audit' and r.families = '{}'`,
};
const part = {
  name: 'programme.report-part.read',
  text: 'select key_id, sealed from programme.report_part where tenant = $1 and report = $2 and n = $3',
};

export interface ReportRow extends Row {
  readonly id: string;
  readonly kind: Report['kind'];
  readonly media: Report['media'];
  readonly from_at: Date;
  readonly until_at: Date;
  readonly families: Family[];
  readonly made_by: string;
  readonly at: Date;
  readonly digest: Buffer;
  readonly bytes: number;
  readonly parts: number;
  readonly shard: number;
  readonly index: number;
  readonly marks: Marks | null;
}

type Deps = Pick<ReportsDeps, 'segment' | 'vault'>;

export const missingReport = () => fault('missing', 'There is no such report.');

export const reportOf = ({ from_at, until_at, at, digest, shard, index, marks: _, ...rest }: ReportRow): Report => ({
  ...rest,
  ...{ from: from_at.getTime(), until: until_at.getTime(), at: at.getTime() },
  digest: digest.toString('hex'),
  place: { shard, index },
});

/** Keeps a report with its bytes: all of it, or nothing. */
export async function keep(
  { segment, vault }: Deps,
  report: Omit<Report, 'digest' | 'bytes' | 'parts'>,
  bytes: Buffer,
  marks: Marks | undefined,
): Promise<Report> {
  const keys = await vault(house);
  const key = (await keys.keysFor([noOwner])).get(noOwner);
  if (key === undefined) throw fault('internal', 'The key of the tenant is missing.');
  const { id, kind, media, from, until, families, made_by, at, place } = report;
  const digest = hash('sha256', bytes, 'buffer');
  const parts = Math.ceil(bytes.length / part_bytes);
  const values = [id, house, kind, media, new Date(from), new Date(until), families, made_by, new Date(at), digest];
  await segment.transaction(house, async (connection) => {
    const rest = [bytes.length, parts, place.shard, place.index, marks === undefined ? null : JSON.stringify(marks)];
    await connection.query(insert, [...values, ...rest]);
    for (let n = 0; n < parts; n += 1) {
      const plain = bytes.subarray(n * part_bytes, (n + 1) * part_bytes);
      const sealed = keys.seal(key, { resource: id, version: n, purpose }, plain);
      await connection.query(insertPart, [house, id, n, key.id, sealed]);
    }
  });
  return { ...report, digest: digest.toString('hex'), bytes: bytes.length, parts };
}

/** Newest first. */
export const rowsOf = ({ segment }: Deps, kind: string | undefined, count: number): Promise<ReportRow[]> =>
  segment.query<ReportRow>(house, newest, [house, kind ?? null, count]);

export async function rowById({ segment }: Deps, id: string): Promise<ReportRow | undefined> {
  return isUuid(id) ? (await segment.query<ReportRow>(house, byId, [house, id]))[0] : undefined;
}

/** When the last audit report over all families was made, milliseconds since the Unix epoch. */
export async function lastWhole({ segment }: Pick<Deps, 'segment'>): Promise<number | undefined> {
  const [row] = await segment.query<{ at: Date | null }>(house, whole, [house]);
  return row?.at?.getTime();
}

/** One part of the bytes. Fault `missing`. */
export async function readPart({ segment, vault }: Deps, id: string, n: number): Promise<Buffer> {
  if (!isUuid(id) || !Number.isSafeInteger(n) || n < 0 || n > 100_000) throw missingReport();
  const [row] = await segment.query<{ key_id: number; sealed: Buffer }>(house, part, [house, id, n]);
  if (row === undefined) throw missingReport();
  const keys = await vault(house);
  const key = (await keys.keysById([row.key_id])).get(row.key_id);
  if (key === undefined) throw missingReport();
  return keys.open(key, { resource: id, version: n, purpose }, row.sealed);
}

/** All bytes, held against the digest that was kept. */
export async function readWhole(deps: Deps, id: string): Promise<{ report: Report; bytes: Buffer }> {
  const row = await rowById(deps, id);
  if (row === undefined) throw missingReport();
  const parts: Buffer[] = [];
  for (let n = 0; n < row.parts; n += 1) parts.push(await readPart(deps, id, n));
  const bytes = Buffer.concat(parts);
  if (!hash('sha256', bytes, 'buffer').equals(row.digest)) throw fault('internal', 'A kept report was altered.');
  return { report: reportOf(row), bytes };
}
