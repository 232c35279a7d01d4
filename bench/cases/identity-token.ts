import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { type Bench, compare, prepare, type Stand, timesOf } from '../bench.ts';
import { checkAssertion, keyHeader } from '../floor/work.ts';
import type { Ask } from '../generator/plan.ts';
import { askOperator } from '../instance/admin.ts';
import { type App, basicOf, tokenAsk, tokenPath } from '../instance/apps.ts';
import { atLeast, type Figure, type Row } from '../row.ts';

const grant_type = 'client_credentials';

async function bySecret(bench: Bench, stand: Stand): Promise<Row> {
  const app = await askOperator<App>(stand.instance.data, '/clients', { name: 'a client', scopes: ['system/*.rs'] });
  const ask = tokenAsk({ grant_type }, { authorization: basicOf(app) });
  // The first one of a process waits for what all others find.
  await prepare(stand, { name: 'in turn', asks: [ask], rounds: 1 }, 1);
  const floorAsk = { ...ask, path: '/secret', expected: 201 };
  const [load, floor] = [ask, floorAsk].map((one) => ({ script: { name: 'in turn', asks: [one] } as const }));
  if (load === undefined || floor === undefined) throw new Error('nothing to send');
  const { measured, ratio, floor: figures } = await compare(bench, stand, 'token-secret', load, floor);
  const bars = [atLeast('tokens by client_credentials with a secret', measured.units_per_s, 300, 'req/s')];
  const text = 'client_credentials with a secret; floor: its SHA-256, one INSERT';
  return { name: 'token-secret', text, unit: 'requests', measured, floor: figures, ratio, figures: [], bars };
}

const kinds = {
  ES384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  RS384: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
} as const;
type Alg = keyof typeof kinds;

const signed = promisify(sign) as (alg: string, data: Buffer, key: object) => Promise<Buffer>;
const kid = 'one';
/** SMART Backend Services: at most five minutes. */
const life_s = 280;
/** Assertions are made before they are sent, each good once: for so many requests a second. */
const most_per_s = 1_500;

/** A JWT by which a client proves itself (RFC 7523 3). */
async function assertion(alg: Alg, key: KeyObject, client_id: string, aud: string): Promise<string> {
  const now_s = Math.floor(Date.now() / 1000);
  const claims = { iss: client_id, sub: client_id, aud, jti: randomUUID(), iat: now_s, exp: now_s + life_s };
  const parts = [{ alg, typ: 'JWT', kid }, claims];
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = await signed('sha384', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

async function asksOf(bench: Bench, stand: Stand, alg: Alg): Promise<Ask[]> {
  const { privateKey, publicKey } = kinds[alg]();
  const { data, origin } = stand.instance;
  const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' }] };
  const client = { name: alg, scopes: ['system/*.rs'], auth_method: 'private_key_jwt', jwks };
  const { client_id } = await askOperator<App>(data, '/apps', client);
  const { measured_ms, warmup_ms } = timesOf(bench.options, 1);
  const count = Math.ceil(((measured_ms + warmup_ms) / 1000) * most_per_s);
  bench.say(`token-${alg.toLowerCase()}: ${count} assertions are signed`);
  const aud = `${origin}${tokenPath}`;
  const texts = await Promise.all(Array.from({ length: count }, () => assertion(alg, privateKey, client_id, aud)));
  // The server knows the key; the floor is shown it.
  const shown = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  return texts.map((text) =>
    tokenAsk({ grant_type, client_assertion_type, client_assertion: text }, { [keyHeader]: shown }),
  );
}

/** What the signature alone allows one core. */
function verifications(ask: Ask): Figure {
  const given = { body: Buffer.from(ask.body ?? ''), headers: { ...ask.headers } };
  const began = process.cpuUsage();
  let count = 0;
  const spent_us = (): number => {
    const { user, system } = process.cpuUsage(began);
    return user + system;
  };
  for (; spent_us() < 300_000; count += 1) checkAssertion(given);
  return { what: 'verifications of its signature, a core', value: count / (spent_us() / 1e6), unit: '/s' };
}

async function byKey(bench: Bench, stand: Stand, alg: Alg): Promise<Row> {
  const name = `token-${alg.toLowerCase()}`;
  const asks = await asksOf(bench, stand, alg);
  const [first] = asks;
  if (first === undefined) throw new Error('no assertion was made');
  const load = { script: { name: 'in turn', asks, rounds: 1 } } as const;
  const floorAsks = asks.map((ask) => ({ ...ask, path: '/assertion', expected: 201 }));
  const floorLoad = { script: { name: 'in turn', asks: floorAsks } } as const;
  const { measured, ratio, floor } = await compare(bench, stand, name, load, floorLoad);
  if (measured.units_per_s > most_per_s * 0.95) throw new Error(`${name}: more assertions would have been used`);
  const bars = [atLeast(`tokens by private_key_jwt, ${alg}`, measured.units_per_s, 150, 'req/s')];
  const text = `client_credentials with private_key_jwt ${alg}; floor: its signature verified, one INSERT`;
  return { name, text, unit: 'requests', measured, floor, ratio, figures: [verifications(first)], bars };
}

/** Tokens of backend services. */
export function identityToken(bench: Bench): Promise<Row[]> {
  return bench.on('identity-token', async (stand) => {
    stand.rows.push(await bySecret(bench, stand));
    for (const alg of ['ES384', 'RS384'] as const) stand.rows.push(await byKey(bench, stand, alg));
  });
}
