import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation, Principal } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import { type House, openHouse, type Reply, scope } from './house.ts';
import { addressOf, bodyOf } from './requests.ts';

const house = await openHouse();

const officers = ['administrator', 'security', 'privacy'];
const readers = [...officers, 'auditor'];
const house_ = ['program'];
const theirs = ['theirs', 'theirAdministrator'];
const people = [...readers, 'worker', ...theirs];

/** Who may come to each action at all, said once more by hand; everybody else is refused. */
const may: Readonly<Record<string, readonly string[]>> = {
  'posture-read': [...readers, ...house_],
  'control-list': [...readers, ...house_],
  'control-read': [...readers, ...house_],
  'check-run': [...officers, ...house_],
  'evidence-list': [...readers, ...house_],
  'evidence-read': [...readers, ...house_],
  'parameter-list': [...readers, ...house_],
  'parameter-propose': officers,
  'document-list': [...people, 'program', 'theirProgram'],
  'document-read': [...people, 'program', 'theirProgram'],
  'document-owed': people,
  'document-acknowledge': people,
  'document-draft': [...officers, ...theirs],
  'document-submit': [...officers, ...theirs],
  'document-review': [...officers, ...theirs],
  'document-acknowledgements': [...readers, ...theirs, 'program', 'theirProgram'],
  'task-list': people,
  'task-read': people,
  'task-note': people,
  'task-assign': people,
  'task-submit': people,
  'task-decide': people,
  'task-withdraw': people,
  'task-calendar': people,
  'decision-list': [...readers, ...theirs, 'program', 'theirProgram'],
  'decision-propose': officers,
  'waiver-list': [...readers, ...theirs, 'program', 'theirProgram'],
  'waiver-propose': officers,
  'waiver-end': [...officers, ...theirs],
};

const askersOf = ({ program, ...cast }: House): Readonly<Record<string, Principal | undefined>> => {
  const { administrator, security, privacy, auditor, worker, patient, theirs: other, theirAdministrator } = cast;
  const through = { client: newId(), scopes: ['user/*.cruds', 'safeguard/access'] };
  return {
    ...{ administrator, security, privacy, auditor, worker, patient, theirs: other, theirAdministrator },
    ...{ program: program(), theirProgram: program(2), platform: { ...administrator, tenant: 0 } },
    nobody: undefined,
    'one factor': { ...administrator, assurance: { level: 1, at: house.clock.now(), methods: ['pwd'] } },
    'an app without the scope': { ...administrator, ...through },
    'a program without the scope': program(1, 'system/*.cruds', 'safeguard/accounts'),
    'a program of one patient': { ...program(), patient: newId() },
    'a program without identities': { ...program(), view: 'deidentified' },
    'an officer who is a patient': { ...security, account: 'patient', within: [] },
  };
};

const ask = (one: Operation, as: Principal | undefined, send = house.send) => {
  const body = bodyOf(one, house);
  return send(one.method, addressOf(one), { as, ...(body === undefined ? {} : { body }) });
};

const isAsDescribed = ({ answer, files }: Operation, { status, text }: Reply): boolean =>
  status >= 300 || answer === undefined || files !== undefined || answer.safeParse(JSON.parse(text)).success;

/** What is not as it should be when somebody asks. */
async function wrongWhen(one: Operation, name: string, as: Principal | undefined): Promise<string[]> {
  house.events.length = 0;
  const reply = await ask(one, as);
  const { status, text } = reply;
  const isLet = may[one.action]?.includes(name) === true;
  const fits = as === undefined ? status === 401 : status !== 401 && (status !== 403) === isLet;
  const [event] = house.events;
  const isRecorded = event?.action === one.action && (event.outcome === 'deny') === [401, 403].includes(status);
  const said = `${name}: ${one.method} ${one.path}: ${status} ${text.slice(0, 200)}`;
  return [
    ...(fits && status < 500 ? [] : [said]),
    ...(isRecorded ? [] : [`${said}: in the log as ${event?.action} ${event?.outcome}`]),
    ...(isAsDescribed(one, reply) ? [] : [`${said}: is not as described`]),
  ];
}

test('each asker comes as far as the table says, at every operation; each refusal stands in the log', async () => {
  const { operations } = house;
  assert.deepEqual([...new Set(operations.map(({ action }) => action))].sort(), Object.keys(may).sort());
  const wrong: string[] = [];
  for (const one of operations) {
    for (const [name, as] of Object.entries(askersOf(house))) wrong.push(...(await wrongWhen(one, name, as)));
  }
  assert.deepEqual(wrong, []);
});

test('negative control: without the guard a worker and a patient come further than they may', async () => {
  const { send } = await house.serve(house.operations, () => undefined);
  const passed = new Set<string>();
  for (const one of house.operations.filter(({ method }) => method === 'GET')) {
    for (const as of [house.worker, house.patient]) if ((await ask(one, as, send)).status < 400) passed.add(one.action);
  }
  for (const action of ['posture-read', 'parameter-list', 'decision-list']) assert.ok(passed.has(action), action);
});

test('an app of an officer acts with the scope, and never more than the officer may', async () => {
  const app = (of: Principal): Principal => ({ ...of, client: newId(), scopes: [scope] });
  assert.equal((await house.send('GET', '/posture', { as: app(house.security) })).status, 200);
  assert.equal((await house.send('GET', '/posture', { as: app(house.worker) })).status, 403);
  const run = { body: { checks: ['http.tls'] } };
  assert.equal((await house.send('POST', '/checks/run', { as: app(house.auditor), ...run })).status, 403);
});
