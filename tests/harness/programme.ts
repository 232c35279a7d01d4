import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type Client, newClient } from './clients.ts';
import { type Instance, type Start, start } from './instance.ts';
import { cliJson, firstAdministrator, invite, type Person } from './people.ts';
import { grantRole } from './people-grants.ts';
import { type Chart, newChart } from './people-records.ts';
import { leaveReceipts } from './programme-receipts.ts';

/** What the API shows of a control. */
export interface ShownControl {
  readonly id: string;
  readonly state: string;
  readonly because: string;
  readonly checks: readonly {
    readonly check: string;
    readonly state: string;
    readonly because: string;
    readonly evidence: string | null;
  }[];
}

export interface ShownEvidence {
  readonly id: string;
  readonly check: string;
  readonly result: string;
  readonly examined: number;
  readonly saw: string;
  readonly todo: string | null;
  readonly exceptions: readonly string[];
}

/** An organization that has done what the programme asks of it. */
export interface SoundHouse {
  readonly safeguard: Instance;
  /** First administrator, and holders of the two offices: each approves what another proposed. */
  readonly ada: Person;
  readonly security: Person;
  readonly privacy: Person;
  readonly clinician: Person;
  readonly client: Client;
  readonly charts: readonly Chart[];
  /** Runs checks by the API, as the security officer. */
  run(...checks: string[]): Promise<readonly ShownEvidence[]>;
  control(id: string): Promise<ShownControl>;
}

export const passphrase = 'seven brave wrens keep the quiet lighthouse';

/** How a sound instance starts: TLS, a guarded root key, and checks that run when the test says so. */
export const soundStart = (options: Start = {}): Start => ({
  tls: 'on',
  ...options,
  env: { SAFEGUARD_KEYS_PASSPHRASE: passphrase, SAFEGUARD_PROGRAMME_SCHEDULE: 'off', ...options.env },
});

type Tasks = { readonly items: readonly { readonly id: string; readonly state: string }[] };

/** One after the other of those who may, until it is done. */
async function approve(people: readonly Person[], id: string): Promise<void> {
  const told: string[] = [];
  for (const { jar } of people) {
    const answer = await jar.api('POST', `/programme/tasks/${id}/decision`, { verdict: 'approve' });
    if (answer.status === 200 && answer.json.state === 'done') return;
    told.push(`${answer.status} ${answer.status === 200 ? answer.json.state : answer.text}`);
  }
  throw new Error(`task ${id} was not approved: ${told.join('; ')}`);
}

/** Everything that waits for approval, approved by those who may: a few at a time. */
export async function approveAll(people: readonly Person[], tasks: Tasks): Promise<number> {
  const left = [...tasks.items];
  const work = async (): Promise<void> => {
    for (let task = left.shift(); task !== undefined; task = left.shift()) await approve(people, task.id);
  };
  await Promise.all([work(), work(), work(), work()]);
  return tasks.items.length;
}

/** Each acknowledges all that they owe. */
export async function acknowledge({ jar }: Person): Promise<number> {
  const owed = await jar.api('GET', '/programme/acknowledgements/owed');
  assert.equal(owed.status, 200, owed.text);
  const items: { policy: string; number: number; digest: string }[] = owed.json.items;
  for (const { policy, number, digest } of items) {
    const path = `/programme/policies/${policy}/versions/${number}/acknowledgement`;
    const answer = await jar.api('POST', path, { digest });
    assert.equal(answer.status, 201, answer.text);
  }
  return items.length;
}

const workforce = (instance: Instance, name: string, roles?: string): Promise<Person> =>
  invite(instance, {
    login: `${name.toLowerCase().replaceAll(' ', '.')}@clinic.example`,
    name,
    ...(roles === undefined ? { scopes: 'user/*.rs' } : { roles }),
  });

/** The people of the house: an administrator by the printed link, officers by grants that another approved. */
async function staff(safeguard: Instance) {
  const ada = await firstAdministrator(safeguard);
  const [security, privacy, clinician] = await Promise.all(
    ['Sam Secure', 'Pia Private', 'Clara Clinician'].map((name) => workforce(safeguard, name)),
  );
  if (security === undefined || privacy === undefined || clinician === undefined) throw new Error('nobody came');
  for (const [person, role] of [
    [security, 'security-officer'],
    [privacy, 'privacy-officer'],
    [clinician, 'practice-clinician'],
  ] as const) {
    await grantRole(safeguard, person, { role, for_ms: 30 * 24 * 3_600_000 });
  }
  return { ada, security, privacy, clinician };
}

/** Starts an instance and does what an organization has to do before its controls can be met. */
export async function soundHouse(options: Start = {}): Promise<SoundHouse> {
  const safeguard = await start(soundStart(options));
  const people = await staff(safeguard);
  const { ada, security, privacy, clinician } = people;
  const officers = [ada, security, privacy];
  await approveAll(officers, await cliJson<Tasks>(safeguard, 'decisions', 'propose'));
  await approveAll(officers, await cliJson<Tasks>(safeguard, 'policies', 'submit'));
  const all = [...officers, clinician];
  await Promise.all(all.map(acknowledge));
  await leaveReceipts(safeguard.data, { trained: all.map(({ id }) => id) });
  const client = await newClient(safeguard, { tenant: 'default', scopes: 'system/*.cruds' });
  const charts = [
    await newChart(safeguard, client.token, 'Nora', 'Nightingale'),
    await newChart(safeguard, client.token, 'Emil', 'Ember'),
  ];
  // Its evaluation (45 CFR 164.308(a)(8)) is the report over all controls.
  await cliJson(safeguard, 'report', 'audit', '--out', join(safeguard.data, 'audit.pdf'));
  return { safeguard, ...people, client, charts, ...asking(security) };
}

/** What an officer asks of the programme. */
export function asking({ jar }: Person): Pick<SoundHouse, 'run' | 'control'> {
  return {
    async run(...checks) {
      const answer = await jar.api('POST', '/programme/checks/run', checks.length === 0 ? {} : { checks });
      assert.equal(answer.status, 200, answer.text);
      return answer.json.items;
    },
    async control(id) {
      const answer = await jar.api('GET', `/programme/controls/${id}`);
      assert.equal(answer.status, 200, answer.text);
      return answer.json;
    },
  };
}
