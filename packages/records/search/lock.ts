import { createHash } from 'node:crypto';
import type { Connection, Statement } from '@safeguard/store';

/** A search that decides what a write does: If-None-Exist, a conditional reference. */
export interface Condition {
  readonly type: string;
  /** The query part, as sent: `identifier=system|value`. */
  readonly condition: string;
}

const lock: Statement = {
  name: 'records-lock-conditions',
  text: 'select pg_advisory_xact_lock(k) from (select unnest($1::int8[]) k order by 1) keys',
};

/** 64-bit name of a condition. Collisions only make two conditions wait for each other. */
const lockKey = (tenant: number, { type, condition }: Condition): string =>
  createHash('sha256').update(`${tenant}/${type}?${condition}`).digest().readBigInt64BE().toString();

/**
 * Holds the conditions until the transaction ends; in one order, so that two transactions cannot wait for each other.
 */
export async function lockConditions(
  connection: Connection,
  tenant: number,
  conditions: readonly Condition[],
): Promise<void> {
  if (conditions.length === 0) return;
  const keys = new Set(conditions.map((condition) => lockKey(tenant, condition)));
  await connection.query(lock, [[...keys].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1))]);
}
