import assert from 'node:assert/strict';
import { type Client, newClient } from './clients.ts';
import { type Inside, openInside } from './inside.ts';
import { type Answer, type Asked, type Instance, removeData, type Start, start } from './instance.ts';
import { type App, newApp, tokensFor } from './oauth-app.ts';
import { cliJson, firstAdministrator, invite, type Person } from './people.ts';
import { inviteWithRole } from './people-grants.ts';

/** A tenant with everybody in it. */
export interface Party {
  /** Name and number. */
  readonly tenant: string;
  readonly number: number;
  readonly administrator: Person;
  /** Workforce with `user/*.rs` and no role. */
  readonly worker: Person;
  /** A patient's account. */
  readonly patient: Person;
  /** The Patient that it stands for. */
  readonly record: string;
  /** A confidential app with all of the product's scopes. */
  readonly app: App;
  /** Backend services: with the product's scopes, with SCIM's, with none of the product's. */
  readonly manager: Client;
  readonly directory: Client;
  readonly plain: Client;
}

export const productScopes =
  'safeguard/accounts safeguard/clients safeguard/scim safeguard/launch safeguard/access safeguard/programme';
/** Of the worker; names no type that the product does not have. */
export const workerScopes = 'user/*.rs';

async function newRecord(instance: Instance, { token }: Client): Promise<string> {
  const body = { resourceType: 'Patient', name: [{ family: 'Record' }] };
  const made = await instance.request({ method: 'POST', path: '/fhir/R4/Patient', token, body });
  assert.equal(made.status, 201, made.text);
  return made.json.id;
}

/** `default` is there already; any other tenant is made. */
export async function newParty(instance: Instance, tenant: string): Promise<Party> {
  if (tenant !== 'default') await cliJson(instance, 'tenant', 'create', tenant);
  const tenants = await cliJson<{ id: number; name: string }[]>(instance, 'tenant', 'list');
  const number = tenants.find(({ name }) => name === tenant)?.id ?? 0;
  const login = (name: string): string => `${name}@${tenant}.example`;
  const administrator = await firstAdministrator(instance, { tenant, login: login('admin') });
  const client = (scopes: string): Promise<Client> => newClient(instance, { tenant, scopes });
  const plain = await client('system/*.cruds');
  const record = await newRecord(instance, plain);
  const of = { tenant, scopes: workerScopes };
  return {
    tenant,
    number,
    administrator,
    record,
    plain,
    worker: await inviteWithRole(instance, { login: login('worker'), ...of }),
    patient: await invite(instance, {
      ...{ login: login('patient'), tenant, kind: 'patient', patients: [record], scopes: 'patient/*.rs' },
    }),
    app: await newApp(instance, {
      tenant,
      scopes: `user/*.rs patient/*.rs ${productScopes}`,
      more: ['--launch-uri', 'https://app.example/launch'],
    }),
    manager: await client(`system/*.cruds ${productScopes}`),
    directory: await client('safeguard/scim'),
  };
}

/** A token of a person through the party's app. */
export async function appToken({ app }: Party, { jar }: Person, scope: string): Promise<string> {
  return (await tokensFor(jar, app, { scope })).access_token;
}

export interface IdentityHouse {
  readonly safeguard: Instance;
  readonly inside: Inside;
  /** Moves a person's last factor back in time: their session is open and no longer fresh. */
  makeStale(person: Person): Promise<void>;
  /** The one event of an answer, in the log of a tenant. */
  remove(): Promise<void>;
}

/** How long a process may go on trusting what it knows of a session or token. */
export const known_ms = 1_100;

export async function identityHouse(options: Start = { tls: 'off' }): Promise<IdentityHouse> {
  const safeguard = await start(options);
  const inside = await openInside(safeguard.data);
  const { sql } = inside.databases;
  return {
    safeguard,
    inside,
    async makeStale({ id }) {
      const text = `update identity.session set authenticated_at = authenticated_at - interval '6 minutes'
        where account = $1`;
      await sql('identity', text, [id]);
      await sql(
        'identity',
        `update identity.token set authenticated_at = authenticated_at - interval '6 minutes' where account = $1`,
        [id],
      );
      await new Promise((resolve) => setTimeout(resolve, known_ms));
    },
    async remove() {
      await inside.close();
      await safeguard.stop();
      await removeData(safeguard.data);
    },
  };
}

/** The events of these answers: exactly one each, in the log of one of the tenants. By request id. */
export async function eventsOf(inside: Inside, tenants: readonly number[], answers: readonly Answer[]) {
  const events = (await Promise.all([0, ...tenants].map((tenant) => inside.events(tenant)))).flat();
  const byId = Map.groupBy(events, ({ id }) => id);
  return new Map(
    answers.map((answer) => {
      const id = String(answer.headers['x-request-id']);
      const own = byId.get(id) ?? [];
      assert.equal(own.length, 1, `${answer.status} ${id}: ${own.length} entries`);
      return [answer, own[0]] as const;
    }),
  );
}

/** A request in the name of somebody: their browser with its cookies, or a token. */
export type Asker = (asked: Asked) => Promise<Answer>;

export const byToken =
  (safeguard: Instance, token: string): Asker =>
  (asked) =>
    safeguard.request({ ...asked, token });

export const byBrowser =
  ({ jar }: Pick<Person, 'jar'>): Asker =>
  async (asked) => {
    const before = new Map(jar.cookies);
    const answer = await jar.ask(asked);
    // What an attack sets or clears is not carried into the next one.
    const cookies = jar.cookies as Map<string, string>;
    cookies.clear();
    for (const [name, value] of before) cookies.set(name, value);
    return answer;
  };
