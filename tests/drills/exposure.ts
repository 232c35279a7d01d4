import type { Instance } from '../harness/instance.ts';
import { type RawAnswer, type RawAsked, raw } from './raw.ts';

/** Stands in every element of every resource here that can hold a text. */
export const canary = 'CANARY-7f3b91-Zsofia';

/** What an instance holds, and who may ask for it. */
export interface World {
  readonly url: string;
  readonly token: string;
  /** Authorization header of a client at the token endpoint. */
  readonly basic: string;
  readonly patient: string;
  readonly observation: string;
}

const patient = (more: object = {}): object => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:drill:canary', value: canary }],
  name: [{ family: canary }],
  ...more,
});
const observation = (more: object = {}): object => ({
  resourceType: 'Observation',
  status: 'final',
  identifier: [{ system: 'urn:drill:canary', value: canary }],
  code: { text: canary },
  valueString: canary,
  ...more,
});

/** A patient and an observation full of canaries, a token, and a client. */
export async function world(instance: Instance): Promise<World> {
  const made = await instance.cli('client', 'create', 'drill', '--scopes', 'system/*.cruds', '--json');
  const { client_id, client_secret } = JSON.parse(made.stdout);
  const basic = `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`;
  const token = await instance.token();
  const create = async (resource: object, type: string): Promise<string> => {
    const answer = await instance.request({ method: 'POST', path: `/fhir/R4/${type}`, token, body: resource });
    if (answer.status !== 201) throw new Error(`${type}: ${answer.status} ${answer.text}`);
    return answer.json.id;
  };
  const id = await create(patient(), 'Patient');
  return { url: instance.url, token, basic, patient: id, observation: await create(observation(), 'Observation') };
}

/** One of everything that can be asked; what reads would show canaries, what writes would show them back. */
export function requests({ token, basic, patient: id, observation: other }: World): RawAsked[] {
  const authorization = `Bearer ${token}`;
  const fhir = '/fhir/R4';
  const get = (name: string, path: string): RawAsked => ({ name, path: `${fhir}${path}`, headers: { authorization } });
  const form = 'application/x-www-form-urlencoded';
  const send = (name: string, method: string, path: string, resource: object, more: object = {}): RawAsked => ({
    name,
    method,
    path: `${fhir}${path}`,
    headers: { authorization, 'content-type': 'application/fhir+json', prefer: 'return=representation', ...more },
    body: JSON.stringify(resource),
  });
  const entry = (resource: object, type: string): object => ({ resource, request: { method: 'POST', url: type } });
  const look = (path: string): object => ({ request: { method: 'GET', url: path } });
  const bundle = (type: string, ...entries: readonly object[]): object => ({
    resourceType: 'Bundle',
    type,
    entry: entries,
  });
  return [
    get('read Patient', `/Patient/${id}`),
    get('read Observation', `/Observation/${other}`),
    get('vread', `/Patient/${id}/_history/1`),
    get('history', `/Observation/${other}/_history`),
    get('search by _id', `/Patient?_id=${id}`),
    get('search by identifier', `/Patient?identifier=${canary}`),
    get('search all', '/Observation?_count=10'),
    get('read of nothing', `/Patient/${crypto.randomUUID()}`),
    { name: 'read without a token', path: `${fhir}/Patient/${id}` },
    {
      ...get('POST search', '/Patient/_search'),
      method: 'POST',
      headers: { authorization, 'content-type': form },
      body: `identifier=${canary}`,
    },
    send('create', 'POST', '/Patient', patient()),
    send('conditional create', 'POST', '/Observation', observation(), { 'if-none-exist': `identifier=${canary}` }),
    send('update', 'PUT', `/Patient/${id}`, patient({ id, active: true })),
    send('delete and bring back', 'PUT', `/Observation/${other}`, observation({ id: other })),
    send('transaction', 'POST', '', bundle('transaction', entry(patient(), 'Patient'), look(`Patient/${id}`))),
    send('batch', 'POST', '', bundle('batch', entry(observation(), 'Observation'), look(`Observation/${other}`))),
    send('batch of reads', 'POST', '', bundle('batch', look(`Patient/${id}`), look(`Patient?identifier=${canary}`))),
    {
      name: 'token',
      method: 'POST',
      path: '/oauth2/token',
      headers: { authorization: basic, 'content-type': form },
      body: 'grant_type=client_credentials',
    },
    { name: 'metadata', path: `${fhir}/metadata` },
    { name: 'no such path', path: '/nothing/here' },
  ];
}

/** What must not stand in an answer that is not in the ledger. */
const secrets = [canary, 'sgt_', 'CapabilityStatement', '"entry"'].map((text) => Buffer.from(text));

/** Asks everything at once. Answers what was wrong with the answers, and the answers. */
export async function expose(asked: World, limit_ms: number): Promise<{ wrong: string[]; answers: RawAnswer[] }> {
  const answers = await Promise.all(requests(asked).map((one) => raw(asked.url, one)));
  const wrong = answers.flatMap(({ name, status, bytes, took_ms }) => [
    ...(status === 503 ? [] : [`${name}: answered ${status}`]),
    ...secrets.filter((secret) => bytes.includes(secret)).map((secret) => `${name}: the answer holds ${secret}`),
    ...(took_ms <= limit_ms ? [] : [`${name}: took ${took_ms} ms`]),
  ]);
  return { wrong, answers };
}
