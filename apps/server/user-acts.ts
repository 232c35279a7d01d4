import { fault, isUuid } from '@safeguard/kernel';
import { inOneLine, text, texts } from './act-input.ts';
import type { Place } from './admin.ts';
import { type Act, type Asked, tenantOf } from './admin-acts.ts';
import type { House } from './server.ts';

type Accounts = House['identity']['accounts'];
type Account = NonNullable<Awaited<ReturnType<Accounts['byId']>>>;
type NewAccount = Parameters<Accounts['create']>[0];
type Purpose = 'administrator' | 'invitation' | 'recovery';

const iso = (at: number): string => new Date(at).toISOString();

const noUser = () => fault('missing', 'No such user in this tenant; `safeguard user list` shows them');

/** By id or by login. Fault `missing`. */
export async function userOf({ identity }: House, tenant: number, who: string): Promise<Account> {
  const { accounts } = identity;
  const found = isUuid(who) ? await accounts.byId(tenant, who) : await accounts.byLogin(tenant, who);
  if (found === undefined) throw noUser();
  return found;
}

const paths = { administrator: 'first', invitation: 'join', recovery: 'recover' } as const;

/** A one-time link as an address, shown once. Fault `conflict` where it leads nowhere. */
async function linkTo(house: House, place: Place, purpose: Purpose, tenant: number, account: string | null) {
  const operator = { kind: 'operator', id: 'operator' } as const;
  const { secret, expires_at } = await house.identity.accounts.links.make(purpose, tenant, account, operator);
  return { purpose, url: `${place.url}/${paths[purpose]}/${secret}`, expires_at: iso(expires_at) };
}

function wanted(tenant: number, { body }: Asked): NewAccount {
  const { login, name, kind = 'workforce', scopes, roles, patients, fhir_user } = body;
  return {
    tenant,
    kind: text(kind, 'kind') as NewAccount['kind'],
    login: text(login, 'login'),
    name: text(name, 'name'),
    ...(scopes === undefined ? {} : { scopes: texts(scopes, 'scopes') }),
    ...(roles === undefined ? {} : { roles: texts(roles, 'roles') as NonNullable<NewAccount['roles']> }),
    ...(patients === undefined ? {} : { patients: texts(patients, 'patients') }),
    ...(fhir_user === undefined ? {} : { fhir_user: text(fhir_user, 'fhir_user') }),
  };
}

const about = ({ id }: Account) => [{ type: 'Account', id }];

const making = (house: House, place: Place): readonly Act[] => [
  {
    method: 'POST',
    path: /^\/users$/,
    action: 'account-create',
    type: 'Account',
    async run(asked) {
      const tenant = await tenantOf(house, asked.body.tenant);
      const account = await inOneLine(house.identity.accounts.create(wanted(tenant, asked)));
      const invitation = await linkTo(house, place, 'invitation', tenant, account.id);
      return { result: { account, invitation }, tenant, targets: about(account) };
    },
  },
  {
    method: 'POST',
    path: /^\/users\/links$/,
    action: 'link-make',
    type: 'Link',
    async run({ body }) {
      const tenant = await tenantOf(house, body.tenant);
      const purpose = text(body.purpose, 'purpose');
      if (purpose === 'administrator') {
        const result = await linkTo(house, place, purpose, tenant, null);
        return { result, tenant, targets: [{ type: 'Tenant', id: String(tenant) }] };
      }
      if (purpose !== 'invitation' && purpose !== 'recovery') {
        throw fault('invalid', 'purpose: expected invitation, recovery or administrator');
      }
      const account = await userOf(house, tenant, text(body.who, 'who'));
      return { result: await linkTo(house, place, purpose, tenant, account.id), tenant, targets: about(account) };
    },
  },
];

const looking = (house: House): readonly Act[] => [
  {
    method: 'GET',
    path: /^\/users$/,
    action: 'account-list',
    type: 'Account',
    async run({ query }) {
      const tenant = await tenantOf(house, query.get('tenant') ?? undefined);
      const after = query.get('after');
      const page = { count: 200, ...(after === null ? {} : { after }) };
      return { result: { users: await house.identity.accounts.list(tenant, page) }, tenant };
    },
  },
  {
    // A login is personal: it stands in a body, not in an address.
    method: 'POST',
    path: /^\/users\/find$/,
    action: 'account-read',
    type: 'Account',
    async run({ body }) {
      const tenant = await tenantOf(house, body.tenant);
      const account = await userOf(house, tenant, text(body.who, 'who'));
      const { sessions, authenticators } = house.identity;
      const found = {
        sessions: await sessions.list(tenant, account.id),
        factors: await authenticators.list(tenant, account.id),
      };
      return { result: { account, ...found }, tenant, targets: about(account) };
    },
  },
];

/** Tells SCIM that a person decided: see `Directory.hold` of identity. */
type Hold = (tenant: number, account: string) => Promise<void>;
type Verb = 'suspend' | 'resume' | 'terminate';

const turning = (house: House, verb: Verb, hold: Hold | undefined): Act => ({
  method: 'POST',
  path: new RegExp(`^/users/${verb}$`),
  action: `account-${verb}`,
  type: 'Account',
  async run({ body }) {
    const tenant = await tenantOf(house, body.tenant);
    const account = await userOf(house, tenant, text(body.who, 'who'));
    await hold?.(tenant, account.id);
    const result = await house.identity.accounts[verb](tenant, account.id);
    return { result, tenant, targets: about(account) };
  },
});

/** What an operator can do about people, at the machine itself: also when no administrator can get in. */
export const userActs = (house: House, place: Place, hold?: Hold): readonly Act[] => [
  ...making(house, place),
  ...looking(house),
  turning(house, 'suspend', hold),
  turning(house, 'resume', hold),
  turning(house, 'terminate', hold),
];
