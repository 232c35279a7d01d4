/** Holds the ledger's words in administration.md of docs/identity, access and programme to the routes that say them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessOperations } from '@safeguard/access';
import { createAudit } from '@safeguard/audit';
import { documentRoute, onlyDescribed } from '@safeguard/http';
import { createIdentity, type IdentityDeps } from '@safeguard/identity';
import {
  inheritanceOperations,
  oscalOperations,
  programmeOperations,
  programmePages,
  reportOperations,
  trustPages,
} from '@safeguard/programme';
import { rightsOperations } from '@safeguard/rights';
import { read } from './tree.ts';

/** Anything, as far as making routes goes: nothing is asked of it before a request comes. */
const nothing: unknown = new Proxy(() => nothing, {
  get: (_target, name) => (name === Symbol.toPrimitive ? () => 1 : name === 'then' ? undefined : nothing),
  apply: () => nothing,
});

const deps = {
  segment: nothing,
  vault: nothing,
  clock: { now: () => Date.now() },
  scopes: nothing,
  guard: () => undefined,
  patients: nothing,
  settings: {
    token_lifetime_s: 300,
    sessions: { idle_s: 900, absolute_s: 43_200 },
    fetch_allow: [],
    mtls: false,
  },
  log: { warn: () => undefined },
} as unknown as IdentityDeps;

/** What handlers find out beside the name of their route. */
const finer = [
  'sign-in',
  'step-up',
  'link-use',
  'recovery-code-use',
  'token-refresh',
  'token-exchange',
  'code-replay',
  'refresh-replay',
  'patient-pick',
  'federation-join',
  'scim-activate',
  'scim-deactivate',
];

/** Of registration, which a tenant's portal and software reach. */
const registering = [
  ...['list', 'queue', 'read', 'form', 'history', 'create', 'change', 'submit', 'withdraw'],
  ...['decide', 'revoke', 'rotate', 'rotate-key', 'proofs'],
]
  .map((verb) => `application-${verb}`)
  .concat(['invitation-make', 'invitation-list', 'invitation-end', 'udap-register', 'client-register'])
  .concat(['client-register-read', 'client-register-change', 'client-register-end']);

/** What stands in the first column of the tables of actions. */
const listedIn = (page: string): ReadonlySet<string | undefined> =>
  new Set(
    read(page)
      .split('\n')
      .filter((line) => /^\| `[a-z-]+`/.test(line))
      .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([a-z-]+)`/g)].map(([, name]) => name)),
  );

function same(named: ReadonlySet<string>, listed: ReadonlySet<string | undefined>): void {
  assert.deepEqual([...named].filter((name) => !listed.has(name)).sort(), []);
  assert.deepEqual([...listed].filter((name) => name === undefined || !named.has(name)).sort(), []);
}

test('every action of identity that the ledger names is explained, and no other', async () => {
  const identity = createIdentity(deps);
  try {
    const routes = [...identity.routes(), documentRoute([])];
    const named = new Set([...routes.map(({ action }) => action), ...finer, ...registering]);
    assert.ok(named.size > 50);
    same(named, listedIn('docs/identity/administration.md'));
  } finally {
    await identity.close();
  }
});

/** Of pages alone, and of the operator at the machine. */
const elsewhere = ['self-right-read', 'access-bootstrap'];

test('every action of access, patients’ rights and audit that the ledger names is explained, and no other', () => {
  const audit = createAudit(nothing as never);
  const operations = [accessOperations, rightsOperations, audit.operations].flatMap(onlyDescribed);
  const actions = [...operations, ...audit.routes()].map(({ action }) => action);
  assert.ok(actions.length > 50);
  same(new Set([...actions, ...elsewhere]), listedIn('docs/access/administration.md'));
});

/** Of the operator at the machine. */
const atTheMachine = ['document-adopt'];

test('every action of the programme that the ledger names is explained, and no other', () => {
  const pages = [...programmePages({ inheritance: nothing } as never), ...trustPages({ clock: deps.clock } as never)];
  const operations = [programmeOperations, reportOperations, inheritanceOperations, oscalOperations];
  const actions = [...operations.flatMap(onlyDescribed), ...pages].map(({ action }) => action);
  assert.ok(actions.length > 90);
  same(new Set([...actions, ...atTheMachine]), listedIn('docs/programme/administration.md'));
});
