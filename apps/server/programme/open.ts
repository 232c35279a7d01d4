import { loadSettings, type Settings } from '@safeguard/config';
import type { Operation } from '@safeguard/http';
import {
  type Content,
  checkIds,
  createOscal,
  createProgramme,
  createReporting,
  oscalOperations,
  type Programme,
  programmeDirectory,
  type Reporting,
  type ReportingDeps,
  readContent,
  settingsOf,
} from '@safeguard/programme';
import type { House } from '../server.ts';
import { checksOf } from './checks.ts';
import type { Numbers } from './numbers.ts';
import { createProbe, type Place } from './probe.ts';

type Overrides = NonNullable<Parameters<typeof loadSettings>[0]>['overrides'];

export interface Loaded {
  readonly settings: Settings;
  readonly content: Content;
  readonly directory: string;
}

/** Settings, and the programme whose parameters are their defaults. Fault `invalid` tells everything that is wrong. */
export async function loadProgramme(overrides: Overrides = {}): Promise<Loaded> {
  const { programme } = loadSettings({ overrides });
  const directory = programme.directory ?? programmeDirectory;
  const content = await readContent(directory, { checks: checkIds });
  const parameters = new Map(
    [...content.parameters].map(([name, parameter]) => [name, { parameter, value: parameter.value }]),
  );
  return { settings: loadSettings({ overrides, programme: settingsOf(parameters) }), content, directory };
}

/** A setting by its name, live where services read it at each use. */
const runningOf =
  (settings: Settings, numbers: Numbers) =>
  (name: string): number | string | undefined => {
    const [group = '', key = ''] = name.split('.');
    const from = group in numbers ? numbers : settings;
    const value = (from as unknown as Readonly<Record<string, Readonly<Record<string, unknown>>>>)[group]?.[key];
    return typeof value === 'number' || typeof value === 'string' ? value : undefined;
  };

type CheckedHouse = Omit<House, 'programme' | 'reporting'>;

export interface ProgrammeParts {
  readonly house: CheckedHouse;
  readonly loaded: Loaded;
  readonly numbers: Numbers;
  readonly place: Place;
  readonly routes: () => ReturnType<House['identity']['routes']>;
  readonly lastReport: () => Promise<number | undefined>;
}

/** The programme over everything that runs. */
export function openProgramme({ house, loaded, numbers, place, routes, lastReport }: ProgrammeParts): Programme {
  const { store, seal, clock, ledger, instance, identity, governance, log, settings } = house;
  const probe = createProbe(house, place);
  return createProgramme({
    ...{ content: loaded.content, directory: loaded.directory, clock, ledger, people: identity.people },
    segment: store.segment('identity'),
    vault: (tenant) => seal.vault('identity', tenant),
    signer: instance.signer.name,
    holders: (tenant, role) => governance.holders(tenant, [role]),
    workforce: identity.people.workers,
    tell: governance.notices,
    get base() {
      return house.base.url;
    },
    log: { error: (text, fields) => log.error(text, { ...fields }) },
    checks: checksOf({ house, probe, routes, numbers }),
    running: runningOf(settings, numbers),
    lastReport,
  });
}

interface ReportingParts {
  readonly house: CheckedHouse;
  readonly programme: Programme;
  readonly mail: ReportingDeps['mail'] | undefined;
}

/** Reports over the programme, with the ledger's key to sign bundles. */
export function openReporting({ house, programme, mail }: ReportingParts): Reporting {
  const { store, seal, ledger, instance, log } = house;
  return createReporting({
    ...{ programme, ledger, signer: instance.signer, segment: store.segment('identity') },
    vault: (tenant) => seal.vault('identity', tenant),
    ...(mail === undefined ? {} : { mail }),
    get base() {
      return house.base.url;
    },
    failed: (message, error) => log.error(message, { error }),
  });
}

/** OSCAL documents over what is known now. */
export const oscalOf = ({ programme, reporting, identity }: House): Operation[] =>
  oscalOperations({
    clock: programme.api.clock,
    oscal: createOscal({
      programme,
      inheritance: reporting.inheritance,
      tenantOf: async (tenant) => {
        const found = (await identity.tenants.list()).find(({ id }) => id === tenant);
        return found && { name: found.name, since: found.created_at };
      },
    }),
  });
