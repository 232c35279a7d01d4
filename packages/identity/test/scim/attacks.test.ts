import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { newId } from '@safeguard/kernel';
import fc from 'fast-check';
import { administrator, program } from '../api/house.ts';
import { type Directory, enterpriseUrn, groupUrn, openDirectory, patchOf, scimUser } from './house.ts';

let house: Directory['house'];
let scim: Directory['scim'];
before(async () => {
  ({ house, scim } = await openDirectory());
});
after(() => house.close());

const query = (filter: string) => scim('GET', `/Users?filter=${encodeURIComponent(filter)}`);
const made = async (more: Record<string, unknown> = {}) => (await scim('POST', '/Users', scimUser(more))).json;

test('without the scope, or with one factor, SCIM is shut', async () => {
  const { id } = await made();
  const strangers = [
    program('system/*.cruds'),
    program('safeguard/accounts'),
    administrator(house, { client: newId(), scopes: ['user/*.cruds'] }),
    administrator(house, { client: newId(), scopes: ['safeguard/scim'], roles: [] }),
    administrator(house, {
      client: newId(),
      scopes: ['safeguard/scim'],
      assurance: { level: 1, at: house.clock.at, methods: ['pwd'] },
    }),
  ];
  for (const as of strangers) {
    for (const [method, path] of [
      ['GET', '/Users'],
      ['GET', `/Users/${id}`],
      ['DELETE', `/Users/${id}`],
      ['GET', '/Groups'],
      ['GET', '/Schemas'],
    ] as const) {
      const { status, json } = await house.send(method, `/scim/v2${path}`, { as });
      assert.equal(status, 403, path);
      assert.equal(json.schemas[0], 'urn:ietf:params:scim:api:messages:2.0:Error');
    }
  }
  assert.equal((await house.accounts.byId(1, id))?.state, 'active');
});

test('control: without the guard it would be open', async () => {
  const open = await house.serve({ guard: () => undefined });
  const { id } = await made();
  assert.equal((await open.send('DELETE', `/scim/v2/Users/${id}`, { as: program('system/*.cruds') })).status, 204);
});

test('a body gives no roles, scopes, tenant or id', async () => {
  const mine = newId();
  const { id } = await made({
    id: mine,
    tenant: 2,
    roles: [{ value: 'administrator', primary: true }],
    entitlements: [{ value: 'user/*.cruds' }],
    scopes: ['user/*.cruds'],
    source: 'x',
    groups: [{ value: newId() }],
    meta: { version: 'x' },
    [enterpriseUrn]: { roles: ['administrator'] },
    __proto__: { admin: true },
  });
  assert.notEqual(id, mine);
  const account = await house.accounts.byId(1, id);
  assert.deepEqual([account?.roles, account?.scopes, account?.source], [[], [], 'scim']);
  await scim(
    'PATCH',
    `/Users/${id}`,
    patchOf({ op: 'add', value: { roles: ['administrator'], scopes: ['user/*.rs'] } }),
  );
  await scim('PATCH', `/Users/${id}`, patchOf({ op: 'add', path: 'roles', value: [{ value: 'administrator' }] }));
  assert.deepEqual((await house.accounts.byId(1, id))?.roles, []);
  // Control: an account takes them, where they are passed on.
  const gained = await house.accounts.change(1, id, { roles: ['administrator'], scopes: ['user/*.rs'] });
  assert.deepEqual([gained.roles, gained.scopes], [['administrator'], ['user/*.rs']]);
});

test('a password that a directory sends is not kept', async () => {
  const { id } = await made({ password: 'correct horse battery' });
  assert.equal(await house.authenticators.passwords.has(1, id), false);
  assert.ok(!(await scim('GET', `/Users/${id}`)).text.includes('horse'));
});

test('a filter selects what it says, and says nothing else', async () => {
  const { userName } = await made({ title: 'x and y or z' });
  const one = `userName eq "${userName}"`;
  for (const [filter, total] of [
    [one, 1],
    [`${one} and title eq "x and y or z"`, 1],
    [`${one} and not (title eq "x and y or z")`, 0],
    [`${one} and not (title eq "a" or title eq "x and y or z")`, 0],
    [`${one} and (title eq "a" or title eq "x and y or z")`, 1],
    [`${one} and emails[type eq "work" and primary eq true]`, 1],
    [`${one} and emails[type eq "work" and primary eq false]`, 0],
    [`${one} and emails.value co "clinic"`, 1],
    [`${one} and emails co "clinic"`, 1],
    [`${one} and active eq "True"`, 1],
    [`${one} and active ne true`, 0],
    [`${one} and nickName pr`, 0],
    [`${one} and displayName sw ""`, 1],
    [`${one} and preferredLanguage sw "a"`, 0],
    [`${one} and preferredLanguage ge "a"`, 0],
    [`${one} and preferredLanguage ne "a"`, 1],
    [`${one} and preferredLanguage eq null`, 1],
    [`${one} and title pr and meta.created gt "2020-01-01T00:00:00Z"`, 1],
    [`${one} and ${enterpriseUrn}:department eq "radiology"`, 1],
    [`urn:ietf:params:scim:schemas:core:2.0:User:${one}`, 1],
    [`USERNAME EQ "${userName}"`, 1],
    ['userName eq "\\" or userName pr or userName eq \\""', 0],
    [`userName eq "x' or '1'='1"`, 0],
    ['userName eq "*"', 0],
    ['externalId eq "%"', 0],
    [`${one} and externalId eq null`, 0],
  ] as const) {
    const { status, json, text } = await query(filter);
    assert.equal(status, 200, `${filter}: ${text}`);
    assert.equal(json.totalResults, total, filter);
  }
});

const hostile = [
  'userName',
  'userName eq',
  'userName eq "x',
  'userName eq x',
  'userName eq "x" userName eq "y"',
  'userName eq "x" or',
  'userName xx "x"',
  '(userName eq "x"',
  'userName eq "x")',
  'not userName eq "x"',
  '[]',
  'emails[type eq "work"',
  'emails[emails[type eq "x"]]',
  '__proto__ pr',
  '__proto__.polluted eq "1"',
  'constructor.name pr',
  'constructor pr',
  'emails[__proto__ pr]',
  'toString pr',
  'password sw "a"',
  'nothing.like.this eq "x"',
  `userName eq "${'x'.repeat(5_000)}"`,
  `${'('.repeat(500)}userName pr${')'.repeat(500)}`,
  Array.from({ length: 100 }, () => 'title pr').join(' or '),
  'userName eq "\\u00"',
  'userName eq {"$ne":null}',
];

test('a filter that is none is refused in SCIM’s words, and changes nothing', async () => {
  for (const filter of hostile.filter((one) => !one.startsWith('password'))) {
    const { status, json, text } = await query(filter);
    assert.equal(status, 400, filter.slice(0, 80));
    assert.equal(json.scimType, 'invalidFilter', text);
    assert.ok(!text.includes('polluted'));
  }
  assert.equal((await query('password sw "a"')).json.totalResults, 0, 'a password is nothing that can be asked');
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  assert.equal(Object.name, 'Object');
});

test('control: a parser that takes names as they come writes where it must not, and reads what is not there', () => {
  const library = import.meta.resolve('scimmy');
  const script = `const { default: S } = await import(${JSON.stringify(library)});
    const denied = new S.Types.Filter('not (title eq "a" or title eq "b")').match([{ title: 'a' }]);
    try { new S.Types.Filter('__proto__.polluted eq "1"'); } catch {}
    process.stdout.write(JSON.stringify([denied.length, 'polluted' in {}]));`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  assert.deepEqual(JSON.parse(said), [1, true]);
});

test('whatever stands in a filter or a path: an answer of SCIM’s, never a failure of ours', async () => {
  const { id } = await made();
  const words = fc.constantFrom(
    'userName',
    'eq',
    '"x"',
    '(',
    ')',
    '[',
    ']',
    'not',
    'and',
    'or',
    'emails',
    '__proto__',
    '.',
    'pr',
    '"',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.array(words, { maxLength: 12 }).map((all) => all.join(' ')),
  );
  await fc.assert(
    fc.asyncProperty(text, fc.jsonValue(), async (given, value) => {
      const [asked, changed] = await Promise.all([
        query(given),
        scim('PATCH', `/Users/${id}`, patchOf({ op: 'replace', path: given, value })),
      ]);
      assert.ok([200, 400].includes(asked.status), asked.text);
      assert.ok([200, 400].includes(changed.status), changed.text);
    }),
    { numRuns: 80, seed: 4 },
  );
});

test('a path leads to an attribute or nowhere', async () => {
  const { id } = await made();
  const tried: [unknown, string][] = [
    [{ op: 'add', path: '__proto__', value: { polluted: 1 } }, 'invalidPath'],
    [{ op: 'add', path: '__proto__.polluted', value: 1 }, 'invalidPath'],
    [{ op: 'add', path: 'constructor.prototype', value: { polluted: 1 } }, 'invalidPath'],
    [{ op: 'add', path: 'name.__proto__', value: { polluted: 1 } }, 'invalidPath'],
    [{ op: 'add', path: 'emails[__proto__ pr].value', value: 'x' }, 'invalidFilter'],
    [{ op: 'add', path: 'emails[type eq "work"].__proto__', value: 'x' }, 'invalidPath'],
    [{ op: 'add', path: 'name[formatted pr]', value: 'x' }, 'invalidPath'],
    [{ op: 'add', path: `${enterpriseUrn}:__proto__`, value: { polluted: 1 } }, 'invalidPath'],
    [{ op: 'add', path: 'urn:evil:User:userName', value: 'x' }, 'invalidPath'],
    [{ op: 'replace', path: 'id', value: newId() }, 'mutability'],
    [{ op: 'replace', path: 'meta.created', value: '1970-01-01T00:00:00Z' }, 'mutability'],
    [{ op: 'add', path: 'groups', value: [{ value: newId() }] }, 'mutability'],
    [{ op: 'remove', path: 'userName' }, 'mutability'],
    [{ op: 'replace', path: 'emails[type eq "moon"].value', value: 'x' }, 'noTarget'],
    [{ op: 'remove' }, 'noTarget'],
    [{ op: 'move', path: 'title' }, 'invalidSyntax'],
    [{ op: 'replace', path: 'active', value: 'perhaps' }, 'invalidValue'],
    [{ op: 'replace', path: 'userName', value: { $ne: null } }, 'invalidValue'],
    [{ op: 'replace', path: 'userName', value: 'no address' }, 'invalidValue'],
    [{ op: 'replace', path: 'title', value: 'a\u0000b' }, 'invalidValue'],
    [{ op: 'replace', path: 'title', value: 'x'.repeat(2_000) }, 'invalidValue'],
    [
      { op: 'add', path: 'emails', value: Array.from({ length: 60 }, (_, at) => ({ value: `${at}@x.example` })) },
      'tooMany',
    ],
    ['text', 'invalidSyntax'],
  ];
  const before = (await scim('GET', `/Users/${id}`)).text;
  for (const [operation, scimType] of tried) {
    const { status, json, text } = await scim('PATCH', `/Users/${id}`, patchOf(operation));
    assert.deepEqual([status, json.scimType], [400, scimType], `${JSON.stringify(operation).slice(0, 90)} ${text}`);
  }
  const falls = JSON.parse(
    '{"op":"add","value":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}',
  );
  assert.equal((await scim('PATCH', `/Users/${id}`, patchOf(falls))).status, 200);
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  assert.deepEqual(
    { ...JSON.parse(before), meta: 0 },
    { ...(await scim('GET', `/Users/${id}`)).json, meta: 0, ...named(before) },
  );
});

test('control: a patch that follows its path as it comes reaches what all objects are made of', () => {
  const follow = (on: object, path: string, value: unknown): void => {
    const names = path.split('.');
    const last = names.pop() ?? '';
    const place = names.reduce((at, name) => (at as Record<string, object>)[name] ?? {}, on);
    if (typeof value === 'object') Object.assign((place as Record<string, object>)[last] ?? {}, value);
    else (place as Record<string, unknown>)[last] = value;
  };
  for (const [path, value] of [
    ['__proto__', { polluted: 1 }],
    ['__proto__.polluted', 1],
    ['constructor.prototype', { polluted: 1 }],
    ['name.__proto__', { polluted: 1 }],
  ] as const) {
    try {
      follow({ name: {} }, path, value);
      assert.equal(({} as Record<string, unknown>)['polluted'], 1, path);
    } finally {
      delete (Object.prototype as Record<string, unknown>)['polluted'];
    }
  }
});

test('control: the groups of another tenant are found where the one that asks is not named', async () => {
  const theirs = { ...program('safeguard/scim'), tenant: house.other };
  const user = await house.send('POST', '/scim/v2/Users', { as: theirs, body: scimUser() });
  const here = (principal: object) => ({ ...principal, tenant: house.other });
  const blind = await house.serve({
    singleSignOn: async () => true,
    routes: (real) =>
      real.map((route) => ({
        ...route,
        handle: (context) =>
          route.handle({ ...context, principal: here(context.principal) as typeof context.principal }),
      })),
  });
  const path = `/scim/v2/Users/${user.json.id}`;
  const as = program('safeguard/scim');
  assert.deepEqual(
    [(await house.send('GET', path, { as })).status, (await blind.send('GET', path, { as })).status],
    [404, 200],
  );
});

/** An empty patch writes down the name that was shown before. */
const named = (before: string) => (JSON.parse(before).displayName === undefined ? { displayName: undefined } : {});

test('half of a patch is none', async () => {
  const { id } = await made();
  const answer = await scim(
    'PATCH',
    `/Users/${id}`,
    patchOf({ op: 'replace', path: 'active', value: false }, { op: 'replace', path: 'nowhere', value: 1 }),
  );
  assert.equal(answer.status, 400);
  assert.equal((await house.accounts.byId(1, id))?.state, 'active');
});

test('too much is refused', async () => {
  const { id } = await made();
  const many = patchOf(...Array.from({ length: 1_001 }, () => ({ op: 'replace', path: 'title', value: 'x' })));
  assert.equal((await scim('PATCH', `/Users/${id}`, many)).json.scimType, 'tooMany');
  assert.equal((await scim('POST', '/Users', { ...scimUser(), x: 'y'.repeat(1_100_000) })).status, 413);
  assert.equal((await scim('PATCH', `/Users/${id}`, patchOf())).json.scimType, 'invalidSyntax');
  assert.equal((await scim('POST', '/Users', '{')).json.scimType, 'invalidSyntax');
  assert.equal((await scim('POST', '/Users', {})).json.scimType, 'invalidSyntax');
  for (const page of ['startIndex=x', 'count=1e9', 'count=1.5']) {
    assert.equal((await scim('GET', `/Users?${page}`)).status, 400);
  }
  assert.equal((await scim('GET', '/Users?startIndex=-5&count=-1')).json.startIndex, 1);
});

test('groups and users of another tenant are those of nobody', async () => {
  const theirs = { ...program('safeguard/scim'), tenant: house.other };
  const group = await house.send('POST', '/scim/v2/Groups', {
    as: theirs,
    body: { schemas: [groupUrn], displayName: 'G' },
  });
  const user = await house.send('POST', '/scim/v2/Users', { as: theirs, body: scimUser() });
  assert.deepEqual([group.status, user.status], [201, 201]);
  for (const path of [`/Groups/${group.json.id}`, `/Users/${user.json.id}`]) {
    assert.equal((await scim('GET', path)).status, 404);
    assert.equal((await scim('DELETE', path)).status, 404);
    assert.equal((await scim('PATCH', path, patchOf({ op: 'replace', path: 'displayName', value: 'x' }))).status, 404);
  }
  const stolen = { schemas: [groupUrn], displayName: 'H', members: [{ value: user.json.id }] };
  assert.equal((await scim('POST', '/Groups', stolen)).json.scimType, 'invalidValue');
  const path = `/api/v1/groups/${group.json.id}`;
  const give = await house.send('PATCH', path, { as: administrator(house), body: { scopes: ['user/*.rs'] } });
  assert.equal(give.status, 404);
  assert.equal(
    (await house.send('GET', path, { as: theirs })).status,
    403,
    'a directory has no part in what groups give',
  );
});
