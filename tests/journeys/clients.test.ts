/**
 * The public JavaScript clients against the running server: each authenticates, creates, reads, updates, searches and
 * follows next links. TLS is off here, on loopback: the clients take no certificate authority of their own.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { MedplumClient } from '@medplum/core';
import { Client as FhirKitClient } from 'fhir-kit-client';
import { type Instance, removeData, start } from '../harness/instance.ts';

/** Without its types: they bring those of a browser along, for the whole project. */
const fhirclient = createRequire(import.meta.url)('fhirclient');

let safeguard: Instance;
let credentials: { client_id: string; client_secret: string; token_url: string };

before(async () => {
  safeguard = await start({ tls: 'off' });
  const made = await safeguard.cli('client', 'create', 'public client', '--scopes', 'system/*.cruds', '--json');
  assert.equal(made.code, 0, made.stderr);
  credentials = JSON.parse(made.stdout);
});
after(async () => {
  await safeguard.stop();
  await removeData(safeguard.data);
});

/** Seven patients under one identifier system: three pages of three. */
const patients = 7;
const per_page = 3;
const patient = (system: string, number: number) => ({
  resourceType: 'Patient' as const,
  identifier: [{ system, value: String(number) }],
  name: [{ family: `Pagewell${number}`, given: ['Ada'] }],
  gender: 'female' as const,
  birthDate: '1980-02-03',
});
const values = (found: readonly { identifier?: readonly { value?: string }[] }[]): string[] =>
  found.map(({ identifier }) => identifier?.[0]?.value ?? '').sort();
const all = Array.from({ length: patients }, (_, number) => String(number));

interface Found {
  readonly link?: readonly { readonly relation: string; readonly url: string }[];
  // biome-ignore lint/suspicious/noExplicitAny: each client has resource types of its own
  readonly entry?: readonly { readonly resource?: any }[];
}
const resources = (bundle: Found) => (bundle.entry ?? []).map(({ resource }) => resource);

test('fhirclient (SMART Health IT): with a token of the token endpoint', async () => {
  const system = 'urn:example:fhirclient';
  const { origin } = new URL(credentials.token_url);
  assert.equal(origin, safeguard.url);
  const answer = await fetch(credentials.token_url, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', ...credentials }),
  });
  const { access_token } = (await answer.json()) as { access_token: string };
  const request = { headers: {}, url: '/' } as never;
  const client = fhirclient(request, {} as never, {} as never).client({
    serverUrl: safeguard.fhir,
    tokenResponse: { access_token },
  });
  for (let number = 0; number < patients; number += 1) await client.create(patient(system, number));
  const pages: Found[] = [];
  await client.request(`Patient?identifier=${encodeURIComponent(`${system}|`)}&_count=${per_page}`, {
    pageLimit: 0,
    onPage: (page: unknown) => void pages.push(page as Found),
  });
  assert.deepEqual(
    pages.map((page) => resources(page).length),
    [3, 3, 1],
  );
  assert.deepEqual(values(pages.flatMap(resources)), all);
  const [one] = pages.flatMap(resources);
  const updated = (await client.update({ ...one, gender: 'other' })) as { meta?: { versionId?: string } };
  assert.equal(updated.meta?.versionId, '2');
  const read = await client.request(`Patient/${one.id}`);
  assert.equal(read.gender, 'other');
});

test('fhir-kit-client: with a token of the token endpoint that it finds itself', async () => {
  const system = 'urn:example:fhir-kit-client';
  const client = new FhirKitClient({ baseUrl: safeguard.fhir });
  const smart = await client.smartAuthMetadata();
  assert.equal(String(smart.tokenUrl), credentials.token_url);
  const answer = await fetch(String(smart.tokenUrl), {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', ...credentials }),
  });
  client.bearerToken = ((await answer.json()) as { access_token: string }).access_token;
  const statement = await client.capabilityStatement();
  assert.equal(statement.resourceType, 'CapabilityStatement');
  for (let number = 0; number < patients; number += 1) {
    await client.create({ resourceType: 'Patient', body: patient(system, number) });
  }
  const found: unknown[] = [];
  const pages: number[] = [];
  let page = (await client.search({
    resourceType: 'Patient',
    searchParams: { identifier: `${system}|`, _count: per_page },
  })) as Found | undefined;
  while (page) {
    found.push(...resources(page));
    pages.push(resources(page).length);
    page = (await client.nextPage({ bundle: page as never })) as Found | undefined;
  }
  assert.deepEqual(pages, [3, 3, 1]);
  assert.deepEqual(values(found as never), all);
  const [one] = found as { id: string; gender: string }[];
  assert.ok(one);
  const body = { ...one, gender: 'other' } as never;
  const updated = await client.update({ resourceType: 'Patient', id: one.id, body });
  assert.equal((updated as { meta?: { versionId?: string } }).meta?.versionId, '2');
  const read = await client.read({ resourceType: 'Patient', id: one.id });
  assert.equal((read as { gender?: string }).gender, 'other');
});

test('MedplumClient: with the client credentials grant of its own', async () => {
  const system = 'urn:example:medplum';
  const client = new MedplumClient({
    baseUrl: `${safeguard.url}/`,
    fhirUrlPath: 'fhir/R4',
    tokenUrl: credentials.token_url,
  });
  await client.startClientLogin(credentials.client_id, credentials.client_secret);
  for (let number = 0; number < patients; number += 1) await client.createResource(patient(system, number));
  const pages: number[] = [];
  const found: { id?: string; identifier?: { value?: string }[] }[] = [];
  const query = `identifier=${encodeURIComponent(`${system}|`)}&_count=${per_page}`;
  for await (const page of client.searchResourcePages('Patient', query)) {
    pages.push(page.length);
    found.push(...page);
  }
  assert.deepEqual(pages, [3, 3, 1]);
  assert.deepEqual(values(found as never), all);
  const one = await client.readResource('Patient', found[0]?.id ?? '');
  const updated = await client.updateResource({ ...one, gender: 'other' });
  assert.equal(updated.meta?.versionId, '2');
  const first = await client.searchOne('Patient', `identifier=${encodeURIComponent(`${system}|3`)}`, {
    cache: 'reload',
  });
  assert.equal(first?.name?.[0]?.family, 'Pagewell3');
});
