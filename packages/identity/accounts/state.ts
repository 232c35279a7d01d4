import { fault } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { dropAll } from '../authenticators/remove.ts';
import { lockAccount } from './administrators.ts';
import { ended } from './change.ts';
import { endAccess } from './end-access.ts';

const setState = {
  name: 'identity.account.state',
  text: 'update identity.account set state = $3 where id = $1 and tenant = $2',
};
const setActive = {
  name: 'identity.account.activate',
  text: `update identity.account set state = 'active', verified_at = coalesce(verified_at, $3)
    where id = $1 and tenant = $2`,
};
/** What was never set up is an invitation still. */
const setResumed = {
  name: 'identity.account.resume',
  text: `update identity.account set state = case when verified_at is null then 'invited' else 'active' end
    where id = $1 and tenant = $2`,
};
const setTerminated = {
  name: 'identity.account.terminate',
  text: `update identity.account set state = 'terminated', ended_at = $3 where id = $1 and tenant = $2`,
};
const endLinks = {
  name: 'identity.link.end-of-account',
  text: `update identity.link set ended_at = $3
    where account = $1 and tenant = $2 and used_at is null and ended_at is null`,
};

/** Each verb is one transaction of its caller, as the platform. True when something changed. */
export type StateVerb = (connection: Connection, tenant: number, id: string, at: Date) => Promise<boolean>;

export const activate: StateVerb = async (connection, tenant, id, at) => {
  const { account } = await lockAccount(connection, tenant, id);
  if (account.state === 'terminated') throw ended();
  if (account.state === 'suspended') throw fault('conflict', 'The account is suspended.');
  if (account.state === 'active') return false;
  await connection.query(setActive, [id, tenant, at]);
  return true;
};

export const suspend: StateVerb = async (connection, tenant, id, at) => {
  const { account, mustNotBeLast } = await lockAccount(connection, tenant, id);
  if (account.state === 'terminated') throw ended();
  if (account.state === 'suspended') return false;
  mustNotBeLast();
  await connection.query(setState, [id, tenant, 'suspended']);
  await endAccess(connection, tenant, id, at);
  return true;
};

export const resume: StateVerb = async (connection, tenant, id) => {
  const { account } = await lockAccount(connection, tenant, id);
  if (account.state === 'terminated') throw ended();
  if (account.state !== 'suspended') return false;
  await connection.query(setResumed, [id, tenant]);
  return true;
};

export const terminate: StateVerb = async (connection, tenant, id, at) => {
  const { account, mustNotBeLast } = await lockAccount(connection, tenant, id);
  if (account.state === 'terminated') return false;
  mustNotBeLast();
  await connection.query(setTerminated, [id, tenant, at]);
  await endAccess(connection, tenant, id, at);
  await connection.query(endLinks, [id, tenant, at]);
  await dropAll(connection, tenant, id);
  return true;
};
