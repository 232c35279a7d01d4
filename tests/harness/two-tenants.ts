import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { canaryBundle } from '@safeguard/synthetic';
import { type Client, newClient } from './clients.ts';
import { type Inside, openInside } from './inside.ts';
import { type Answer, type Asked, type Instance, removeData, start } from './instance.ts';

export const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** An instance of two tenants: one that has records, and one whose client wants them. */
export interface TwoTenants {
  readonly safeguard: Instance;
  readonly inside: Inside;
  /** Their numbers. */
  readonly tenants: { readonly victim: number; readonly thief: number };
  readonly victim: Client;
  readonly thief: Client;
  /** `Type/id` of all that the victim has. */
  readonly places: readonly string[];
  /** The place of its patient, who has two versions. */
  readonly patient: string;
  /** The value of one of the patient's identifiers. */
  readonly identifier: string;
  ask(client: { readonly token?: string }, asked: Asked): Promise<Answer>;
  /** The events of these answers: exactly one each, in the log of the tenant. */
  recordedOnce(answers: readonly Answer[], tenant: number, actor?: string): Promise<void>;
  remove(): Promise<void>;
}

export const typeOf = (place: string): string => place.split('/')[0] ?? '';
export const idOf = (place: string): string => place.split('/')[1] ?? '';

export const bundle = (type: string, ...entry: object[]): Asked => ({
  method: 'POST',
  path: '/fhir/R4',
  body: { resourceType: 'Bundle', type, entry },
});

export interface Resource {
  readonly resourceType: string;
  readonly [element: string]: unknown;
}

export const create = (body: Resource, headers: Record<string, string> = {}): Asked => ({
  method: 'POST',
  path: `/fhir/R4/${body.resourceType}`,
  body,
  headers,
});

async function newTenant(safeguard: Instance, name: string): Promise<number> {
  const made = await safeguard.cli('tenant', 'create', name, '--json');
  assert.equal(made.code, 0, made.stderr);
  return JSON.parse(made.stdout).id;
}

type Ask = TwoTenants['ask'];

/** Loads a patient with everything around it, and changes the patient once. */
async function fill(ask: Ask, victim: Client): Promise<Pick<TwoTenants, 'places' | 'patient' | 'identifier'>> {
  const planted = canaryBundle(`x${randomUUID().slice(0, 8)}`);
  const identifier = planted.canaries.find(({ where }) => where === 'Patient.identifier[1].value')?.value ?? '';
  const loaded = await ask(victim, { method: 'POST', path: '/fhir/R4', body: planted.bundle });
  assert.equal(loaded.status, 200, loaded.text);
  const places: string[] = loaded.json.entry.map(
    ({ response }: { response: { location: string } }) =>
      /([A-Z][A-Za-z]+\/[0-9a-f-]{36})\/_history/.exec(response.location)?.[1] ?? '',
  );
  const patient = places.find((place) => place.startsWith('Patient/')) ?? '';
  const { json } = await ask(victim, { path: `/fhir/R4/${patient}` });
  const put = await ask(victim, { method: 'PUT', path: `/fhir/R4/${patient}`, body: { ...json, active: false } });
  assert.equal(put.status, 200, put.text);
  return { places, patient, identifier };
}

/** The victim's own bodies by type, as they can be sent. */
export async function bodiesOf({ ask, victim, places }: TwoTenants): Promise<Map<string, Resource>> {
  const bodies = new Map<string, Resource>();
  for (const place of places) {
    const { json } = await ask(victim, { path: `/fhir/R4/${place}` });
    const { meta: _meta, ...body } = json;
    bodies.set(typeOf(place), body);
  }
  return bodies;
}

export async function twoTenants(): Promise<TwoTenants> {
  const safeguard = await start({ tls: 'off' });
  const inside = await openInside(safeguard.data);
  const ask: Ask = (client, asked) =>
    safeguard.request({ ...(client.token === undefined ? {} : { token: client.token }), ...asked });
  const remove = async (): Promise<void> => {
    await inside.close();
    await safeguard.stop();
    await removeData(safeguard.data);
  };
  try {
    const tenants = { victim: await newTenant(safeguard, 'victim'), thief: await newTenant(safeguard, 'thief') };
    const victim = await newClient(safeguard, { tenant: 'victim' });
    // All that one can be given, in a house of its own.
    const thief = await newClient(safeguard, { tenant: 'thief', may: 'history-delete purge reindex' });
    const recordedOnce = (answers: readonly Answer[], tenant: number, actor?: string): Promise<void> =>
      eachOnce(inside, answers, tenant, actor);
    return { safeguard, inside, tenants, victim, thief, ...(await fill(ask, victim)), ask, recordedOnce, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function eachOnce(inside: Inside, answers: readonly Answer[], tenant: number, actor?: string): Promise<void> {
  const events = await inside.events(tenant);
  for (const { status, headers } of answers) {
    const own = events.filter(({ id }) => id === headers['x-request-id']);
    assert.equal(own.length, 1, `${status} ${headers['x-request-id']}: ${own.length} entries`);
    assert.equal(own[0]?.status, status);
    if (actor !== undefined) assert.equal(own[0]?.actor, actor);
  }
}
