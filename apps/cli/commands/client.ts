import { readFile } from 'node:fs/promises';
import { openAdmin } from '../admin/request.ts';
import { type Command, type Input, shared, UsageError } from '../command.ts';
import { table } from '../table.ts';

interface Made {
  readonly client_id: string;
  readonly client_secret: string;
  readonly token_url: string;
}

interface Client {
  readonly client_id: string;
  readonly name: string;
  readonly tenant: number;
  readonly scopes: readonly string[];
  readonly view: string;
  readonly patient?: string | null;
  readonly permissions?: readonly string[];
  readonly type?: string;
  readonly state?: string;
  readonly auth_method?: string;
  readonly grant_types?: readonly string[];
  readonly redirect_uris?: readonly string[];
  /** Milliseconds since the Unix epoch; null while it is valid. */
  readonly revoked_at: number | null;
}

/** Scopes as they are typed: with spaces or commas between. */
export const scopesOf = (text: string): string[] => text.split(/[\s,]+/).filter((scope) => scope !== '');

/** The tenant to send along, when one was named. */
export const tenantOf = (input: Input): { tenant?: string } => {
  const tenant = input.text('tenant');
  return tenant === undefined ? {} : { tenant };
};

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

const isKeySet = (value: unknown): boolean => Array.isArray((value as { keys?: unknown } | null)?.keys);

/** A key set by its address, or out of a file. */
async function keysOf(where: string): Promise<object> {
  if (/^https?:\/\//.test(where)) return { jwks_uri: where };
  const text = await readFile(where, 'utf8');
  try {
    const jwks: unknown = JSON.parse(text);
    if (isKeySet(jwks)) return { jwks };
  } catch {
    throw new UsageError('--jwks: the file is not JSON.', clientCreate);
  }
  throw new UsageError('--jwks: the file is no JWK set, {"keys": […]} (RFC 7517).', clientCreate);
}

/** What makes a client an app: people sign in through it, or it proves itself by a key. */
async function appOf(input: Input): Promise<object | undefined> {
  const named = ['redirect-uri', 'grant', 'jwks', 'launch-uri', 'post-logout-uri', 'backchannel-uri', 'auth'];
  const given = named.map(input.text);
  const [redirects, grants, jwks, launch, after, told, auth] = given;
  const isPublic = input.flag('public');
  if (given.every((one) => one === undefined) && !isPublic) return undefined;
  if (isPublic && jwks !== undefined) throw new UsageError('--public has no keys: leave out --jwks.', clientCreate);
  if (isPublic && redirects === undefined) {
    throw new UsageError('--redirect-uri is needed: a public client gets tokens by a code alone.', clientCreate);
  }
  const usual = redirects === undefined ? 'client_credentials' : 'authorization_code refresh_token';
  return {
    auth_method: auth ?? (isPublic ? 'none' : jwks === undefined ? 'client_secret_basic' : 'private_key_jwt'),
    grant_types: words(grants ?? usual),
    ...(redirects === undefined ? {} : { redirect_uris: words(redirects) }),
    ...(launch === undefined ? {} : { launch_uri: launch }),
    ...(after === undefined ? {} : { post_logout_redirect_uris: words(after) }),
    ...(told === undefined ? {} : { backchannel_logout_uri: told }),
    ...(jwks === undefined ? {} : await keysOf(jwks)),
  };
}

/** Each value that was given, one to a line. */
const listed = (values: object): string =>
  table(Object.entries(values).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));

const createOptions: Command['options'] = {
  scopes: { ...shared.scopes, text: 'SMART v2 scopes: "system/*.rs", of apps "patient/*.rs user/*.rs"' },
  view: shared.view,
  patient: { type: 'string', value: 'ID', text: "limits it to one patient's compartment: the id of a Patient" },
  may: {
    type: 'string',
    value: '"PERMISSIONS"',
    text: 'beside the scopes: purge, history-delete, reindex, sensitive:CATEGORY',
  },
  'redirect-uri': { type: 'string', value: '"URIS"', text: 'an app that people sign in through: where they come back' },
  public: { type: 'boolean', text: 'an app that can keep no secret: in a browser, on a phone' },
  jwks: { type: 'string', value: 'FILE|URL', text: 'its public keys: it proves itself by private_key_jwt, no secret' },
  grant: { type: 'string', value: '"GRANTS"', text: 'grant types as RFC 7591 spells them' },
  'launch-uri': { type: 'string', value: 'URI', text: 'where a SMART EHR launch begins' },
  'post-logout-uri': { type: 'string', value: '"URIS"', text: 'where its people come back to after signing out' },
  'backchannel-uri': { type: 'string', value: 'URI', text: 'where it is told that a session has ended' },
  auth: { type: 'string', value: 'METHOD', text: 'how it proves itself, where not usual: client_secret_post' },
  tenant: shared.tenant,
  data: shared.data,
  json: shared.json,
};

export const clientCreate: Command = {
  name: 'client create',
  summary: 'makes a client: for backend services, or an app that people sign in through',
  usage: 'NAME --scopes "SCOPES" [options]',
  positionals: { least: 1, most: 1 },
  text:
    'Prints client_id, client_secret and token_url. The secret is shown once and kept as a hash only.\n' +
    'With --redirect-uri, --public, --jwks or --grant it is an app; without --grant it gets authorization_code and\n' +
    'refresh_token where it has a redirect URI, else client_credentials.\n' +
    'Views: full; without-identity (pseudonymous); limited (limited data set, 164.514(e)); deidentified (Safe\n' +
    'Harbor, 164.514(b)(2)). What is labelled as sensitive is closed but by name: --may sensitive:hiv; as well\n' +
    'sensitive:psychotherapy-notes, sensitive:substance-use, sensitive:reproductive-health, sensitive:minors.',
  options: createOptions,
  examples: [
    'safeguard client create importer --scopes "system/*.cruds"',
    'safeguard client create research --scopes "system/Observation.rs system/Condition.rs" --view deidentified --json',
    'safeguard client create portal --scopes "system/*.rs" --patient 4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de',
    'safeguard client create hiv-clinic --scopes "system/*.rs" --may sensitive:hiv',
    'safeguard client create loader --scopes "system/*.cruds" --jwks keys.json',
    'safeguard client create app --public --redirect-uri https://app.example/cb --scopes "patient/*.rs"',
  ],
  async run(input, terminal) {
    const scopes = scopesOf(input.text('scopes') ?? '');
    if (scopes.length === 0) throw new UsageError('--scopes is needed: what may the client do?', clientCreate);
    const [patient, may] = [input.text('patient'), input.text('may')];
    const app = await appOf(input);
    const body = {
      name: input.positionals[0],
      ...tenantOf(input),
      scopes,
      view: input.text('view') ?? 'full',
      ...(patient === undefined ? {} : { patient }),
      ...(may === undefined ? {} : { permissions: scopesOf(may) }),
      ...app,
    };
    const made = await openAdmin(input.text('data')).ask<Made>('POST', app === undefined ? '/clients' : '/apps', body);
    const { client_id, client_secret, token_url } = made;
    const told = app === undefined ? { client_id, client_secret, token_url } : made;
    terminal.out(input.flag('json') ? `${JSON.stringify(told)}\n` : listed(told));
    return 0;
  },
};

export const clientList: Command = {
  name: 'client list',
  summary: 'lists the clients, of one tenant or of all',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  options: { tenant: shared.tenant, data: shared.data, json: shared.json },
  examples: ['safeguard client list', 'safeguard client list --tenant north --json'],
  async run(input, terminal) {
    const tenant = input.text('tenant');
    const query = tenant === undefined ? '' : `?tenant=${encodeURIComponent(tenant)}`;
    const { clients } = await openAdmin(input.text('data')).ask<{ clients: Client[] }>('GET', `/clients${query}`);
    if (input.flag('json')) terminal.out(`${JSON.stringify(clients)}\n`);
    else {
      const rows = clients.map(({ client_id, tenant: owner, name, view, scopes, revoked_at }) => [
        client_id,
        String(owner),
        name,
        revoked_at === null ? view : 'revoked',
        scopes.join(' '),
      ]);
      terminal.out(table([['client_id', 'tenant', 'name', 'view', 'scopes'], ...rows]));
    }
    return 0;
  },
};

export const clientRevoke: Command = {
  name: 'client revoke',
  summary: 'revokes a client and its tokens, at once',
  usage: 'CLIENT_ID [options]',
  positionals: { least: 1, most: 1 },
  options: { data: shared.data },
  examples: ['safeguard client revoke 4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de'],
  async run(input, terminal) {
    await openAdmin(input.text('data')).ask('DELETE', `/clients/${encodeURIComponent(input.positionals[0] ?? '')}`);
    terminal.out('revoked\n');
    return 0;
  },
};

const shown = (client: Client): string => {
  const {
    revoked_at,
    scopes,
    permissions = [],
    grant_types = [],
    redirect_uris = [],
    tenant,
    patient,
    ...rest
  } = client;
  return listed({
    ...rest,
    tenant: String(tenant),
    scopes: scopes.join(' '),
    ...(typeof patient === 'string' ? { patient } : {}),
    ...(permissions.length === 0 ? {} : { permissions: permissions.join(' ') }),
    grant_types: grant_types.join(' '),
    redirect_uris: redirect_uris.join(' '),
    ...(revoked_at === null ? {} : { revoked: new Date(revoked_at).toISOString() }),
  });
};

export const clientShow: Command = {
  name: 'client show',
  summary: 'shows a client; nothing of its secret',
  usage: 'CLIENT_ID [options]',
  positionals: { least: 1, most: 1 },
  options: { data: shared.data, json: shared.json },
  examples: ['safeguard client show 4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de'],
  async run(input, terminal) {
    const path = `/clients/${encodeURIComponent(input.positionals[0] ?? '')}`;
    const client = await openAdmin(input.text('data')).ask<Client>('GET', path);
    terminal.out(input.flag('json') ? `${JSON.stringify(client)}\n` : shown(client));
    return 0;
  },
};

const longest_overlap_s = 7_776_000;

export const clientRotate: Command = {
  name: 'client rotate',
  summary: 'gives a client a new secret; the one before stays valid for a while',
  usage: 'CLIENT_ID [options]',
  positionals: { least: 1, most: 1 },
  text: 'With --overlap 0 the secret before counts as stolen: it and its tokens end at once.',
  options: {
    overlap: {
      type: 'string',
      value: 'SECONDS',
      between: [0, longest_overlap_s],
      text: 'how long the secret before stays valid (default 86400, a day)',
    },
    data: shared.data,
    json: shared.json,
  },
  examples: [
    'safeguard client rotate 4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de',
    'safeguard client rotate 4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de --overlap 0',
  ],
  async run(input, terminal) {
    const path = `/clients/${encodeURIComponent(input.positionals[0] ?? '')}/rotate`;
    const overlap = input.text('overlap');
    const body = overlap === undefined ? {} : { overlap_s: Number(overlap) };
    const made = await openAdmin(input.text('data')).ask<object>('POST', path, body);
    terminal.out(input.flag('json') ? `${JSON.stringify(made)}\n` : listed(made));
    return 0;
  },
};
