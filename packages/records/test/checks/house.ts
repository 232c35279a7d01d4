import { type AccessCheckDeps, accessChecks } from '@safeguard/access';
import type { Principal, RequestEvent } from '@safeguard/http';
import { type Check, type CheckResult, newId, type Probe } from '@safeguard/kernel';
import type { Seal, Vault } from '@safeguard/seal';
import { recordsChecks } from '../../checks/checks.ts';
import type { RecordsCheckDeps } from '../../checks/deps.ts';
import { openServed, type Served } from '../served.ts';

const callers = {
  nobody: {},
  first: { tenant: 1 },
  second: { tenant: 2 },
  deidentified: { tenant: 1, view: 'deidentified' },
} satisfies Record<string, Partial<Principal>>;

/** As the composition root makes one, but that the credentials are the harness's. */
export function probeOf(
  served: Served,
  more: Partial<Record<'second' | 'deidentified', Partial<Principal>>> = {},
): Probe {
  return {
    url: served.url,
    tenants: async () => [1, 2],
    async ask({ method = 'GET', path, body, as = 'nobody' }) {
      const answer = await served.send(method, path.replace('/fhir/R4', ''), {
        as: { ...callers[as], ...(as === 'second' || as === 'deidentified' ? more[as] : {}) },
        ...(body === undefined ? {} : { body }),
      });
      const headers = Object.fromEntries(answer.headers);
      return { status: answer.status, headers, text: answer.text, id: headers['x-request-id'] ?? '' };
    },
    async entryOf(tenant, id) {
      for await (const event of served.ledger.recent(tenant, 0)) {
        if ((event as RequestEvent).id === id) return event as Record<string, unknown>;
      }
      return undefined;
    },
    canary: () => `canary${newId().replaceAll('-', '')}`,
  };
}

export async function openHouse() {
  const served = await openServed();
  const { segments, seal, clock } = served;
  const all = (more: Partial<RecordsCheckDeps> = {}): Map<string, Check> => {
    const probe = more.probe ?? probeOf(served);
    const deps: RecordsCheckDeps = { ...segments, seal, clock, probe, ...more };
    const access = accessChecks({ probe } as AccessCheckDeps).filter(({ id }) => id === 'access.cross-tenant');
    return new Map([...recordsChecks(deps), ...access].map((one) => [one.id, one]));
  };
  return {
    ...{ served, seal, all },
    sql: (of: 'identity' | 'clinical' | 'ledger', text: string) => served.store.sql(of, text),
    run(id: string, more: Partial<RecordsCheckDeps> = {}): Promise<CheckResult> {
      const check = all(more).get(id);
      if (check === undefined) throw new Error(`no check ${id}`);
      return check.run({ at: clock.now(), number: () => Number.NaN, signal: new AbortController().signal });
    },
    close: served.close,
  };
}

/** A seal whose vaults are changed: what a broken one would do. */
export const sealing = (real: Seal, change: (vault: Vault) => Partial<Vault>): Seal => ({
  ...real,
  async vault(segment, tenant) {
    const vault = await real.vault(segment, tenant);
    const whole: Vault = {
      ...{ segment: vault.segment, tenant: vault.tenant },
      keysFor: (owners) => vault.keysFor(owners),
      keysById: (ids) => vault.keysById(ids),
      cached: (id) => vault.cached(id),
      seal: (key, binding, plain) => vault.seal(key, binding, plain),
      open: (key, binding, sealed) => vault.open(key, binding, sealed),
      token: (label, value) => vault.token(label, value),
      pseudonym: (id) => vault.pseudonym(id),
      resource: (pseudonym) => vault.resource(pseudonym),
      recipient: (name) => vault.recipient(name),
    };
    return { ...whole, ...change(vault) };
  },
});
