import { join } from 'node:path';
import { isView, type Target, type View, views } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { Place } from './admin.ts';
import { commandClient } from './care.ts';
import type { House } from './server.ts';

export interface Asked {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Done {
  readonly result: unknown;
  readonly tenant?: number;
  readonly targets?: readonly Target[];
}

/** One thing that an operator can do over the admin socket. */
export interface Act {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: RegExp;
  /** As the guard's table and the ledger name it. */
  readonly action: string;
  readonly type: string;
  run(asked: Asked): Promise<Done>;
}

/** Backups are kept seven days: so long a destroyed key may still stand in one. */
const backup_ms = 7 * 86_400_000;

const iso = (at: number): string => new Date(at).toISOString();

const text = (value: unknown, name: string): string => {
  if (typeof value === 'string' && value !== '') return value;
  throw fault('invalid', `${name}: expected a text`);
};

const texts = (value: unknown, name: string): string[] => {
  if (Array.isArray(value) && value.length > 0) return value.map((one) => text(one, name));
  throw fault('invalid', `${name}: expected a list of at least one text`);
};

const viewOf = (value: unknown): View => {
  if (value === undefined) return 'full';
  if (isView(value)) return value;
  throw fault('invalid', `view: expected one of ${views.join(', ')}`);
};

export const adminActs = (house: House, place: Place): readonly Act[] => [
  ...tenantActs(house),
  ...clientActs(house, place),
  ...keyActs(house),
];

/** The tenant of a name; `default` where none is given. Fault `missing`. */
export async function tenantOf({ identity }: House, name: unknown): Promise<number> {
  const tenant = await identity.tenants.byName(name === undefined ? 'default' : text(name, 'tenant'));
  if (tenant === undefined) throw fault('missing', 'No such tenant; `safeguard tenant list` shows them');
  return tenant.id;
}

const tenantActs = (house: House): readonly Act[] => [
  {
    method: 'POST',
    path: /^\/tenants$/,
    action: 'tenant-create',
    type: 'Tenant',
    run: async ({ body }) => {
      const name = text(body.name, 'name');
      // The live checks have tenants of their own, and write and destroy in them what they like.
      if (name.startsWith('safeguard-')) throw fault('invalid', 'name: "safeguard-…" is for the platform itself');
      const tenant = await house.identity.tenants.create(name);
      return { result: tenant, tenant: tenant.id, targets: [{ type: 'Tenant', id: String(tenant.id) }] };
    },
  },
  {
    method: 'GET',
    path: /^\/tenants$/,
    action: 'tenant-list',
    type: 'Tenant',
    run: async () => ({ result: { tenants: await house.identity.tenants.list() } }),
  },
  {
    method: 'POST',
    path: /^\/tenants\/(?<name>[^/]+)\/settings$/,
    action: 'tenant-configure',
    type: 'Tenant',
    run: async ({ params, body }) => {
      const tenant = await tenantOf(house, params.name);
      const result = await house.identity.tenants.configure(tenant, body);
      return { result, tenant, targets: [{ type: 'Tenant', id: String(tenant) }] };
    },
  },
];

/** What is optional of a new client, where it was sent. */
const limitsOf = ({ patient, permissions }: Asked['body']): { patient?: string; permissions?: string[] } => ({
  ...(patient === undefined ? {} : { patient: text(patient, 'patient') }),
  ...(permissions === undefined ? {} : { permissions: texts(permissions, 'permissions') }),
});

async function newClient(house: House, { body }: Asked, name: string) {
  const tenant = await tenantOf(house, body.tenant);
  const client = { name, tenant, scopes: texts(body.scopes, 'scopes'), view: viewOf(body.view), ...limitsOf(body) };
  const made = await house.identity.clients.create(client);
  return { tenant, made, targets: [{ type: 'Client', id: made.client_id }] };
}

function clientActs(house: House, place: Place): readonly Act[] {
  const { identity } = house;
  return [
    {
      method: 'POST',
      path: /^\/clients$/,
      action: 'client-create',
      type: 'Client',
      run: async (asked) => {
        const { tenant, made, targets } = await newClient(house, asked, text(asked.body.name, 'name'));
        return { result: { ...made, token_url: `${place.url}/oauth2/token` }, tenant, targets };
      },
    },
    {
      method: 'GET',
      path: /^\/clients$/,
      action: 'client-list',
      type: 'Client',
      run: async ({ query }) => {
        const tenant = query.has('tenant') ? await tenantOf(house, query.get('tenant')) : undefined;
        return { result: { clients: await identity.clients.list(tenant) } };
      },
    },
    {
      method: 'DELETE',
      path: /^\/clients\/(?<id>[^/]+)$/,
      action: 'client-revoke',
      type: 'Client',
      run: async ({ params: { id = '' } }) => {
        await identity.clients.revoke(id);
        return { result: { client_id: id, revoked: true }, targets: [{ type: 'Client', id }] };
      },
    },
    {
      // A client of one run: for `load` and `demo` on the machine itself. The caller ends it, or care.ts does.
      method: 'POST',
      path: /^\/tokens$/,
      action: 'client-create',
      type: 'Client',
      run: async (asked) => {
        const { tenant, made, targets } = await newClient(house, asked, commandClient);
        const token = await identity.tokens.issue(made, 'local');
        const { access_token, expires_in_s } = token;
        const result = {
          access_token,
          expires_in_s,
          client_id: made.client_id,
          base: `${place.url}/fhir/R4`,
          ca: place.ca,
        };
        return { result, tenant, targets };
      },
    },
  ];
}

const keyActs = (house: House): readonly Act[] => [
  {
    method: 'POST',
    path: /^\/patients\/(?<id>[^/]+)\/destroy$/,
    action: 'keys-destroy',
    type: 'Key',
    run: async ({ params: { id = '' }, body }) => {
      const tenant = await tenantOf(house, body.tenant);
      const { destroyed_at, keys } = await house.records.destroyPatient(tenant, id);
      const times = { destroyed_at: iso(destroyed_at), backups_until: iso(destroyed_at + backup_ms) };
      const result = { patient: id, keys, ...times };
      return { result, tenant, targets: [{ type: 'Patient', id }] };
    },
  },
  {
    method: 'POST',
    path: /^\/keys\/signing\/rotate$/,
    action: 'keys-rotate',
    type: 'Key',
    run: async () => {
      const result = await house.identity.keys.rotate();
      return { result, targets: result.kids.map((id) => ({ type: 'Key', id })) };
    },
  },
  {
    method: 'POST',
    path: /^\/keys\/rotate$/,
    action: 'keys-rotate',
    type: 'Key',
    run: async ({ body }) => {
      const tenant = await tenantOf(house, body.tenant);
      return { result: await house.seal.rotateTenant(tenant), tenant, targets: [{ type: 'Key', id: String(tenant) }] };
    },
  },
  {
    method: 'GET',
    path: /^\/ledger\/source$/,
    action: 'ledger-verify',
    type: 'Ledger',
    run: async () => ({ result: await ledgerSource(house) }),
  },
];

/** What a verifier on this machine needs to read the log past the server: the reader's login, the key, the anchors. */
async function ledgerSource({ settings, instance, store, ledger, log }: House): Promise<object> {
  // Sign what is there, so that the verifier finds no uncovered tail.
  await ledger
    .checkpoint(0)
    .catch((error: unknown) => log.warn('the log was not signed before its verification', { error }));
  return {
    reader: store.readerLogin(),
    public_key: Buffer.from(instance.signer.publicKey).toString('base64'),
    origin: instance.signer.name,
    anchors: join(settings.data, 'anchors'),
  };
}
