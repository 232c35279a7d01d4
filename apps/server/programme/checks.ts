import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { accessChecks, holdersAmong } from '@safeguard/access';
import { auditChecks, newestActors } from '@safeguard/audit';
import { resourceTypes } from '@safeguard/fhir';
import { httpChecks, type Route } from '@safeguard/http';
import { identityChecks } from '@safeguard/identity';
import type { Check, Probe } from '@safeguard/kernel';
import { ledgerChecks } from '@safeguard/ledger';
import { mailChecks } from '@safeguard/mail';
import { operationsChecks } from '@safeguard/programme';
import { hasRecords, recordsChecks } from '@safeguard/records';
import { rightsChecks } from '@safeguard/rights';
import { sealChecks } from '@safeguard/seal';
import { type Segment, storeChecks } from '@safeguard/store';
import * as verifier from '@safeguard/verifier';
import type { House } from '../server.ts';
import type { Numbers } from './numbers.ts';

/** The top of what is deployed. */
const root = fileURLToPath(new URL('../../..', import.meta.url));

const serverVersion = { name: 'checks.version', text: "select current_setting('server_version_num')::int as n" };
const serverTime = { name: 'checks.time', text: 'select clock_timestamp() as at' };

const databaseOf =
  (segment: string, { query }: Segment) =>
  async () => {
    const [row] = await query<{ n: number }>(0, serverVersion, []);
    const now = async (): Promise<number> => {
      const [time] = await query<{ at: Date }>(0, serverTime, []);
      return time?.at.getTime() ?? Number.NaN;
    };
    return { segment, version: row?.n ?? 0, now };
  };

interface Asking {
  readonly numbers: Numbers;
  readonly house: Omit<House, 'programme' | 'reporting'>;
  readonly probe: Probe;
  readonly routes: () => readonly Route[];
}

/** Checks of who may, who did, and what patients asked. */
function ofPeople({ house, probe, routes, numbers }: Asking): readonly Check[] {
  const { store, seal, clock, log, access, identity, governance, audit, ledger } = house;
  const [segment, clinical] = [store.segment('identity'), store.segment('clinical')];
  const vault = (tenant: number) => seal.vault('identity', tenant);
  const tenants = identity.people.tenants;
  return [
    ...identityChecks({
      ...{ probe, segment, vault, clock, log, identity, routes },
      newestActors: newestActors(ledger, clock.now),
      holdersAmong: holdersAmong({ segment, clock }),
      numbers: {
        get attempts() {
          return numbers.sign_in.attempts;
        },
        get shortest_characters() {
          return numbers.passwords.shortest_characters;
        },
      },
    }),
    ...accessChecks({
      ...{ probe, segment, clock, access, governance, people: identity.people },
      types: new Set(resourceTypes),
      hasRecords: hasRecords(clinical),
    }),
    ...recordsChecks({ probe, identity: segment, clinical, ledger: store.segment('ledger'), seal, clock }),
    ...auditChecks({
      ...{ probe, audit, ledger, tenants, segment: store.segment('ledger') },
      vault: (tenant) => seal.vault('ledger', tenant),
    }),
    ...rightsChecks({ segment, tenants }),
  ];
}

/** Checks of databases, keys, the log and the wire. */
function ofMachinery({ house, probe }: Asking): readonly Check[] {
  const { store, seal, clock, identity, ledger, settings, instance } = house;
  const segments = {
    identity: store.segment('identity'),
    clinical: store.segment('clinical'),
    ledger: store.segment('ledger'),
  };
  const tenants = async (): Promise<readonly number[]> => [0, ...(await identity.people.tenants())];
  const { url, from } = settings.mail;
  return [
    ...storeChecks({ store }),
    ...sealChecks({
      ...{ seal, segments, tenants, root: { directory: settings.keys.directory } },
      scratch: async () => (await probe.tenants())[0],
    }),
    ...ledgerChecks({
      ...{ ledger, segment: segments.ledger, reader: store.reader(), signer: instance.signer, probe, verifier },
      anchors: join(settings.data, 'anchors'),
    }),
    ...httpChecks({ probe, settings, postgres: () => store.status().postgres?.pid }),
    ...mailChecks({ mail: url === undefined || from === undefined ? undefined : { url, from } }),
    ...operationsChecks({
      ...{ data: settings.data, receipts: join(settings.data, 'receipts'), root, clock },
      databases: async () => Promise.all(Object.entries(segments).map(([name, one]) => databaseOf(name, one)())),
      workforce: async () => (await identity.people.workers(1)).map(({ account, since }) => ({ id: account, since })),
    }),
  ];
}

/** Every live check but those of the programme over itself. */
export const checksOf = (asking: Asking): readonly Check[] => [...ofMachinery(asking), ...ofPeople(asking)];
