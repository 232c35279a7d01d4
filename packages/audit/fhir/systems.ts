/** The code systems that audit events speak in. */
export const systems = {
  dcm: 'http://dicom.nema.org/resources/ontology/DCM',
  eventType: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
  interaction: 'http://hl7.org/fhir/restful-interaction',
  action: 'http://hl7.org/fhir/audit-event-action',
  outcome: 'http://terminology.hl7.org/CodeSystem/audit-event-outcome',
  entityType: 'http://terminology.hl7.org/CodeSystem/audit-entity-type',
  entityRole: 'http://terminology.hl7.org/CodeSystem/object-role',
  resourceTypes: 'http://hl7.org/fhir/resource-types',
  sourceType: 'http://terminology.hl7.org/CodeSystem/security-source-type',
  participation: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
  provenance: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
  reason: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  lifecycle: 'http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle',
  balpEntity: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType',
  /** Ours: names of the ledger's actions that FHIR has no code for. */
  ours: 'urn:safeguard:action',
  /** Ours: types of the product's own objects. */
  type: 'urn:safeguard:type',
  account: 'urn:safeguard:account',
  client: 'urn:safeguard:client',
  server: 'urn:safeguard:server',
} as const;

export interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

export const coding = (system: string, code: string, display?: string): Coding => ({
  system,
  code,
  ...(display === undefined ? {} : { display }),
});
