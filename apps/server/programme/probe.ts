import { randomBytes } from 'node:crypto';
import { type IncomingMessage, request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { fault, type Probe, type ProbeAnswer } from '@safeguard/kernel';
import type { House } from '../server.ts';

type Asked = Parameters<Probe['ask']>[0];
type Caller = Exclude<Asked['as'], 'nobody' | undefined>;

/** Where the server listens; filled when it does. */
export interface Place {
  url: string;
  /** PEM of the authority that signed its certificate; absent: none of ours. */
  ca: string | undefined;
}

/** What of the house the probe stands on. */
type ProbedHouse = Pick<House, 'identity' | 'clock' | 'ledger'>;

/** The tenants of the checks: no patient of theirs is real. */
const names = ['safeguard-checks-first', 'safeguard-checks-second'] as const;
const clientName = 'live checks';
const timeout_ms = 10_000;
const most_bytes = 4 * 1024 * 1024;
/** How long an entry may take to be found, and how often it is looked for. */
const patience = { tries: 20, every_ms: 100, before_ms: 10_000 };

const callers: Readonly<Record<Caller, { readonly tenant: 0 | 1; readonly view: 'full' | 'deidentified' }>> = {
  first: { tenant: 0, view: 'full' },
  second: { tenant: 1, view: 'full' },
  deidentified: { tenant: 0, view: 'deidentified' },
};

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > most_bytes) throw new RangeError('an answer to a check is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

type Sent = Omit<Asked, 'as'>;

/** One request over a connection of its own, as a stranger's would be. */
async function send({ url, ca }: Place, sent: Sent): Promise<ProbeAnswer> {
  const { method = 'GET', path, headers = {}, body } = sent;
  const at = new URL(path, url);
  const make = at.protocol === 'https:' ? secure : plain;
  const options = { method, headers, timeout: timeout_ms, agent: false as const, ...(ca === undefined ? {} : { ca }) };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = make(at, options, resolve);
    asked.once('timeout', () => asked.destroy(new Error('no answer in time')));
    asked.once('error', reject);
    asked.end(body);
  });
  const text = await textOf(answer);
  const told = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as const);
  const known = Object.fromEntries(told);
  return { status: answer.statusCode ?? 0, headers: known, text, id: known['x-request-id'] ?? '' };
}

/** One that somebody else has is left alone, whatever its name: checks write and destroy in theirs. */
async function checkOwn({ tenants, clients, accounts }: ProbedHouse['identity'], tenant: number): Promise<void> {
  if ((await tenants.settings(tenant)).test) return;
  const others = (await clients.list(tenant)).filter(({ name }) => name !== clientName);
  const people = await accounts.list(tenant, { count: 1 });
  if (others.length + people.length > 0) throw fault('conflict', 'A tenant that is not of the checks has their name.');
}

/** The two tenants of the checks, made where they are missing. */
async function tenantsOf({ identity }: ProbedHouse): Promise<readonly [number, number]> {
  const one = async (name: string): Promise<number> => {
    const found = (await identity.tenants.byName(name)) ?? (await made(name));
    await checkOwn(identity, found.id);
    if (!(await identity.tenants.settings(found.id)).test) await identity.tenants.configure(found.id, { test: true });
    return found.id;
  };
  const made = async (name: string) => {
    try {
      return await identity.tenants.create(name);
    } catch (error) {
      // Another process was quicker.
      const found = await identity.tenants.byName(name);
      if (found === undefined) throw error;
      return found;
    }
  };
  const [first, second] = names;
  return [await one(first), await one(second)];
}

/** A secret of this process's own for the client of a caller; the client is made once and kept. */
async function credentialsOf({ identity }: ProbedHouse, tenant: number, view: 'full' | 'deidentified') {
  const known = (await identity.clients.list(tenant)).find(
    (one) => one.name === clientName && one.view === view && one.revoked_at === null,
  );
  if (known !== undefined) return identity.clients.rotateSecret(known.client_id);
  return identity.clients.create({ name: clientName, tenant, view, scopes: ['system/*.cruds'] });
}

interface Token {
  readonly token: string;
  readonly until: number;
}

function tokens(
  house: ProbedHouse,
  tenants: () => Promise<readonly [number, number]>,
  direct: (sent: Sent) => Promise<ProbeAnswer>,
) {
  const known = new Map<Caller, Promise<Token>>();
  const fetch = async (caller: Caller): Promise<Token> => {
    const { tenant, view } = callers[caller];
    const { client_id, client_secret } = await credentialsOf(house, (await tenants())[tenant], view);
    const answer = await direct({
      method: 'POST',
      path: '/oauth2/token',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`,
      },
      body: 'grant_type=client_credentials',
    });
    if (answer.status !== 200) throw fault('unavailable', 'The client of the checks gets no token.');
    const { access_token, expires_in } = JSON.parse(answer.text) as { access_token: string; expires_in: number };
    return { token: access_token, until: house.clock.now() + (expires_in - 30) * 1000 };
  };
  return async (caller: Caller): Promise<string> => {
    const before = await known.get(caller);
    if (before !== undefined && before.until > house.clock.now()) return before.token;
    const next = fetch(caller);
    known.set(caller, next);
    // What failed is asked for anew.
    next.catch(() => known.delete(caller));
    return (await next).token;
  };
}

const idOf = (event: object): unknown => (event as { id?: unknown }).id;

/** Asks the running server over its own address; see `Probe`. `place` is final once the server listens. */
export function createProbe(house: ProbedHouse, place: Place): Probe {
  let known: Promise<readonly [number, number]> | undefined;
  const tenants = (): Promise<readonly [number, number]> => {
    known ??= tenantsOf(house);
    known.catch(() => {
      known = undefined;
    });
    return known;
  };
  const direct = (sent: Sent): Promise<ProbeAnswer> => send(place, sent);
  const tokenOf = tokens(house, tenants, direct);
  return {
    get url() {
      return place.url;
    },
    get ca() {
      return place.ca;
    },
    tenants,
    async ask({ as = 'nobody', headers = {}, ...sent }) {
      if (as === 'nobody') return direct({ ...sent, headers });
      return direct({ ...sent, headers: { authorization: `Bearer ${await tokenOf(as)}`, ...headers } });
    },
    async entryOf(tenant, id) {
      const since = house.clock.now() - patience.before_ms;
      for (let left = patience.tries; left > 0; left -= 1) {
        for await (const event of house.ledger.recent(tenant, since)) {
          if (idOf(event) === id) return event as Readonly<Record<string, unknown>>;
        }
        await wait(patience.every_ms);
      }
      return undefined;
    },
    canary: () => `Canary-${randomBytes(12).toString('hex')}`,
  };
}
