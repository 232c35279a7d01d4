import { allPages, asJson, common, listed, nameOf, queryOf, type Who } from '../access/told.ts';
import { openAdmin } from '../admin/request.ts';
import type { Command, Input } from '../command.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { tenantOf } from './client.ts';

/** A request as the admin API tells it: without its reason, which may name a patient. */
interface AccessRequest {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly role: string;
  readonly account: Who;
  readonly asked_by: Who;
  readonly asked_at: string;
  readonly until: string;
  /** How many it is for; 0: it names none. */
  readonly patients: number;
  readonly needed: number;
  readonly decisions: readonly { readonly by: Who; readonly verdict: string }[];
  readonly grant: string | null;
}

interface Grant {
  readonly id: string;
  readonly kind: string;
  readonly role: string;
  readonly account: Who;
  readonly until: string;
  readonly used_at: string | null;
  readonly patients: number;
  readonly opens: readonly string[];
  readonly ended_at: string | null;
}

const states = ['open', 'approved', 'rejected', 'withdrawn', 'lapsed'];

const approvals = ({ needed, decisions }: AccessRequest): string =>
  `${decisions.filter(({ verdict }) => verdict === 'approve').length}/${needed}`;

export const accessRequests: Command = {
  name: 'access requests',
  summary: 'lists who asked for which role, until when, and what became of it',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  text: 'Reasons are not shown at the machine: they may name patients. Whoever may decide reads them at our own pages.',
  options: {
    state: { type: 'string', choices: states, text: 'only these' },
    ...common,
  },
  examples: ['safeguard access requests --state open', 'safeguard access requests --tenant north --json'],
  async run(input, terminal) {
    const admin = openAdmin(input.text('data'));
    const asked = { ...tenantOf(input), state: input.text('state') };
    const all = await allPages(async (after) => {
      const path = `/access/requests${queryOf({ ...asked, after })}`;
      return (await admin.ask<{ requests: AccessRequest[] }>('GET', path)).requests;
    });
    const rows = all.map((one) => [
      ...[one.id, one.role, nameOf(one.account), nameOf(one.asked_by), one.asked_at, one.until],
      ...[one.patients === 0 ? 'all' : String(one.patients), approvals(one), one.state],
    ]);
    const head = ['id', 'role', 'for', 'asked by', 'asked at', 'until', 'patients', 'approvals', 'state'];
    terminal.out(input.flag('json') ? asJson(all) : table([head, ...rows]));
    return 0;
  },
};

const decidedText = (one: AccessRequest): string =>
  table([
    ['state', one.state],
    ['role', one.role],
    ['for', nameOf(one.account)],
    ['until', one.until],
    ['approvals', approvals(one)],
    ...(one.grant === null ? [] : [['grant', one.grant]]),
  ]);

async function decide(verdict: 'approve' | 'reject', input: Input, terminal: Terminal): Promise<number> {
  const reason = input.text('reason');
  const path = `/access/requests/${encodeURIComponent(input.positionals[0] ?? '')}/${verdict}`;
  const body = { ...tenantOf(input), ...(reason === undefined ? {} : { reason }) };
  const decided = await openAdmin(input.text('data')).ask<AccessRequest>('POST', path, body);
  terminal.out(input.flag('json') ? asJson(decided) : decidedText(decided));
  return 0;
}

const bootstrap =
  'At the machine a request is decided only as long as the tenant has nobody else who may: the first officers of a\n' +
  'new tenant. From then on they decide for each other, and this is refused. The reason is not shown here: ask the\n' +
  'person for it.';

export const accessApprove: Command = {
  name: 'access approve',
  summary: 'approves a request, as long as the tenant has nobody else who may',
  usage: 'REQUEST [options]',
  positionals: { least: 1, most: 1 },
  text: bootstrap,
  options: { reason: { type: 'string', value: 'TEXT', text: '10 characters or more; sealed' }, ...common },
  examples: [
    'safeguard access approve 4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de --reason "First privacy officer, by letter"',
  ],
  run: (input, terminal) => decide('approve', input, terminal),
};

export const accessReject: Command = {
  name: 'access reject',
  summary: 'rejects a request, as long as the tenant has nobody else who may',
  usage: 'REQUEST --reason TEXT [options]',
  positionals: { least: 1, most: 1 },
  text: bootstrap,
  options: { reason: { type: 'string', value: 'TEXT', text: 'needed; 10 characters or more; sealed' }, ...common },
  examples: ['safeguard access reject 4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de --reason "Asked for by mistake"'],
  run: (input, terminal) => decide('reject', input, terminal),
};

export const accessGrants: Command = {
  name: 'access grants',
  summary: 'lists who holds which role by a grant, until when, and when it was last used',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  options: {
    role: { type: 'string', value: 'ROLE', text: 'of this role alone' },
    account: { type: 'string', value: 'LOGIN|ID', text: 'of this account alone' },
    all: { type: 'boolean', text: 'those that are over too' },
    ...common,
  },
  examples: ['safeguard access grants', 'safeguard access grants --role clinician --account ada@clinic.example --all'],
  async run(input, terminal) {
    const admin = openAdmin(input.text('data'));
    const [role, who] = [input.text('role'), input.text('account')];
    const wanted = {
      ...tenantOf(input),
      ...(role === undefined ? {} : { role }),
      ...(who === undefined ? {} : { who }),
      ...(input.flag('all') ? { all: true } : {}),
    };
    const all = await allPages(async (after) => {
      const body = { ...wanted, ...(after === undefined ? {} : { after }) };
      return (await admin.ask<{ grants: Grant[] }>('POST', '/access/grants/find', body)).grants;
    });
    const rows = all.map(({ id, role: name, account, kind, patients, opens, until, used_at, ended_at }) => [
      ...[id, name, nameOf(account), kind, patients === 0 ? 'all' : String(patients), listed(opens)],
      ...[ended_at ?? until, used_at ?? 'never'],
    ]);
    const head = ['id', 'role', 'account', 'kind', 'patients', 'opens', 'until', 'used'];
    terminal.out(input.flag('json') ? asJson(all) : table([head, ...rows]));
    return 0;
  },
};

export const accessEnd: Command = {
  name: 'access end',
  summary: 'ends a grant, within a second and on every replica',
  usage: 'GRANT [options]',
  positionals: { least: 1, most: 1 },
  text: 'All that somebody holds ends with "user terminate", for the moment with "user suspend".',
  options: common,
  examples: ['safeguard access end 4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de'],
  async run(input, terminal) {
    const path = `/access/grants/${encodeURIComponent(input.positionals[0] ?? '')}/end`;
    const ended = await openAdmin(input.text('data')).ask<Grant>('POST', path, tenantOf(input));
    terminal.out(input.flag('json') ? asJson(ended) : 'ended\n');
    return 0;
  },
};
