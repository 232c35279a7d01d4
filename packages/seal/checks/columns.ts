import type { SealSegment } from '../types.ts';

/** `body`: what `Vault.seal` gives. `envelope`: one byte, four of the key's id, then such a body (the ledger's). */
export type SealedForm = 'body' | 'envelope';

export interface SealedColumn {
  readonly segment: SealSegment;
  /** With its schema. */
  readonly table: string;
  readonly column: string;
  readonly form: SealedForm;
  /** The column with the id of the data key of the row's own tenant, where there is one. */
  readonly key?: string;
}

const sealed = (segment: SealSegment, table: string, column: string, form: SealedForm, key?: string): SealedColumn => ({
  ...{ segment, table, column, form },
  ...(key === undefined ? {} : { key }),
});

/** Sealed columns by other names than `sealed`, which is one wherever it stands. */
const named: readonly SealedColumn[] = [
  sealed('clinical', 'records.resource', 'body', 'body', 'key'),
  sealed('clinical', 'records.history', 'body', 'body', 'key'),
  sealed('clinical', 'records.intent', 'event', 'envelope'),
  sealed('identity', 'records.part', 'body', 'body', 'key'),
  sealed('identity', 'identity.federation_flow', 'result', 'body'),
  sealed('ledger', 'ledger.entries', 'body', 'envelope'),
];

/** Bytes that are not sealed because there is nothing to hide in them: hashes, public ids, keys that are wrapped. */
const others: ReadonlySet<string> = new Set([
  ...['root_key.proof', 'tenant_key.wrapped', 'search_key.wrapped', 'data_key.wrapped'].map((one) => `seal.${one}`),
  ...['ledger.tiles.hashes', 'ledger.checkpoints.leaves'],
  ...[
    ...['client_secret.hash', 'token.hash', 'link.hash', 'factor.credential', 'session.hash', 'session.browser'],
    ...['sign_in_flow.hash', 'device.hash', 'oidc.hash', 'replay.hash', 'launch.hash', 'federation_flow.state'],
    ...['federation_flow.browser', 'federation_flow.handle', 'federation_seen.hash', 'application.member'],
    ...['application.management', 'registration_invitation.hash'],
  ].map((one) => `identity.${one}`),
  ...['report.digest', 'report_download.hash', 'report_link.hash', 'report_sent.hash'].map((one) => `programme.${one}`),
]);

export interface BinaryColumn {
  readonly segment: SealSegment;
  readonly table: string;
  readonly column: string;
}

/**
 * What stands in a column of bytes: the sealed column, `plain`, or undefined where nobody has said. A new column is
 * called `sealed`, or gets a line above.
 */
export function contentOf({ segment, table, column }: BinaryColumn): SealedColumn | 'plain' | undefined {
  if (column === 'sealed') return { segment, table, column, form: 'body' };
  const known = named.find((one) => one.segment === segment && one.table === table && one.column === column);
  if (known !== undefined) return known;
  return others.has(`${table}.${column}`) ? 'plain' : undefined;
}
