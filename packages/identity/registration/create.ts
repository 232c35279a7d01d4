import { fault, newId } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { insertSecret } from '../clients/create.ts';
import { sha256 } from '../secrets.ts';
import { beforeApproval } from './content.ts';
import { actorId, tell } from './events.ts';
import { revise, type Sealer } from './rows.ts';
import type { About, Actor, Content, Source } from './types.ts';

const insertClient = {
  name: 'identity.application.client',
  text: `insert into identity.client (id, tenant, name, scopes, view, created_at, type, state, auth_method, grant_types)
    select $1, id, $3, $4, $5, $6, $7, $8, $9, $10 from identity.tenant where id = $2 returning id`,
};
const insert = {
  name: 'identity.application.insert',
  text: `insert into identity.application (id, tenant, source, requester, state, proposed, member, management,
      created_at, changed_at) values ($1, $2, $3, $4, $5, 1, $6, $7, $8, $8)`,
};
const countOpen = {
  name: 'identity.application.count',
  text: `select count(*) as open from identity.application a join identity.client c on c.id = a.id
    where a.tenant = $1 and c.state in ('draft', 'pending') and a.source = $2
      and ($3::uuid is null or a.requester = $3)`,
};

/** Whoever asks can ask for so many at a time; a community's members together for more. */
const mostOpen = 50;
const mostOpenOfCommunity = 1_000;

export interface NewApplication {
  readonly actor: Actor;
  readonly source: Source;
  readonly requester: string | null;
  readonly state: 'draft' | 'pending';
  readonly content: Content;
  readonly about: About;
  readonly at: Date;
  readonly member?: Buffer;
  readonly management?: Buffer;
  readonly secret?: string;
}

async function checkRoom(connection: Connection, { actor, source, requester }: NewApplication): Promise<void> {
  const [row] = await connection.query<{ open: number }>(countOpen, [actor.tenant, source, requester]);
  if ((row?.open ?? 0) >= (source === 'udap' ? mostOpenOfCommunity : mostOpen)) {
    throw fault('conflict', 'Too many applications wait already: finish or revoke some of them first.');
  }
}

/**
 * A client that is good for nothing yet, and what was asked for, together. The client holds two words that open
 * nothing, whatever was asked: its rights come with an approval, by `settle_application`, and by nothing else.
 */
export async function insertApplication(
  connection: Connection,
  sealer: Sealer,
  wanted: NewApplication,
): Promise<string> {
  const { actor, source, requester, state, content, about, at, member, management, secret } = wanted;
  const { tenant } = actor;
  const id = newId();
  await checkRoom(connection, wanted);
  const type = content.auth_method === 'none' ? 'public' : 'confidential';
  const made = await connection.query(insertClient, [
    ...[id, tenant, content.name, beforeApproval, content.view, at],
    ...[type, state, content.auth_method, content.grant_types],
  ]);
  if (made.length === 0) throw fault('missing', 'The tenant does not exist.');
  await connection.query(insert, [
    ...[id, tenant, source, requester, state],
    ...[member ?? null, management ?? null, at],
  ]);
  await revise(connection, sealer, { id, tenant, number: 1, content, about, made_by: actorId(actor), at });
  await tell(connection, { id, at, kind: 'create', actor, version: 1 });
  if (secret !== undefined) await connection.query(insertSecret, [newId(), id, sha256(secret), at]);
  return id;
}
