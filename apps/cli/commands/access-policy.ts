import { type Check, checkFile } from '../access/check-file.ts';
import { asJson, common, listed, nameOf, queryOf, type Who } from '../access/told.ts';
import { openAdmin } from '../admin/request.ts';
import { type Command, type Input, shared } from '../command.ts';
import { table } from '../table.ts';
import { tenantOf } from './client.ts';

interface Role {
  readonly title: string;
  readonly approvers: readonly string[];
  readonly approvals: number;
  readonly longest_days: number;
  readonly apart: readonly string[];
  readonly elevated?: boolean;
}

interface Rule {
  readonly id: string;
  readonly effect: string;
  readonly who: Readonly<Record<string, readonly string[] | true>>;
  readonly interactions: readonly string[];
  readonly types: readonly string[];
  readonly where?: Readonly<Record<string, unknown>>;
  readonly view?: string;
}

/** A version without its text; times are ISO 8601. */
interface Summary {
  /** 0: the policy of the house. */
  readonly version: number;
  readonly state: string;
  readonly based_on: number;
  readonly authors: readonly Who[];
  readonly drafted_at: string | null;
  readonly activates_at: string | null;
}

interface Version extends Summary {
  readonly policy: {
    readonly roles: Readonly<Record<string, Role>>;
    readonly rules: readonly Rule[];
  };
}

const versionOf = (input: Input): Promise<Version> =>
  openAdmin(input.text('data')).ask<Version>(
    'GET',
    `/access/policy${queryOf({ ...tenantOf(input), version: input.text('version') })}`,
  );

const longest = ({ longest_days, elevated }: Role): string => (elevated === true ? '8 h' : `${longest_days} d`);

export const accessRoles: Command = {
  name: 'access roles',
  summary: 'lists the roles of the policy in force: who approves them, how many must, for how long at most',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  text: 'Roles without approvers are held by what an account or a client is: patient, proxy, service.',
  options: common,
  examples: ['safeguard access roles', 'safeguard access roles --tenant north --json'],
  async run(input, terminal) {
    const { roles } = (await versionOf(input)).policy;
    const rows = Object.entries(roles).map(([name, role]) => [
      ...[name, role.title, listed(role.approvers), String(role.approvals)],
      ...[role.approvals === 0 ? '-' : longest(role), listed(role.apart)],
    ]);
    const head = ['role', 'title', 'approved by', 'approvals', 'longest', 'never with'];
    terminal.out(input.flag('json') ? asJson(roles) : table([head, ...rows]));
    return 0;
  },
};

const whom = ({ who }: Rule): string =>
  Object.entries(who)
    .flatMap(([kind, names]) =>
      names === true ? [kind] : names.map((name) => (kind === 'roles' ? name : `${kind}:${name}`)),
    )
    .join(' ');

const shown = ({ version, state, based_on, activates_at, policy: { roles, rules } }: Version): string =>
  table([
    ['version', version === 0 ? '0 (the policy of the house)' : String(version)],
    ['state', state],
    ...(version === 0 ? [] : [['based on', String(based_on)]]),
    ...(activates_at === null ? [] : [['from', activates_at]]),
    ['roles', Object.keys(roles).join(' ')],
  ]) +
  table([
    ['rule', 'effect', 'who', 'does', 'with', 'where', 'view'],
    ...rules.map((rule) => [
      ...[rule.id, rule.effect, whom(rule), rule.interactions.join(' '), rule.types.join(' ')],
      ...[listed(Object.keys(rule.where ?? {})), rule.view ?? 'full'],
    ]),
  ]);

export const accessPolicyShow: Command = {
  name: 'access policy show',
  summary: 'shows a version of the policy: that in force, or another',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  text: 'With --json it is the whole document, as "access policy check" and the API read it.',
  options: {
    version: {
      type: 'string',
      value: 'N',
      between: [0, 2 ** 31 - 1],
      text: 'by its number; 0: the policy of the house',
    },
    ...common,
  },
  examples: ['safeguard access policy show', 'safeguard access policy show --version 0 --json > policy.json'],
  async run(input, terminal) {
    const version = await versionOf(input);
    terminal.out(input.flag('json') ? `${JSON.stringify(version.policy, undefined, 2)}\n` : shown(version));
    return 0;
  },
};

export const accessPolicyList: Command = {
  name: 'access policy list',
  summary: 'lists the versions of a tenant’s policy, newest first',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  text: 'The last 100, and the policy of the house. Officers write and approve them at /access/policies.',
  options: common,
  examples: ['safeguard access policy list', 'safeguard access policy list --tenant north --json'],
  async run(input, terminal) {
    const path = `/access/policies${queryOf(tenantOf(input))}`;
    const { policies } = await openAdmin(input.text('data')).ask<{ policies: Summary[] }>('GET', path);
    const rows = policies.map(({ version, state, based_on, authors, drafted_at, activates_at }) => [
      ...[String(version), state, version === 0 ? '-' : String(based_on), listed(authors.map(nameOf))],
      ...[drafted_at ?? '-', activates_at ?? '-'],
    ]);
    const head = ['version', 'state', 'based on', 'authors', 'drafted', 'from'];
    terminal.out(input.flag('json') ? asJson(policies) : table([head, ...rows]));
    return 0;
  },
};

/** Only this command takes the server’s code without running a server. */
const loadCheck = async (): Promise<Check> => (await import('@safeguard/server')).checkPolicy;

export const accessPolicyCheck: Command = {
  name: 'access policy check',
  summary: 'reads a policy in a file and says what is wrong with it; asks no instance',
  usage: 'FILE [options]',
  positionals: { least: 1, most: 1 },
  text: 'Each finding is one line: the file, where in it (a JSON pointer), and what. Exit status 1 when there is any.',
  options: { json: shared.json },
  examples: ['safeguard access policy check policy.json'],
  async run(input, terminal) {
    const file = input.positionals[0] ?? '';
    const findings = await checkFile(file, await loadCheck());
    const lines = findings.map(({ at, text }) => `${file}: ${at === '' ? '' : `${at}: `}${text}\n`);
    if (input.flag('json')) terminal.out(asJson(findings));
    else terminal.out(findings.length === 0 ? `${file}: right\n` : lines.join(''));
    return findings.length === 0 ? 0 : 1;
  },
};
