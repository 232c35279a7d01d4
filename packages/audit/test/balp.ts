import type { Coding } from '../fhir/systems.ts';
import type { Agent, AuditEvent, Entity } from '../fhir/types.ts';

/**
 * What IHE BALP's profiles ask for (sources of the guide, github.com/IHE/ITI.BasicAudit, input/fsh), written here a
 * second time and from the other side: a table of slices with their counts, against which any AuditEvent that states a
 * profile is held.
 */
interface Slice {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly is: (type: Coding | undefined) => boolean;
  readonly holds: (one: Agent & Entity) => boolean;
}

const [dcm, balp] = ['http://dicom.nema.org/resources/ontology/DCM', 'https://profiles.ihe.net/ITI/BALP/CodeSystem'];
const entityType = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';
const role = 'http://terminology.hl7.org/CodeSystem/object-role';
const participation = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const custodian = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';

const is =
  (system: string, ...codes: readonly string[]) =>
  (type: Coding | undefined): boolean =>
    type?.system === system && codes.includes(type.code);

const reachable = ({ who, network }: Agent): boolean => who !== undefined && network !== undefined;
const device = (name: string, system: string, code: string): Slice => ({
  name,
  min: 1,
  max: 1,
  is: is(system, code),
  holds: reachable,
});
const user = (...codes: readonly string[]): Slice => ({
  name: 'user',
  min: 0,
  max: 1,
  is: is(participation, ...codes),
  holds: ({ who, requestor, network }) => who !== undefined && requestor === true && network === undefined,
});
const transaction: Slice = {
  name: 'transaction',
  min: 0,
  max: 1,
  is: is(`${balp}/BasicAuditEntityType`, 'XrequestId'),
  holds: ({ what }) => what?.identifier?.value !== undefined,
};
const data: Slice = {
  name: 'data',
  min: 1,
  max: 1,
  is: is(entityType, '2'),
  holds: (one) => one.what !== undefined && is(role, '3', '4', '20')((one as Entity).role),
};
const query: Slice = {
  name: 'query',
  min: 1,
  max: 1,
  is: is(entityType, '2'),
  holds: (one) => one.what === undefined && one.query !== undefined && is(role, '24')((one as Entity).role),
};
const patient: Slice = {
  name: 'patient',
  min: 1,
  max: 1,
  is: is(entityType, '1'),
  holds: (one) => one.what?.reference?.startsWith('Patient/') === true && is(role, '1')((one as Entity).role),
};

interface Pattern {
  readonly action: string;
  readonly type?: string;
  readonly subtypes: readonly string[];
  readonly agents: readonly Slice[];
  readonly entities: readonly Slice[];
}

const [client, server] = [device('client', dcm, '110153'), device('server', dcm, '110152')];
const written = { agents: [client, server, user('AUT', 'INF', 'CST')], entities: [transaction, data] };
const patterns: Readonly<Record<string, Pattern>> = {
  Create: { action: 'C', subtypes: ['create'], ...written },
  Update: { action: 'U', subtypes: ['update', 'patch'], ...written },
  Read: {
    action: 'R',
    subtypes: ['read', 'vread'],
    agents: [device('client', dcm, '110152'), device('server', dcm, '110153'), user('IRCP')],
    entities: [transaction, data],
  },
  Delete: {
    action: 'D',
    subtypes: ['delete'],
    agents: [device('client', dcm, '110150'), device('server', custodian, 'custodian'), user('AUT', 'INF', 'CST')],
    entities: [transaction, data],
  },
  Query: {
    action: 'E',
    subtypes: ['search', 'search-type', 'search-system'],
    agents: [client, server, user('IRCP')],
    entities: [transaction, query],
  },
  'PrivacyDisclosure.Source': {
    action: 'R',
    type: '110106',
    subtypes: ['disclose'],
    agents: [device('source', dcm, '110153'), device('recipient', dcm, '110152')],
    entities: [patient],
  },
};

function sliceBreaches<T extends Agent | Entity>(
  slices: readonly Slice[],
  all: readonly T[],
  typeOf: (one: T) => Coding | undefined,
): string[] {
  return slices.flatMap(({ name, min, max, is: belongs, holds }) => {
    const found = all.filter((one) => belongs(typeOf(one)));
    const count = found.length < min || found.length > max ? [`${name}: ${found.length} of ${min}..${max}`] : [];
    return [...count, ...found.filter((one) => !holds(one as never)).map(() => `${name}: not as it has to be`)];
  });
}

function patternBreaches(made: AuditEvent, name: string): string[] {
  const named = name.replace(/^Patient(?=[A-Z])/, '');
  const pattern = patterns[named];
  if (pattern === undefined) return [`${name}: no such pattern`];
  const { action, type = 'rest', subtypes, agents, entities } = pattern;
  const ofPatient = named !== name || named === 'PrivacyDisclosure.Source';
  return [
    ...(made.action === action ? [] : ['action']),
    ...(made.type.code === type ? [] : ['type']),
    ...(made.subtype.some(({ code }) => subtypes.includes(code)) ? [] : ['subtype']),
    ...(made.outcome === '0' || named === 'PrivacyDisclosure.Source' ? [] : ['outcome']),
    ...(made.agent.length >= 2 ? [] : ['agent: 2..']),
    ...(made.source === undefined ? ['source'] : []),
    ...sliceBreaches(agents, made.agent, (one) => one.type.coding[0]),
    ...sliceBreaches(ofPatient ? [...entities, patient] : entities, made.entity ?? [], (one) => one.type),
    ...((made.entity ?? []).length >= (ofPatient ? 2 : 1) ? [] : ['entity']),
  ].map((breach) => `${name}: ${breach}`);
}

/** What an AuditEvent breaks of the profiles that it states. */
export const breaches = (made: AuditEvent): string[] =>
  (made.meta?.profile ?? []).flatMap((profile) => {
    const name = /IHE\.BasicAudit\.([A-Za-z.]+)$/.exec(profile)?.[1] ?? '';
    return patternBreaches(made, name);
  });
