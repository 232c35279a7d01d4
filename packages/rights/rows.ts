import { fault } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { DenialBasis, RightKind, RightRequest, RightState } from './types.ts';

/** What of a request people wrote: sealed under the key of the account that asked. */
export interface Written {
  readonly text?: string;
  readonly about?: string;
  readonly extension?: string;
  readonly answer?: { readonly text: string; readonly basis?: DenialBasis };
  readonly disagreement?: { readonly at: number; readonly text: string };
}

export interface RequestRow extends Record<string, unknown> {
  readonly id: string;
  readonly tenant: number;
  readonly kind: RightKind;
  readonly patient: string;
  readonly asked_by: string;
  readonly asked_at: Date;
  readonly due_at: Date;
  readonly state: RightState;
  readonly extended_at: Date | null;
  readonly extended_by: string | null;
  readonly closed_at: Date | null;
  readonly closed_by: string | null;
  readonly on_paper: boolean;
  readonly fetched: Date[];
  readonly version: number;
  readonly key_id: number;
  readonly sealed: Buffer;
}

const columns = `id, tenant, kind, patient, asked_by, asked_at, due_at, state, extended_at, extended_by, closed_at,
  closed_by, on_paper, fetched, version, key_id, sealed`;

export const selectById = {
  name: 'rights.request.by-id',
  text: `select ${columns} from rights.request where tenant = $1 and id = $2`,
};
export const lockById = { name: 'rights.request.lock', text: `${selectById.text} for update` };
export const selectPage = {
  name: 'rights.request.page',
  text: `select ${columns} from rights.request r where tenant = $1 and ($2::text is null or kind = $2)
    and ($3::text is null or state = $3) and ($4::uuid is null or asked_by = $4)
    and ($5::uuid[] is null or patient = any ($5)) and ($6::timestamptz is null or (state = 'open' and due_at < $6))
    and ($7::uuid is null or number < (select number from rights.request b where b.tenant = $1 and b.id = $7))
    order by number desc limit $8`,
};
/** Open, and due before a moment. */
export const selectDue = {
  name: 'rights.request.due',
  text: `select id, due_at from rights.request where tenant = $1 and state = 'open' and due_at < $2
    order by due_at limit 500`,
};
export const insert = {
  name: 'rights.request.insert',
  text: `insert into rights.request (id, tenant, kind, patient, asked_by, asked_at, due_at, state, version, key_id,
      sealed, on_paper)
    values ($1, $2, $3, $4, $5, $6, $7, 'open', 1, $8, $9, $10) on conflict do nothing returning id`,
};
export const update = {
  name: 'rights.request.update',
  text: `update rights.request set due_at = $3, state = $4, extended_at = $5, extended_by = $6, closed_at = $7,
    closed_by = $8, fetched = $9, version = $10, key_id = $11, sealed = $12 where tenant = $1 and id = $2`,
};

const binding = (id: string, version: number) => ({ resource: id, version, purpose: 'right' });

export async function sealWritten(vault: Vault, owner: string, id: string, version: number, written: Written) {
  const key = (await vault.keysFor([owner])).get(owner);
  if (key === undefined) throw fault('internal', 'The key of an account is missing.');
  return { key_id: key.id, sealed: vault.seal(key, binding(id, version), Buffer.from(JSON.stringify(written))) };
}

/** What was written in each of the rows; nothing where the key was destroyed. */
export async function openWritten(vault: Vault, rows: readonly RequestRow[]): Promise<Written[]> {
  const keys = await vault.keysById([...new Set(rows.map(({ key_id }) => key_id))]);
  return rows.map(({ id, version, key_id, sealed }) => {
    const key = keys.get(key_id);
    return key === undefined ? {} : (JSON.parse(vault.open(key, binding(id, version), sealed).toString()) as Written);
  });
}

const extensionOf = ({ extended_at, extended_by }: RequestRow, { extension = '' }: Written) =>
  extended_at === null || extended_by === null
    ? {}
    : { extension: { at: extended_at.getTime(), by: extended_by, reason: extension } };

const closedOf = ({ closed_at, closed_by }: RequestRow) =>
  closed_at === null || closed_by === null ? {} : { closed_at: closed_at.getTime(), closed_by };

export function asRequest(row: RequestRow, written: Written): RightRequest {
  const { id, tenant, kind, patient, asked_by, asked_at, due_at, state, on_paper, fetched } = row;
  const { text, about, answer, disagreement } = written;
  return {
    ...{ id, tenant, kind, patient, asked_by, state, on_paper },
    asked_at: asked_at.getTime(),
    due_at: due_at.getTime(),
    ...(text === undefined ? {} : { text }),
    ...(about === undefined ? {} : { about }),
    ...extensionOf(row, written),
    ...closedOf(row),
    ...(answer === undefined ? {} : { answer }),
    ...(disagreement === undefined ? {} : { disagreement }),
    ...(fetched.length === 0 ? {} : { fetched: fetched.map((at) => at.getTime()) }),
  };
}
