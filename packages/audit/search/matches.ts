import { patientsOf, type RequestEvent } from '@safeguard/http';
import { kindOf, namesOf, outcomeOf } from '../fhir/kinds.ts';
import { type Coding, coding, systems } from '../fhir/systems.ts';
import type { About } from '../index/find.ts';
import { clientOf, objectsOf, type Tokens } from '../index/tokens.ts';
import { type AuditQuery, type Code, present } from './query.ts';

const isOne = (of: readonly Code[], { system, code }: Coding): boolean =>
  of.some((one) => one.code === code && (one.system === undefined || one.system === system));

const meets = <T>(wanted: readonly T[] | undefined, has: (one: T) => boolean): boolean =>
  wanted === undefined || wanted.some(has);

function kindMeets(event: RequestEvent, { actions, outcomes, types, subtypes = [] }: AuditQuery): boolean {
  const kind = kindOf(event);
  return (
    meets(actions, (one) => isOne([one], coding(systems.action, kind.action))) &&
    meets(outcomes, (one) => isOne([one], coding(systems.outcome, outcomeOf(event)))) &&
    meets(types, (one) => isOne([one], kind.type)) &&
    subtypes.every((list) => kind.subtypes.some((subtype) => isOne(list, subtype)))
  );
}

/**
 * Whether an event, opened from the ledger, answers a search: what the index proposes is judged by this, so that
 * nothing in the index can add to an answer. `_id` is for who knows the place.
 */
export function answers(event: RequestEvent, query: AuditQuery): boolean {
  const patients = patientsOf(event);
  const agents = [event.actor, clientOf(event)];
  return (
    event.at >= query.from &&
    event.at < query.to &&
    meets(query.patients, (id) => patients.includes(id)) &&
    !query.without?.some((id) => patients.includes(id)) &&
    meets(query.agents, (id) => agents.includes(id)) &&
    meets(query.entities, (reference) => entityOf(event, patients, reference)) &&
    kindMeets(event, query)
  );
}

function entityOf(event: RequestEvent, patients: readonly string[], reference: string): boolean {
  const [type = '', id = ''] = reference.split('/');
  if (type === 'Patient') return patients.includes(id);
  return objectsOf(event).some((target) => target.type === type && target.id === id);
}

/** What of a search the index can be asked for. */
export function tokensOf(tokens: Tokens, query: AuditQuery) {
  const codes = (of: 'action' | 'outcome' | 'type', list: readonly Code[] | undefined) =>
    list?.map(({ code }) => tokens.code(of, code));
  const named = query.subtypes?.[0]?.map(({ code }) => namesOf(code)) ?? [];
  const many = named.flatMap(({ of }) => of ?? []);
  const onlyMany = many.length > 0 && many.length === named.length;
  const types = codes('type', query.types) ?? (onlyMany ? typesOf(tokens, many) : undefined);
  const subtypes = named.length === 0 || many.length > 0 ? undefined : named.flatMap(({ names }) => names);
  const patients = query.patients && { patients: query.patients.map(tokens.patient), resources: [] };
  const entities = query.entities && aboutOf(tokens, query.entities);
  return present({
    abouts: [patients, entities].filter((one) => one !== undefined),
    agents: query.agents?.map(tokens.agent),
    actions: codes('action', query.actions),
    outcomes: codes('outcome', query.outcomes),
    types,
    subtypes: subtypes?.map((name) => tokens.code('subtype', name)),
  });
}

const typesOf = (tokens: Tokens, codes: readonly string[]): number[] => codes.map((code) => tokens.code('type', code));

const patientForm = /^Patient\//;

const aboutOf = (tokens: Tokens, references: readonly string[]): About => ({
  patients: references
    .filter((one) => patientForm.test(one))
    .map((one) => tokens.patient(one.replace(patientForm, ''))),
  resources: references.filter((one) => !patientForm.test(one)).map(tokens.resource),
});
