import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { inspect } from 'node:util';
import { Secret } from 'otpauth';
import { generateSync } from 'otplib';
import { createSoftwareAuthenticator } from '../authenticators/software-authenticator.ts';
import { activeAccount, type House, openHouse, somebody } from './house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

/** All that a person has, with words in it that can be looked for. */
async function enrolled() {
  const { accounts, authenticators } = house;
  const login = 'canary.needle@clinic.example';
  const { id } = await accounts.create(somebody({ login, name: 'Canaria Nadelbaum' }));
  const link = await accounts.links.make('invitation', 1, id);
  await accounts.activate(1, id);
  await authenticators.passwords.set(1, id, 'needle in a haystack');
  const codes = await authenticators.recovery.make(1, id);
  const { id: totp, secret } = await authenticators.totp.begin(1, id, login);
  const code = generateSync({ secret, epoch: Math.floor(house.clock.at / 1000) });
  await authenticators.totp.confirm(1, id, totp, code, 'Telephone of Canaria');
  const device = createSoftwareAuthenticator();
  const origin = 'https://care.example';
  const userId = Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
  const asked = { challenge: 'c', origin, rpId: 'care.example', userId };
  await authenticators.passkeys.register(1, id, asked, device.register(asked), 'Key of Canaria');
  await authenticators.passkeys.authenticate(1, asked, device.answer(asked, { origin: 'https://evil.example' }));
  return { id, login, link: link.secret, codes, secret, credential: device.id };
}

test('no login, name, label, secret, code or credential stands in the database files in clear', async () => {
  const { id, login, link, codes, secret, credential } = await enrolled();
  await house.accounts.change(1, id, { name: 'Canaria Tannenbaum' });
  await house.sql('checkpoint');
  const names = ['anary.needle', 'Nadelbaum', 'Tannenbaum', 'Telephone of', 'Key of Can', 'in a haystack', '$argon2id'];
  const secrets = [link, link.slice(4, 24), secret, secret.slice(0, 16), credential, credential.slice(0, 20)];
  const typed = codes.flatMap((code) => [code, code.replace('-', '')]);
  const raw = [Buffer.from(credential, 'base64url'), Buffer.from(Secret.fromBase32(secret).bytes)];
  const needles = [login, ...names, ...secrets, ...typed, ...raw];
  assert.deepEqual(foundIn(house.files, needles), [], 'a needle was found');
  const clear = ['administrator', createHash('sha256').update(credential).digest()];
  assert.deepEqual(foundIn(house.files, clear), clear, 'negative control: what stands in clear is found');
});

/** Those of the texts and bytes that stand in a file under the folder. Each file is read once. */
function foundIn(folder: string, needles: readonly (string | Buffer)[]): (string | Buffer)[] {
  const found = new Set<string | Buffer>();
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, name);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) continue;
    const bytes = readFileSync(file);
    for (const needle of needles) if (bytes.includes(needle)) found.add(needle);
  }
  return needles.filter((needle) => found.has(needle));
}

test('no line of the log and no fault says who or what', async () => {
  const { accounts, authenticators } = house;
  const said: unknown[] = [];
  const keep = (error: unknown): void => void said.push(error);
  await accounts.create(somebody({ login: 'canary.needle@clinic.example' })).catch(keep);
  await accounts.create(somebody({ login: 'canary needle', name: 'Canaria\u0000' })).catch(keep);
  const { id } = await activeAccount(house);
  await accounts.change(1, id, { login: 'canary needle' }).catch(keep);
  const context = { login: 'canary.needle@clinic.example', name: 'Canaria', withSecondFactor: true };
  for (const text of ['canary', 'canary.needle']) {
    try {
      authenticators.passwords.check(text, context);
    } catch (error) {
      keep(error);
    }
  }
  assert.equal(said.length, 5);
  assert.doesNotMatch(
    inspect(said, { depth: 9 }).replaceAll(/^ +at .*$/gm, '') + house.lines.join('\n'),
    /canar|needle/i,
  );
});

test('what is sealed for one account opens for no other, and not as an older version', async () => {
  const [one, two] = [await activeAccount(house), await activeAccount(house)];
  const old = await house.sql('select sealed, key_id from identity.account where id = $1', [one.id]);
  await house.accounts.change(1, one.id, { name: 'Another Name' });
  const put = (id: string) =>
    house.sql('update identity.account set sealed = $2, key_id = $3 where id = $1', [
      id,
      old[0]?.['sealed'],
      old[0]?.['key_id'],
    ]);
  await put(two.id);
  await assert.rejects(house.accounts.byId(1, two.id));
  await put(one.id);
  await assert.rejects(house.accounts.byId(1, one.id), 'the older version');
  await house.sql('update identity.account set version = 1 where id = $1', [one.id]);
  assert.ok(await house.accounts.byId(1, one.id), 'negative control');
});

const columns = ['account', 'account_login', 'account_patient', 'link', 'password', 'factor', 'recovery_code'];

async function holdsIsolation(): Promise<void> {
  for (const table of columns) {
    const seen = async (tenant: number) => {
      const text = `select distinct tenant from identity.${table} order by tenant`;
      const rows = await house.segment.query(tenant, { name: `test.seen.${table}`, text });
      return rows.map((row) => row['tenant']);
    };
    assert.deepEqual(await seen(0), [1, house.other], table);
    assert.deepEqual(await seen(house.other), [house.other], table);
    assert.deepEqual(await seen(4711), [], table);
  }
}

test('each tenant sees its own rows, a stranger none, and nobody writes another’s', async () => {
  const { accounts, authenticators, other } = house;
  for (const tenant of [1, other]) {
    const patients = ['6f2c1c9e-35a4-4f0e-9a53-1d4c5a0c1f11'];
    const { id } = await activeAccount(house, { tenant, kind: 'patient', patients });
    await accounts.links.make('recovery', tenant, id);
    await authenticators.passwords.set(tenant, id, 'a long enough sentence');
    await authenticators.totp.begin(tenant, id, 'a@clinic.example');
    await authenticators.recovery.make(tenant, id);
  }
  await holdsIsolation();
  const changed = async (text: string) =>
    (await house.segment.query(other, { name: `test.${text}`.slice(0, 60), text })).length;
  assert.equal(await changed(`update identity.account set state = 'suspended' returning 1`), 0);
  assert.equal(await changed('update identity.link set used_at = null returning 1'), 0);
  assert.equal(await changed('update identity.password set version = 0 where tenant = 1 returning 1'), 0);
  assert.equal(await changed('delete from identity.recovery_code where tenant = 1 returning 1'), 0);
});

test('negative control: without a policy the same assertion fails', async () => {
  await house.sql('alter table identity.factor no force row level security, disable row level security');
  await assert.rejects(holdsIsolation);
  await house.sql('alter table identity.factor enable row level security, force row level security');
  await holdsIsolation();
});

test('the runtime role may do what the service does and nothing beyond', async () => {
  const refused = [
    'delete from identity.account',
    'update identity.account set tenant = 1',
    `update identity.account set kind = 'workforce'`,
    'update identity.account set created_at = now()',
    'delete from identity.account_login',
    'update identity.account_login set account = account',
    'update identity.account_patient set patient = patient',
    'update identity.link set expires_at = now()',
    'update identity.link set hash = hash',
    'update identity.password set account = account',
    'update identity.factor set account = account',
    'update identity.factor set credential = credential',
    'update identity.recovery_code set position = 1',
    'alter table identity.account disable row level security',
  ];
  for (const text of refused) {
    const tried = house.segment.query(0, { name: `test.${text}`.slice(0, 60), text });
    await assert.rejects(tried, (error: Error) => /permission denied|must be owner/.test(String(error.cause)), text);
  }
});
