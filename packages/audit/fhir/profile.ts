import type { Kind } from './kinds.ts';
import { systems } from './systems.ts';
import type { AuditEvent } from './types.ts';

const base = 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit';
export const disclosureProfile = `${base}.PrivacyDisclosure.Source`;

type Made = Omit<AuditEvent, 'meta'>;

const countOf = ({ entity = [] }: Made, system: string, code: string): number =>
  entity.filter(({ type }) => type.system === system && type.code === code).length;

/** Client and server each with an address, as every one of the patterns wants. */
const hasNetwork = ({ agent }: Made): boolean => agent.filter(({ network }) => network !== undefined).length >= 2;

/**
 * The patterns of IHE BALP that an AuditEvent meets: their constraints, as the guide's sources have them. A success of
 * a client with an address; exactly one object (or query); the form with a Patient for exactly one Patient. Whoever
 * shows several patients at once would have to write one AuditEvent for each: of such a one no pattern is stated.
 */
export function profilesOf(made: Made, pattern: Kind['pattern']): string[] {
  if (pattern === undefined || made.outcome !== '0' || !hasNetwork(made)) return [];
  const objects = countOf(made, systems.entityType, '2');
  if (pattern === 'Query' && !made.entity?.some(({ query }) => query !== undefined)) return [];
  const patients = countOf(made, systems.entityType, '1');
  if (objects !== 1 || patients > 1) return [];
  return [`${base}.${patients === 1 ? 'Patient' : ''}${pattern}`];
}

/** BALP's PrivacyDisclosure.Source: one patient, and at least one thing of theirs. */
export const isDisclosureForm = (made: Made): boolean =>
  hasNetwork(made) && countOf(made, systems.entityType, '1') === 1 && (made.entity?.length ?? 0) >= 2;
