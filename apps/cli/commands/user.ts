import { type Admin, openAdmin } from '../admin/request.ts';
import { type Command, type Input, shared, UsageError } from '../command.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { scopesOf, tenantOf } from './client.ts';

/** An account as the admin API tells it; times are milliseconds since the Unix epoch. */
interface User {
  readonly id: string;
  readonly login: string;
  readonly name: string;
  readonly kind: string;
  readonly state: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly patients: readonly string[];
  readonly fhir_user: string | null;
  readonly source: string;
  readonly external: boolean;
  readonly created_at: number;
}

interface Link {
  readonly purpose: string;
  readonly url: string;
  readonly expires_at: string;
}

interface Shown {
  readonly account: User;
  readonly sessions: readonly { readonly device: string; readonly last_used_at: number }[];
  readonly factors: readonly { readonly kind: string; readonly label: string }[];
}

const common = { tenant: shared.tenant, data: shared.data, json: shared.json } as const;
const words = (given: readonly string[]): string => (given.length === 0 ? '-' : given.join(' '));
const time = (at: number): string => new Date(at).toISOString();
const asJson = (value: unknown): string => `${JSON.stringify(value)}\n`;

const linkText = ({ url, expires_at }: Link): string =>
  `${table([
    ['link', url],
    ['until', expires_at],
  ])}Works once and is shown once: hand it to the person alone.\n`;

/** Options that were given, under the names of the admin API. */
function wanted(input: Input): Record<string, unknown> {
  const lists = { scopes: 'scopes', roles: 'role', patients: 'patient' } as const;
  const given = Object.entries(lists).flatMap(([name, option]) => {
    const text = input.text(option);
    return text === undefined ? [] : [[name, scopesOf(text)] as const];
  });
  const [kind, fhirUser] = [input.text('kind'), input.text('fhir-user')];
  return {
    ...Object.fromEntries(given),
    ...(kind === undefined ? {} : { kind }),
    ...(fhirUser === undefined ? {} : { fhir_user: fhirUser }),
  };
}

export const userCreate: Command = {
  name: 'user create',
  summary: 'makes an account and the link by which its owner sets it up',
  usage: 'LOGIN --name NAME [options]',
  positionals: { least: 1, most: 1 },
  text:
    'LOGIN is an e-mail address. Nothing is sent to it: hand over the link that is printed; it works once, for 7\n' +
    'days. --scopes bound what apps get at most (default user/*.cruds) and open nothing by themselves: a member of\n' +
    'the workforce sees patients by roles, asked for at /access and approved by another.',
  options: {
    name: { type: 'string', value: 'NAME', text: 'what people call them' },
    kind: { type: 'string', choices: ['workforce', 'patient', 'proxy'], text: 'default workforce' },
    scopes: {
      type: 'string',
      value: '"SCOPES"',
      text: 'what apps get at most: user/ and patient/ scopes, such as "user/*.rs"',
    },
    role: { type: 'string', choices: ['administrator'], text: 'manages accounts and clients of the tenant' },
    patient: { type: 'string', value: '"IDS"', text: 'of a patient or proxy: ids of the Patients it stands for' },
    'fhir-user': { type: 'string', value: 'TYPE/ID', text: 'the resource that stands for the person' },
    ...common,
  },
  examples: [
    'safeguard user create ada@clinic.example --name "Ada Byron" --scopes "user/*.rs"',
    'safeguard user create chief@clinic.example --name "The Chief" --role administrator',
    'safeguard user create p@mail.example --name Pat --kind patient --patient 4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de',
  ],
  async run(input, terminal) {
    const name = input.text('name');
    if (name === undefined) throw new UsageError('--name is needed: what are they called?', userCreate);
    const body = { login: input.positionals[0], name, ...tenantOf(input), ...wanted(input) };
    const made = await openAdmin(input.text('data')).ask<{ account: User; invitation: Link }>('POST', '/users', body);
    if (input.flag('json')) terminal.out(asJson(made));
    else terminal.out(`${table([['id', made.account.id]])}${linkText(made.invitation)}`);
    return 0;
  },
};

const pageSize = 200;

async function allUsers(admin: Admin, input: Input): Promise<User[]> {
  const all: User[] = [];
  for (;;) {
    const last = all.at(-1)?.id;
    const query = new URLSearchParams({
      ...tenantOf(input),
      ...(last === undefined ? {} : { after: last }),
    }).toString();
    const { users } = await admin.ask<{ users: User[] }>('GET', `/users${query === '' ? '' : `?${query}`}`);
    all.push(...users);
    if (users.length < pageSize) return all;
  }
}

export const userList: Command = {
  name: 'user list',
  summary: 'lists the accounts of a tenant',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  options: common,
  examples: ['safeguard user list', 'safeguard user list --tenant north --json'],
  async run(input, terminal) {
    const users = await allUsers(openAdmin(input.text('data')), input);
    const rows = users.map(({ id, login, name, kind, state, roles }) => [id, login, name, kind, state, words(roles)]);
    terminal.out(
      input.flag('json') ? asJson(users) : table([['id', 'login', 'name', 'kind', 'state', 'roles'], ...rows]),
    );
    return 0;
  },
};

const shownText = ({ account, sessions, factors }: Shown): string =>
  table([
    ['id', account.id],
    ['login', account.login],
    ['name', account.name],
    ['kind', account.kind],
    ['state', account.state],
    ['roles', words(account.roles)],
    ['scopes', words(account.scopes)],
    ['patients', words(account.patients)],
    ['fhir_user', account.fhir_user ?? '-'],
    ['source', account.external ? `${account.source} (single sign-on alone)` : account.source],
    ['created', time(account.created_at)],
    ...factors.map(({ kind, label }) => ['factor', `${kind} ${label}`.trimEnd()]),
    ...sessions.map(({ device, last_used_at }) => ['signed in', `${device}, last used ${time(last_used_at)}`]),
  ]);

export const userShow: Command = {
  name: 'user show',
  summary: 'shows an account, its factors and where it is signed in',
  usage: 'LOGIN|ID [options]',
  positionals: { least: 1, most: 1 },
  options: common,
  examples: ['safeguard user show ada@clinic.example'],
  async run(input, terminal) {
    const body = { who: input.positionals[0], ...tenantOf(input) };
    const shown = await openAdmin(input.text('data')).ask<Shown>('POST', '/users/find', body);
    terminal.out(input.flag('json') ? asJson(shown) : shownText(shown));
    return 0;
  },
};

async function turn(verb: string, input: Input, terminal: Terminal): Promise<number> {
  const body = { who: input.positionals[0], ...tenantOf(input) };
  const user = await openAdmin(input.text('data')).ask<User>('POST', `/users/${verb}`, body);
  terminal.out(input.flag('json') ? asJson(user) : `${user.state}\n`);
  return 0;
}

export const userSuspend: Command = {
  name: 'user suspend',
  summary: 'suspends an account: its sessions and tokens end at once',
  usage: 'LOGIN|ID [options]',
  positionals: { least: 1, most: 1 },
  options: common,
  examples: ['safeguard user suspend ada@clinic.example'],
  run: (input, terminal) => turn('suspend', input, terminal),
};

export const userResume: Command = {
  name: 'user resume',
  summary: 'lets a suspended account work again',
  usage: 'LOGIN|ID [options]',
  positionals: { least: 1, most: 1 },
  options: common,
  examples: ['safeguard user resume ada@clinic.example'],
  run: (input, terminal) => turn('resume', input, terminal),
};

export const userTerminate: Command = {
  name: 'user terminate',
  summary: 'ends an account for good; its login is never given to anybody again',
  usage: 'LOGIN|ID --yes [options]',
  positionals: { least: 1, most: 1 },
  text: 'Cannot be undone: `user suspend` can. Without --yes it only says what it would do.',
  options: { yes: { type: 'boolean', text: 'really do it' }, ...common },
  examples: ['safeguard user terminate ada@clinic.example --yes'],
  run(input, terminal) {
    if (input.flag('yes')) return turn('terminate', input, terminal);
    terminal.err('Nothing was done. This ends the account for good and cannot be undone: add --yes to do it.\n');
    return Promise.resolve(1);
  },
};

const purposes = ['invitation', 'recovery', 'administrator'];

export const userLink: Command = {
  name: 'user link',
  summary: 'makes a one-time link: an invitation anew, a recovery, or the first administrator’s',
  usage: 'invitation|recovery LOGIN|ID [options]\n       safeguard user link administrator [options]',
  positionals: { least: 1, most: 2 },
  text:
    'invitation   for an account that was not set up yet; 7 days\n' +
    'recovery     for somebody who lost their factors: password and factors are set anew; 1 hour\n' +
    'administrator  makes the first administrator of a tenant that has none; 24 hours\n' +
    'Earlier links of the same purpose end.',
  options: common,
  examples: ['safeguard user link recovery ada@clinic.example', 'safeguard user link administrator --tenant north'],
  async run(input, terminal) {
    const [purpose = '', who] = input.positionals;
    if (!purposes.includes(purpose)) throw new UsageError(`"${purpose}" is no link: ${purposes.join(', ')}.`, userLink);
    if ((purpose === 'administrator') !== (who === undefined)) {
      const text =
        who === undefined ? 'For whom? Name the login or the id.' : 'The first administrator has no login yet.';
      throw new UsageError(text, userLink);
    }
    const body = { purpose, ...(who === undefined ? {} : { who }), ...tenantOf(input) };
    const link = await openAdmin(input.text('data')).ask<Link>('POST', '/users/links', body);
    terminal.out(input.flag('json') ? asJson(link) : linkText(link));
    return 0;
  },
};
