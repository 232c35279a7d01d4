import { etagOf } from '@safeguard/http';
import type { Account } from '../../accounts/types.ts';
import { enterpriseSchema, userSchema } from '../attributes.ts';
import type { Resource } from '../match.ts';
import type { Stored } from '../values.ts';
import type { Written } from './store.ts';

export interface GroupOfUser {
  readonly id: string;
  readonly name: string;
}

/** What a directory may change of a user, as it stands: what PATCH begins with. */
export const changeable = (account: Account, written: Written | undefined): Stored => ({
  displayName: account.name,
  ...written?.attributes,
  userName: account.login,
  active: account.state !== 'suspended',
});

const iso = (at: number): string => new Date(at).toISOString();

/** The User (RFC 7643 4.1). `base` is where SCIM is served. */
export function userResource(
  base: string,
  account: Account,
  written: Written | undefined,
  groups: readonly GroupOfUser[],
): Resource {
  const { externalId, ...attributes } = changeable(account, written);
  const schemas = [userSchema, ...(attributes[enterpriseSchema] === undefined ? [] : [enterpriseSchema])];
  const listed = groups.map(({ id, name }) => ({ value: id, $ref: `${base}/Groups/${id}`, display: name }));
  const body = {
    schemas,
    id: account.id,
    ...(externalId === undefined ? {} : { externalId }),
    ...attributes,
    ...(listed.length === 0 ? {} : { groups: listed }),
  };
  const meta = {
    resourceType: 'User',
    created: iso(account.created_at),
    lastModified: iso(Math.max(account.created_at, written?.changed_at ?? 0)),
    location: `${base}/Users/${account.id}`,
    version: `W/${etagOf(body)}`,
  };
  return { ...body, meta };
}

/** What the account is called: the name to show, else the whole, else the parts, else the login. */
export function shownName({ displayName, name, userName }: Stored): string {
  const parts = (name ?? {}) as Readonly<Record<string, string | undefined>>;
  const joined = [parts['givenName'], parts['familyName']].filter((part) => part !== undefined).join(' ');
  const found = [displayName, parts['formatted'], joined, userName].find(
    (text) => typeof text === 'string' && text !== '',
  );
  return String(found).slice(0, 200);
}
