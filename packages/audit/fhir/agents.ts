import { isIP } from 'node:net';
import { clientOf } from '../index/tokens.ts';
import { kindOf } from './kinds.ts';
import { type Coding, coding, systems } from './systems.ts';
import type { Agent, CodeableConcept, FhirReference, Reading } from './types.ts';

/** Which way it goes, by BALP's patterns: a read flows to the client, all else from it; a delete has its own codes. */
interface Roles {
  readonly client: Coding;
  readonly server: Coding;
  readonly user: Coding;
}

const source = coding(systems.dcm, '110153', 'Source Role ID');
const destination = coding(systems.dcm, '110152', 'Destination Role ID');
const author = coding(systems.participation, 'AUT', 'author (originator)');
const recipient = coding(systems.participation, 'IRCP', 'information recipient');

const reads: Roles = { client: destination, server: source, user: recipient };
const queries: Roles = { client: source, server: destination, user: recipient };
const writes: Roles = { client: source, server: destination, user: author };
const deletes: Roles = {
  client: coding(systems.dcm, '110150', 'Application'),
  server: coding(systems.provenance, 'custodian', 'Custodian'),
  user: author,
};

const byAction: Readonly<Record<'C' | 'R' | 'U' | 'D' | 'E', Roles>> = {
  C: writes,
  R: reads,
  U: writes,
  D: deletes,
  E: queries,
};

export const concept = (one: Coding): CodeableConcept => ({ coding: [one] });
export const purposeOf = (code: string): CodeableConcept => concept(coding(systems.reason, code));

/** Who recorded it, and who answered. */
export const serverOf = ({ server }: Reading): FhirReference => ({
  identifier: { system: systems.server, value: server.name },
});

/** Where the caller was; undefined for what came from no network: our own pages' look-ups, the machine itself. */
function networkOf({ event: { from } }: Reading): Pick<Agent, 'network'> {
  return isIP(from) === 0 ? {} : { network: { address: from, type: '2' } };
}

/** Ids of the rule that let it through, and of the grant that gave the role, as policies of the agent. */
function policiesOf({ event: { rule, grant } }: Reading): Pick<Agent, 'policy'> {
  const policy = [
    ...(rule === undefined ? [] : [`urn:safeguard:rule:${encodeURIComponent(rule)}`]),
    ...(grant === undefined ? [] : [`urn:uuid:${grant}`]),
  ];
  return policy.length === 0 ? {} : { policy };
}

/** Who acted, as far as the ledger and the register of accounts tell. */
export interface Actors {
  /** An app or a service; undefined: a browser at our own pages. */
  readonly client?: string;
  readonly user?: string;
}

/** An app stands behind the targets; without one, whoever has no account is a client itself. */
export function actorsOf({ event, agents }: Pick<Reading, 'event' | 'agents'>): Actors {
  const app = clientOf(event);
  if (app !== undefined) return { client: app, user: event.actor };
  const isClient = agents.client(event.actor) !== undefined || agents.person(event.actor) === undefined;
  return isClient && kindOf(event).type.system === systems.eventType ? { client: event.actor } : { user: event.actor };
}

const nameOf = (name: string | undefined): Pick<Agent, 'name'> => (name === undefined ? {} : { name });

function clientAgent(reading: Reading, type: Coding, id: string | undefined, requestor: boolean): Agent {
  const { agents } = reading;
  return {
    type: concept(type),
    who: { identifier: { system: systems.client, value: id ?? 'browser' } },
    ...nameOf(id === undefined ? undefined : agents.client(id)?.name),
    requestor,
    ...(requestor ? policiesOf(reading) : {}),
    ...networkOf(reading),
  };
}

function userAgent(reading: Reading, type: Coding, id: string): Agent {
  const { agents, event } = reading;
  return {
    type: concept(type),
    who: { identifier: { system: systems.account, value: id } },
    ...nameOf(agents.person(id)?.name),
    requestor: true,
    ...policiesOf(reading),
    ...(event.purpose === undefined ? {} : { purposeOfUse: [purposeOf(event.purpose)] }),
  };
}

function serverAgent(reading: Reading, type: Coding): Agent {
  return {
    type: concept(type),
    who: serverOf(reading),
    requestor: false,
    network: { address: reading.server.base, type: '5' },
  };
}

/** The client, the person behind it, and this server. */
export function agentsIn(reading: Reading, roles = byAction[kindOf(reading.event).action]): Agent[] {
  const { client, user } = actorsOf(reading);
  return [
    clientAgent(reading, roles.client, client, user === undefined),
    ...(user === undefined ? [] : [userAgent(reading, roles.user, user)]),
    serverAgent(reading, roles.server),
  ];
}

/** Of a disclosure: what went out from here, to whom. */
export const disclosing: Roles = reads;
