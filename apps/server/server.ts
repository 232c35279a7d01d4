import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Access, migrations as accessMigrations, createAccess, type Governance } from '@safeguard/access';
import { type Audit, migrations as auditMigrations, createAudit, servedAuditEvents } from '@safeguard/audit';
import type { Settings } from '@safeguard/config';
import { resourceTypes } from '@safeguard/fhir';
import { createHttp, createLog, type Http, type Log, localAuthority, ownCertificate } from '@safeguard/http';
import { createIdentity, type Identity, migrations as identityMigrations } from '@safeguard/identity';
import { type Clock, systemClock } from '@safeguard/kernel';
import { createLedger, type Ledger, migrations as ledgerMigrations } from '@safeguard/ledger';
import { type Programme, migrations as programmeMigrations, type Reporting, settingsOf } from '@safeguard/programme';
import { createRecords, type Records, migrations as recordsMigrations, scopeParameters } from '@safeguard/records';
import { createRights, type Rights, migrations as rightsMigrations } from '@safeguard/rights';
import { createSeal, fileProvider, type Seal, migrations as sealMigrations } from '@safeguard/seal';
import { openStore, type Segment, type Store } from '@safeguard/store';
import { startAdmin } from './admin.ts';
import { startCare } from './care.ts';
import { type AdministratorLink, administratorLink } from './first-start.ts';
import { type Instance, openInstance } from './instance.ts';
import { patientPort } from './patients.ts';
import { type Numbers, numbersOf } from './programme/numbers.ts';
import { type Loaded, loadProgramme, openProgramme, openReporting } from './programme/open.ts';
import type { Place } from './programme/probe.ts';
import { because, mailOf, openGovernance, rightsDeps } from './rights.ts';
import { routesOf } from './routes.ts';
import { sessionEvent } from './session-event.ts';

export interface ServerOptions {
  /** Settings from the command line: the nested form of `@safeguard/config`. */
  readonly overrides?: Readonly<Record<string, unknown>>;
  /** Overrides of the embedded PostgreSQL's settings. For tests only: they can switch durability off. */
  readonly postgres?: Readonly<Record<string, string>>;
  readonly log?: Log;
}

export interface RunningServer {
  readonly url: string;
  readonly pid: number;
  /** File of the certificate authority that a caller has to trust; null with TLS off or an own certificate. */
  readonly ca: string | null;
  readonly firstStart: boolean;
  /** How the first administrator is made; absent once there is one. */
  readonly administratorLink?: AdministratorLink;
  /** Finishes what is in flight, closes the ledger, stops PostgreSQL. */
  stop(): Promise<void>;
  /** Resolves when it is stopped. */
  readonly stopped: Promise<void>;
}

/** Everything that runs, one line per module; what is closed last stands first. */
export interface House {
  readonly settings: Settings;
  readonly log: Log;
  readonly clock: Clock;
  readonly store: Store;
  readonly seal: Seal;
  readonly instance: Instance;
  readonly ledger: Ledger;
  readonly access: Access;
  readonly identity: Identity;
  readonly records: Records;
  /** Policies, grants, consents: what stands behind every decision. */
  readonly governance: Governance;
  /** What patients asked of the house. */
  readonly rights: Rights;
  /** The ledger, read: who did. */
  readonly audit: Audit;
  /** Controls, live checks, policies: what is promised, and whether it holds. */
  readonly programme: Programme;
  /** Reports over it, who asks for them, what customers inherit. */
  readonly reporting: Reporting;
  /** Where our pages are; final once the server listens. */
  readonly base: { url: string };
  /** Where the server itself listens, for its own checks. */
  readonly place: Place;
}

/** The composition root: reads as the architecture. */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const loaded = await loadProgramme({ ...options.overrides });
  const { settings } = loaded;
  const log = options.log ?? createLog({ level: settings.log.level });
  for (const warning of settings.warnings) log.warn(warning);
  const store = await openStore(storeOptions(settings, log, options));
  try {
    const house = await build(loaded, log, store);
    return await serve(house);
  } catch (error) {
    await store.close();
    log.flush();
    throw error;
  }
}

async function build(loaded: Loaded, log: Log, store: Store): Promise<House> {
  const clock = systemClock;
  const { settings } = loaded;
  const { keys, data, deadlines, limits } = settings;
  // Read at each use: what was approved meanwhile holds.
  const numbers: Numbers = numbersOf(settings, () => settingsOf(programme.parameters.known()));
  const segment = store.segment;
  const segments = { identity: segment('identity'), clinical: segment('clinical'), ledger: segment('ledger') };
  const { directory, passphrase } = keys;
  const provider = await fileProvider(passphrase === undefined ? { directory } : { directory, passphrase });
  const seal = createSeal({ provider, segments, clock });
  await seal.check();
  const instance = await openInstance(data, provider);
  const ledger = await openLedger({ settings, seal, instance, segment: segments.ledger, log });
  const access = createAccess({ types: new Set(resourceTypes), parameters: scopeParameters, policies: 'on' });
  const identity = createIdentity({
    segment: segments.identity,
    vault: (tenant) => seal.vault('identity', tenant),
    clock,
    scopes: access,
    guard: access.guard,
    record: async (ended) => void (await ledger.append(ended.tenant, [sessionEvent(ended)])),
    patients: patientPort({ ledger, records: () => records, entitle: (...asked) => governance.entitle(...asked) }),
    leaving: async (connection, tenant, account, at) => {
      const ending = { at: at.getTime(), by: 'service', why: 'account terminated' } as const;
      await governance.grants.endAllWithin(connection, tenant, account, ending);
    },
    onWayIn: (connection, way) => governance.holds.within(connection, way),
    settings: {
      get token_lifetime_s() {
        return numbers.tokens.lifetime_s;
      },
      ...{ sessions: numbers.sessions, passwords: numbers.passwords, sign_in: numbers.sign_in },
      fetch_allow: settings.fetch_allow,
      ...(await mutualTls(settings)),
    },
    log,
  });
  await identity.tenants.ensureDefault();
  const route = { bundle_bytes: limits.bundle_bytes, bundle_ms: deadlines.bundle_ms };
  const records: Records = createRecords({
    ...segments,
    seal,
    ledger,
    access,
    clock,
    log,
    settings: route,
    tenantSettings: identity.tenants.settings,
    served: { AuditEvent: servedAuditEvents },
  });
  const mail = mailOf(settings);
  const base: { url: string } = { url: settings.public_url ?? `https://${settings.host}:${settings.port}` };
  const governance = openGovernance({
    store,
    seal,
    clock,
    access,
    identity,
    records,
    log,
    limits: numbers.access,
    mail,
    url: () => base.url,
  });
  const rights = createRights(rightsDeps({ store, seal, clock, governance, records }));
  const audit = openAudit({ segment: segments.ledger, ledger, seal, clock, log, access, identity, instance });
  const place: Place = { url: '', ca: undefined };
  const parts = { settings, log, clock, store, seal, instance, ledger, access, identity, records };
  const house = { ...parts, governance, rights, audit, base, place };
  const programme = openProgramme({
    ...{ house, loaded, numbers, place },
    routes: () => routesOf({ ...house, programme, reporting }),
    lastReport: () => reporting.reports.lastReport(),
  });
  const reporting = openReporting({ house, programme, mail });
  return { ...house, programme, reporting };
}

interface LedgerParts extends Pick<House, 'settings' | 'seal' | 'instance' | 'log'> {
  readonly segment: Segment;
}

const openLedger = ({ settings, seal, instance, segment, log }: LedgerParts): Promise<Ledger> =>
  createLedger({
    segment,
    vault: (tenant) => seal.vault('ledger', tenant),
    clock: systemClock,
    signer: instance.signer,
    anchors: join(settings.data, 'anchors'),
    append_deadline_ms: settings.deadlines.ledger_ms,
    checkpoint_interval_ms: settings.ledger.checkpoint_s * 1000,
    log: ledgerLog(log),
  });

type AuditParts = Pick<House, 'ledger' | 'seal' | 'clock' | 'log' | 'access' | 'identity' | 'instance'>;

const openAudit = ({ seal, identity, instance, ...rest }: AuditParts & { readonly segment: Segment }): Audit =>
  createAudit({
    ...rest,
    vault: (tenant) => seal.vault('ledger', tenant),
    people: identity.people,
    name: `safeguard/${instance.id}`,
  });

async function serve(house: House): Promise<RunningServer> {
  const { settings, log, store, ledger, identity, governance, audit, instance, programme } = house;
  const tls = await credentials(settings);
  const http: Http = createHttp({
    routes: routesOf(house),
    ports: {
      authenticate: identity.authenticate,
      entitle: governance.entitle,
      because: (principal) => because(house, principal),
      signedIn: identity.signedIn,
      origins: identity.origins,
      page: identity.page,
      record: async (event) => {
        await ledger.append(event.tenant, [event]);
      },
    },
    settings,
    tls: tls.credentials,
    log,
    health: { ready: async () => void (await Promise.all([store.ready(), ledger.probe()])) },
  });
  const care = await startCare(house);
  const { url } = await http.listen();
  house.base.url = settings.public_url ?? url;
  house.place.url = url;
  house.place.ca = tls.ca === null ? undefined : await readFile(tls.ca, 'utf8');
  governance.start();
  audit.start();
  await programme.start(settings.programme.schedule);
  const admin = await startAdmin(house, { url, ca: tls.ca });
  let stopping: Promise<void> | undefined;
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  const stop = (): Promise<void> => {
    stopping ??= closeAll(house, http, admin.close, care.stop).then(resolve);
    return stopping;
  };
  const link = await administratorLink(house, url);
  const first = { firstStart: instance.made, ...(link === undefined ? {} : { administratorLink: link }) };
  return { url, pid: process.pid, ca: tls.ca, ...first, stop, stopped };
}

/** In the order of what needs what: doors first, the database last. */
async function closeAll(house: House, http: Http, ...doors: readonly (() => Promise<void>)[]): Promise<void> {
  const { log, store, seal, ledger, identity, records, governance, audit, programme } = house;
  // A check asks over the network: it ends before the doors close.
  await programme.close().catch((error: unknown) => log.error('checks did not end cleanly', { error }));
  await Promise.all([http.close(), ...doors.map((close) => close())]);
  for (const close of [audit.close, records.close, governance.close, identity.close, ledger.close]) {
    // One that fails must not keep the others from closing: what it lost is found at the next start.
    await close().catch((error: unknown) => log.error('a part did not close cleanly', { error }));
  }
  seal.close();
  await store.close();
  log.info('stopped');
  log.flush();
}

function storeOptions(settings: Settings, log: Log, { postgres }: ServerOptions): Parameters<typeof openStore>[0] {
  const { data, database, pools } = settings;
  const { url, identity_url, clinical_url, ledger_url, ca_file, binaries } = database;
  const migrations = [
    ...[...sealMigrations, ...ledgerMigrations, ...identityMigrations, ...accessMigrations, ...rightsMigrations],
    ...[...recordsMigrations, ...auditMigrations, ...programmeMigrations],
  ];
  const told = (message: string, fields: Readonly<Record<string, unknown>>): void => log.info(message, fields);
  const common = { migrations, pools, log: told };
  const identity = identity_url ?? url;
  const clinical = clinical_url ?? url;
  const ledger = ledger_url ?? url;
  if (identity === undefined || clinical === undefined || ledger === undefined) {
    return { ...common, embedded: { data, binaries, ...(postgres ? { settings: postgres } : {}) } };
  }
  const external = { url: { identity, clinical, ledger }, secrets: join(data, 'secrets') };
  return { ...common, external: ca_file === undefined ? external : { ...external, ca: ca_file } };
}

/** Certificates of callers, where they are asked for, and who may have signed them. */
async function mutualTls({ tls_client_certificates, tls_client_authorities_file: file }: Settings) {
  if (tls_client_certificates !== 'ask') return {};
  const pem = file === undefined ? '' : await readFile(file, 'utf8');
  return { mtls: { authorities: pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [] } };
}

async function credentials({ tls, tls_certificate_file, tls_key_file, tls_hosts, public_url, data, host }: Settings) {
  if (tls === 'off') return { credentials: 'off' as const, ca: null };
  const clock = systemClock;
  if (tls_certificate_file !== undefined && tls_key_file !== undefined) {
    return {
      credentials: await ownCertificate({ cert_file: tls_certificate_file, key_file: tls_key_file, clock }),
      ca: null,
    };
  }
  const named = public_url === undefined ? [] : [new URL(public_url).hostname];
  const hosts = [...(['0.0.0.0', '::'].includes(host) ? [] : [host]), ...named, ...tls_hosts];
  const authority = await localAuthority({ directory: join(data, 'tls'), hosts, clock });
  return { credentials: authority, ca: authority.caFile };
}

const ledgerLog = (log: Log): Parameters<typeof createLedger>[0]['log'] => ({
  info: (_fields, message) => log.info(message),
  warn: (_fields, message) => log.warn(message),
  error: (_fields, message) => log.error(message),
});
