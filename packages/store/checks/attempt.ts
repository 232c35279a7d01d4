import { isFault } from '@safeguard/kernel';
import { sqlStateOf } from '../failure.ts';
import type { Row, Segment } from '../types.ts';

const undone = Symbol('undone');

/** Not prepared by name: what a check tries once a while is not to stay in every connection. */
const unnamed = (text: string) => ({ name: '', text });

/** The SQLSTATE behind a failed statement. @throws the error itself where PostgreSQL did not speak */
function stateOf(error: unknown): string {
  const state = isFault(error) ? sqlStateOf(error.cause) : undefined;
  if (state === undefined) throw error;
  return state;
}

/**
 * Runs statements in one transaction that is always rolled back. Answers the last one's rows, or the SQLSTATE by which
 * PostgreSQL refused one of them. No lock is waited for longer than a second (SQLSTATE 55P03).
 */
export async function attempt(segment: Segment, tenant: number, ...texts: readonly string[]): Promise<Row[] | string> {
  let rows: Row[] = [];
  try {
    await segment.transaction(tenant, async (connection) => {
      await connection.query(unnamed("set local lock_timeout = '1s'"));
      for (const text of texts) rows = await connection.query(unnamed(text));
      throw undone;
    });
  } catch (error) {
    return error === undone ? rows : stateOf(error);
  }
  return rows;
}

/** insufficient_privilege; and what is not even there for this role: a schema, a table. */
const refusals = new Set(['42501', '3F000', '42P01']);

/** What is wrong with the answer to an attempt that must be refused; undefined: it was. */
export function refusal(answer: Row[] | string): string | undefined {
  if (typeof answer !== 'string') return 'was allowed';
  return refusals.has(answer) ? undefined : `was not refused for want of a right (SQLSTATE ${answer})`;
}
