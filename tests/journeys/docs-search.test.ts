/** Runs the examples of docs/fhir/search.md against a server that holds docs/fhir/clinic.json. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Instance, removeData, start } from '../harness/instance.ts';

const docs = join(import.meta.dirname, '..', '..', 'docs', 'fhir');

interface Example {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly status: number;
  /** Identifier values; `+` before what was included. */
  readonly found: readonly string[];
  readonly total: number | undefined;
  readonly ordered: boolean;
}

const expected = /^→ (\d{3})(?<found>(?: \+?(?!of\b|in\b)[a-z-]+)*)(?: of (?<total>\d+))?(?<ordered> in order)?$/;

function exampleOf(lines: readonly string[]): Example {
  const [request = '', ...rest] = lines;
  const [method = '', ...path] = request.split(' ');
  const outcome = expected.exec(rest.at(-1) ?? '');
  assert.ok(outcome?.groups, `no outcome that can be read: ${rest.at(-1)}`);
  const between = rest.slice(0, -1);
  const headers = between.filter((line) => /^[A-Z][\w-]*: /.test(line)).map((line) => line.split(': '));
  const { found = '', total, ordered } = outcome.groups;
  return {
    method,
    path: path.join(' '),
    headers: Object.fromEntries(headers),
    body: between.filter((line) => !/^[A-Z][\w-]*: /.test(line)).join('\n'),
    status: Number(outcome[1]),
    found: found.split(' ').filter((name) => name !== ''),
    total: total === undefined ? undefined : Number(total),
    ordered: ordered !== undefined,
  };
}

/** The examples of a page: each begins with a method, and ends with its arrow. */
function* examplesOf(page: string): Generator<Example> {
  for (const [, block = ''] of page.matchAll(/```http\n([\s\S]*?)```/g)) {
    let lines: string[] = [];
    for (const line of block.trim().split('\n')) {
      lines.push(line);
      if (!line.startsWith('→')) continue;
      yield exampleOf(lines);
      lines = [];
    }
    assert.deepEqual(lines, [], 'an example without an outcome');
  }
}

let safeguard: Instance;
let token: string;
const ids = new Map<string, string>();

before(async () => {
  safeguard = await start({ tls: 'off' });
  token = await safeguard.token();
  const clinic = readFileSync(join(docs, 'clinic.json'), 'utf8');
  const stored = await safeguard.request({ method: 'POST', path: '/fhir/R4', token, body: clinic });
  assert.equal(stored.status, 200, stored.text);
  const sent = JSON.parse(clinic).entry as { resource: { identifier: { value: string }[] } }[];
  for (const [at, { resource }] of sent.entries()) {
    const { location } = stored.json.entry[at].response as { location: string };
    ids.set(resource.identifier[0]?.value ?? '', /\/([^/]+)\/_history/.exec(location)?.[1] ?? '');
  }
});
after(async () => {
  await safeguard.stop();
  await removeData(safeguard.data);
});

const filled = (text: string): string =>
  text.replace(/\{([a-z-]+)\}/g, (_, name: string) => ids.get(name) ?? assert.fail(`nobody is called ${name}`));

interface Entry {
  readonly resource: { readonly identifier?: readonly { readonly value: string }[] };
  readonly search: { readonly mode: string };
}

async function run({ method, path, headers, body, ...want }: Example): Promise<void> {
  const form = body === '' ? {} : { body, headers: { 'content-type': 'application/x-www-form-urlencoded' } };
  const url = encodeURI(decodeURI(filled(path)))
    .replaceAll('%252B', '%2B')
    .replaceAll('$', '%24');
  const answer = await safeguard.request({
    method,
    path: `/fhir/R4${url.replace(/^\/\?/, '?')}`,
    token,
    ...form,
    headers: { ...form.headers, ...headers },
  });
  assert.equal(answer.status, want.status, answer.text);
  if (want.status !== 200) return;
  const entries = (answer.json.entry ?? []) as Entry[];
  const names = entries
    .filter(({ search }) => search.mode !== 'outcome')
    .map(({ resource, search }) => `${search.mode === 'include' ? '+' : ''}${resource.identifier?.[0]?.value}`);
  const sorted = (list: readonly string[]): string[] => (want.ordered ? [...list] : [...list].sort());
  assert.deepEqual(sorted(names), sorted(want.found));
  if (want.total !== undefined) assert.equal(answer.json.total, want.total);
}

describe('docs/fhir/search.md', () => {
  const examples = [...examplesOf(readFileSync(join(docs, 'search.md'), 'utf8'))];
  test('holds examples', () => assert.ok(examples.length > 50, String(examples.length)));
  for (const example of examples) test(`${example.method} ${example.path}`, () => run(example));
  test('an example that is wrong fails', async () => {
    const [first] = examples;
    assert.ok(first);
    await assert.rejects(run({ ...first, found: ['nobody'] }));
    await assert.rejects(run({ ...first, status: 404 }));
  });
});
