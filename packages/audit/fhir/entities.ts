import { isResourceType } from '@safeguard/fhir';
import { patientsOf, type Target } from '@safeguard/http';
import { objectsOf } from '../index/tokens.ts';
import { kindOf } from './kinds.ts';
import { type Coding, coding, systems } from './systems.ts';
import type { Entity, FhirReference, Reading } from './types.ts';

const person = coding(systems.entityType, '1', 'Person');
const systemObject = coding(systems.entityType, '2', 'System Object');
const patientRole = coding(systems.entityRole, '1', 'Patient');
const resourceRole = coding(systems.entityRole, '4', 'Domain Resource');
const jobRole = coding(systems.entityRole, '20', 'Job');
const queryRole = coding(systems.entityRole, '24', 'Query');
const requestId = coding(systems.balpEntity, 'XrequestId');

/** Resources that one AuditEvent lists; of the others it says how many they are. */
const listed_most = 500;

/** The patients that the reader may know of. */
function shownPatients({ event, only }: Pick<Reading, 'event' | 'only'>): string[] {
  const all = patientsOf(event);
  return only === undefined ? all : all.filter((id) => only.includes(id));
}

/**
 * What was touched, as far as the reader may know: who may know of one patient alone is told of the others neither
 * who they are nor how much it was. Which target is whose, the ledger does not say.
 */
export function shownTargets({ event, only }: Pick<Reading, 'event' | 'only'>): readonly Target[] {
  const targets = objectsOf(event);
  if (only === undefined || patientsOf(event).every((id) => only.includes(id))) return targets;
  return targets.filter(({ type, id }) => type === 'Patient' && only.includes(id));
}

const referenceOf = ({ type, id, version }: Target): string =>
  version === undefined ? `${type}/${id}` : `${type}/${id}/_history/${version}`;

/** FHIR's resources by reference, what is ours by identifier. */
const whatOf = (target: Target): FhirReference =>
  isResourceType(target.type)
    ? { reference: referenceOf(target) }
    : { identifier: { system: `urn:safeguard:${target.type}`, value: target.id } };

/** BALP's patterns know one object of the type `System Object`: in a query that is the query itself. */
const entityOf =
  (type: (target: Target) => Coding) =>
  (target: Target): Entity => ({
    what: whatOf(target),
    type: type(target),
    role: isResourceType(target.type) ? resourceRole : jobRole,
  });

const byResource = ({ type }: Target): Coding =>
  coding(isResourceType(type) ? systems.resourceTypes : systems.type, type);

function queryEntity({ event: { asked } }: Reading): Entity[] {
  if (asked === undefined) return [];
  const description = 'The type and the names of the parameters; their values are not kept.';
  return [{ type: systemObject, role: queryRole, query: Buffer.from(asked).toString('base64'), description }];
}

function resourcesIn(reading: Reading): Entity[] {
  const targets = shownTargets(reading);
  const listed = targets.slice(0, listed_most);
  const one = kindOf(reading.event).pattern !== 'Query' && listed.length === 1;
  const rest = targets.length - listed.length;
  return [
    ...listed.map(entityOf(one ? () => systemObject : byResource)),
    ...(rest === 0 ? [] : [{ type: coding(systems.ours, 'more'), description: `and ${rest} more` }]),
  ];
}

/** The request, the patients, the query, the resources. */
export const entitiesIn = (reading: Reading): Entity[] => [
  {
    what: { identifier: { value: reading.event.within ?? reading.event.id } },
    type: requestId,
  },
  ...shownPatients(reading).map((id) => ({
    what: { reference: `Patient/${id}` },
    type: person,
    role: patientRole,
  })),
  ...(kindOf(reading.event).pattern === 'Query' ? queryEntity(reading) : []),
  ...resourcesIn(reading),
];
