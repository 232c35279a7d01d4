import { asJson, common, listed, nameOf, queryOf, type Who } from '../access/told.ts';
import { openAdmin } from '../admin/request.ts';
import { type Command, type Input, UsageError } from '../command.ts';
import { table } from '../table.ts';
import { tenantOf } from './client.ts';

interface Trace {
  readonly rule: string;
  readonly effect: string;
  readonly through?: { readonly kind: string; readonly name?: string };
  readonly failed?: string;
}

interface Explained {
  readonly permit: boolean;
  readonly reason: string;
  readonly rule?: string;
  readonly why?: string;
  readonly role?: string;
  readonly grant?: string;
  readonly granted_by: readonly Who[];
  readonly until?: string;
  readonly view?: string;
  /** Absent of one resource. */
  readonly rules?: readonly Trace[];
  readonly assumed?: readonly string[];
}

interface Viewer {
  readonly kind: string;
  readonly id: string;
  readonly role?: string;
  readonly rule: string;
  readonly grant?: string;
  readonly until?: string;
  readonly view: string;
  readonly letters: string;
  readonly when?: readonly string[];
}

const line = (name: string, value: string | undefined): string[][] => (value === undefined ? [] : [[name, value]]);

const traced = (rules: readonly Trace[]): string =>
  rules.length === 0
    ? ''
    : table([
        ['rule', 'effect', 'by', 'fails at'],
        ...rules.map(({ rule, effect, through, failed }) => [
          ...[rule, effect, through === undefined ? '-' : `${through.kind} ${through.name ?? ''}`.trimEnd()],
          failed ?? '-',
        ]),
      ]);

const explainedText = (of: Explained): string =>
  table([
    ['answer', of.permit ? 'permitted' : 'denied'],
    ['reason', of.reason],
    ...line('rule', of.rule),
    ...line('why', of.why),
    ...line('role', of.role),
    ...line('grant', of.grant),
    ...(of.granted_by.length === 0 ? [] : [['granted by', of.granted_by.map(nameOf).join(' ')]]),
    ...line('until', of.until),
    ...line('view', of.view),
    ...line('taken as usual', of.assumed?.join(' ')),
  ]) + traced(of.rules ?? []);

function questionOf(input: Input): object {
  const [who, client, action, type, id] = ['account', 'client', 'action', 'type', 'id'].map(input.text);
  if ((who === undefined) === (client === undefined)) {
    throw new UsageError('Of whom? Name --account or --client.', accessExplain);
  }
  if (type === undefined) throw new UsageError('--type is needed: with resources of which type?', accessExplain);
  return {
    ...tenantOf(input),
    ...(who === undefined ? { client } : { who }),
    ...{ action: action ?? 'read', type },
    ...(id === undefined ? {} : { id }),
  };
}

export const accessExplain: Command = {
  name: 'access explain',
  summary: 'says whether somebody may, by which rule, granted by whom, until when',
  usage: '--account LOGIN|ID --type TYPE [options]',
  positionals: { least: 0, most: 0 },
  text:
    'It judges a request from no network in particular, for the usual purpose, right after a second factor. Of one\n' +
    'resource (--id) it tells what opens it; what is closed is told as what is not there.',
  options: {
    account: { type: 'string', value: 'LOGIN|ID', text: 'of whom' },
    client: { type: 'string', value: 'CLIENT_ID', text: 'of which client, instead' },
    action: {
      type: 'string',
      value: 'ACTION',
      text: 'interaction of FHIR: read, search-type, update … (default read)',
    },
    type: { type: 'string', value: 'TYPE', text: 'type of FHIR: Observation' },
    id: { type: 'string', value: 'ID', text: 'of this resource; without it, of any of the type' },
    ...common,
  },
  examples: [
    'safeguard access explain --account ada@clinic.example --action read --type Observation',
    'safeguard access explain --client 4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de --action create --type Patient --json',
  ],
  async run(input, terminal) {
    const body = questionOf(input);
    const found = await openAdmin(input.text('data')).ask<Explained>('POST', '/access/explanations', body);
    terminal.out(input.flag('json') ? asJson(found) : explainedText(found));
    return 0;
  },
};

export const accessWhoCanSee: Command = {
  name: 'access who-can-see',
  summary: 'lists everybody who can see anything of a patient at this moment, and by what',
  usage: 'PATIENT [options]',
  positionals: { least: 1, most: 1 },
  text: 'PATIENT is the id of a Patient. Answered by ids, roles and rules; nothing of the record is shown.',
  options: common,
  examples: ['safeguard access who-can-see 4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de'],
  async run(input, terminal) {
    const patient = encodeURIComponent(input.positionals[0] ?? '');
    const path = `/access/patients/${patient}/viewers${queryOf(tenantOf(input))}`;
    const { viewers } = await openAdmin(input.text('data')).ask<{ viewers: Viewer[] }>('GET', path);
    const rows = viewers.map((one) => [
      ...[one.kind, one.id, one.role ?? '-', one.rule, one.view, one.letters, one.until ?? '-', listed(one.when ?? [])],
    ]);
    const head = ['kind', 'id', 'role', 'rule', 'view', 'may', 'until', 'depends on'];
    terminal.out(input.flag('json') ? asJson(viewers) : table([head, ...rows]));
    return 0;
  },
};

interface Use {
  readonly grant: string;
  readonly account: Who;
  readonly from: string;
  readonly until: string;
  readonly review_by: string;
  readonly state: 'waiting' | 'overdue' | 'reviewed';
  readonly verdict: string | null;
}

const stateText = ({ state, verdict }: Use): string => (state === 'overdue' ? 'OVERDUE' : (verdict ?? state));

export const accessBreakGlass: Command = {
  name: 'access break-glass',
  summary: 'lists uses of the emergency access, newest first, and marks reviews that are overdue',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  text: 'The newest 500. Whose record it was, and why, is for the officers who review it, at our own pages.',
  options: common,
  examples: ['safeguard access break-glass', 'safeguard access break-glass --tenant north --json'],
  async run(input, terminal) {
    const path = `/access/break-glass${queryOf(tenantOf(input))}`;
    const { uses } = await openAdmin(input.text('data')).ask<{ uses: Use[] }>('GET', path);
    const rows = uses.map((one) => [
      ...[one.grant, nameOf(one.account), one.from, one.until, one.review_by, stateText(one)],
    ]);
    const head = ['grant', 'account', 'from', 'until', 'review by', 'review'];
    terminal.out(input.flag('json') ? asJson(uses) : table([head, ...rows]));
    return 0;
  },
};

interface Review {
  readonly id: string;
  readonly state: string;
  readonly started_at: string;
  readonly due_at: string;
  readonly items: Readonly<Record<'all' | 'kept' | 'revoked' | 'undecided', number>>;
}

export const accessReviews: Command = {
  name: 'access reviews',
  summary: 'lists the campaigns in which grants are looked at again',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  text: 'The last 100. Officers decide them at our own pages; what nobody keeps by the due date is over.',
  options: common,
  examples: ['safeguard access reviews'],
  async run(input, terminal) {
    const path = `/access/reviews${queryOf(tenantOf(input))}`;
    const { reviews } = await openAdmin(input.text('data')).ask<{ reviews: Review[] }>('GET', path);
    const rows = reviews.map(({ id, state, started_at, due_at, items }) => [
      ...[id, state, started_at, due_at],
      ...[items.all, items.kept, items.revoked, items.undecided].map(String),
    ]);
    const head = ['id', 'state', 'started', 'due', 'grants', 'kept', 'revoked', 'undecided'];
    terminal.out(input.flag('json') ? asJson(reviews) : table([head, ...rows]));
    return 0;
  },
};
