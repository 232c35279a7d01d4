import { type Fault, type FaultKind, fault } from '@safeguard/kernel';

/** SQLSTATEs that say: not now. The rest of classes 08, 28, 53, 57, 58 is alike. */
const unavailableCodes = new Set(['25006', '25P03', '3D000', '55000', '55P03']);
const unavailableClasses = new Set(['08', '28', '53', '57', '58']);
const conflictCodes = new Set(['23505', '40001', '40P01']);
const dataException = '22';

const publicTexts: Partial<Record<FaultKind, string>> = {
  unavailable: 'The database does not answer.',
  conflict: 'Another write came first.',
};

interface PostgresError extends Error {
  code?: string;
  severity?: string;
  detail?: string;
  where?: string;
  internalQuery?: string;
  /** Set when nobody can say whether the transaction was committed. */
  commitUnknown?: boolean;
}

/**
 * Turns what `pg` threw into a Fault. The error stays as its cause, without what may carry a row's values: DETAIL,
 * CONTEXT, and the whole text of a data exception (`invalid input syntax for type uuid: "…"`).
 * @param sent true when a statement that may have been committed was under way
 */
export function databaseFault(error: unknown, sent = false): Fault {
  const cause: PostgresError = error instanceof Error ? error : new Error('unknown');
  const { code } = cause;
  const kind = kindOf(cause);
  delete cause.detail;
  delete cause.where;
  delete cause.internalQuery;
  if (code?.startsWith(dataException)) cause.message = `data exception ${code}`;
  if (sent && kind === 'unavailable' && isConnectionLost(cause)) cause.commitUnknown = true;
  return fault(kind, publicTexts[kind] ?? 'The database refused a statement.', { cause });
}

function kindOf(error: PostgresError): FaultKind {
  const sqlState = sqlStateOf(error);
  // Without a SQLSTATE it never was PostgreSQL that spoke: the socket, the pool, or a statement misused.
  if (sqlState === undefined) return isMisuse(error) ? 'internal' : 'unavailable';
  if (conflictCodes.has(sqlState)) return 'conflict';
  const unavailable = unavailableCodes.has(sqlState) || unavailableClasses.has(sqlState.slice(0, 2));
  return unavailable ? 'unavailable' : 'internal';
}

/** PostgreSQL's five-character code, where PostgreSQL itself spoke (a socket has longer ones: `ECONNREFUSED`). */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return /^[0-9A-Z]{5}$/.test(error.code) && 'severity' in error ? error.code : undefined;
}

const isMisuse = (error: Error): boolean =>
  error instanceof TypeError ||
  error instanceof RangeError ||
  error.message.startsWith('Prepared statements must be unique');

/** The connection is gone: no SQLSTATE at all, or a FATAL one (PostgreSQL says farewell). An ERROR is a sure "no". */
export const isConnectionLost = (error: unknown): boolean =>
  sqlStateOf(error) === undefined || (error instanceof Error && 'severity' in error && error.severity !== 'ERROR');

/** The server has become a standby: the connection is of no more use, a new one finds the primary. */
export const isReadOnly = (error: unknown): boolean => sqlStateOf(error) === '25006';

/** A connection that failed so must not go back to the pool. */
export const isUnfit = (error: unknown): boolean => isConnectionLost(error) || isReadOnly(error);

/** True for a Fault after which nobody can say whether the write was committed: the connection went with the answer. */
export const isCommitUnknown = (error: unknown): boolean =>
  error instanceof Error &&
  error.cause instanceof Error &&
  'commitUnknown' in error.cause &&
  error.cause.commitUnknown === true;
