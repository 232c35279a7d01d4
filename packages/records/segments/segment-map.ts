/**
 * The segment map: what is lifted out of every resource into the `identity` segment, as data that an auditor reads.
 * `at` names a datatype (`HumanName`: every value of it, wherever it stands), an element of a datatype
 * (`Reference.display`) or an element of a resource (`Patient.birthDate`; a choice by its JSON name).
 * `categories` are the numbers of 45 CFR 164.514(b)(2)(i), see categories.ts. An element goes whole, with its
 * `_element` sibling. Contained resources follow the rules of their own type. What no rule names stays in `clinical`.
 * Adding a rule is safe at any time: joining needs no map. Removing one moves identity into `clinical` and needs a
 * review.
 */
export interface Rule {
  readonly at: string;
  readonly categories: readonly number[];
  readonly why: string;
}

/** An extension whose `url` decides, beyond the datatype of its value. */
export interface ExtensionRule {
  readonly url: string;
  readonly categories: readonly number[];
}

export interface SegmentMap {
  readonly types: readonly Rule[];
  readonly paths: readonly Rule[];
  /** On these types every extension is lifted, at any depth, unless its url is in `clinicalExtensions`. */
  readonly persons: readonly string[];
  readonly clinicalExtensions: readonly string[];
  /** Lifted wherever they stand. */
  readonly identityExtensions: readonly ExtensionRule[];
}

const types: readonly Rule[] = [
  { at: 'HumanName', categories: [1], why: 'a name' },
  { at: 'Address', categories: [2], why: 'state and country go along: a partial address is not worth a second rule' },
  { at: 'ContactPoint', categories: [4, 5, 6, 14], why: 'telephone, fax, mail, web' },
  { at: 'ContactDetail', categories: [1, 4, 5, 6], why: 'a name and how to reach it' },
  {
    at: 'Identifier',
    categories: [7, 8, 9, 10, 11, 12, 13, 18],
    why: 'numbers of every kind, Reference.identifier too; the system alone can name a hospital',
  },
  { at: 'Narrative', categories: [1, 2, 3, 18], why: 'generated from the whole resource, names included' },
  { at: 'Reference.display', categories: [1], why: 'the name of whoever is referred to' },
  { at: 'Annotation.authorString', categories: [1], why: 'the name of who wrote the note' },
  { at: 'Contributor.name', categories: [1], why: 'a name' },
  { at: 'Attachment.url', categories: [14], why: 'where a document lies; often carries a record number' },
  { at: 'Attachment.title', categories: [1, 3, 8], why: 'document titles carry names, dates and record numbers' },
  { at: 'Signature.data', categories: [16, 17], why: 'an image of handwriting, or a certificate with a name' },
  { at: 'Extension.valueUrl', categories: [14], why: 'a web address' },
];

const people: readonly Rule[] = [
  { at: 'Patient.birthDate', categories: [3], why: 'birth date' },
  { at: 'Patient.deceasedDateTime', categories: [3], why: 'death date; deceasedBoolean carries no date and stays' },
  { at: 'Patient.photo', categories: [17], why: 'photograph' },
  { at: 'Patient.contact', categories: [1, 2, 4, 5, 6], why: 'relatives, guardians, employers: whole' },
  { at: 'Person.birthDate', categories: [3], why: 'birth date' },
  { at: 'Person.photo', categories: [17], why: 'photograph' },
  { at: 'RelatedPerson.birthDate', categories: [3], why: 'birth date of a relative' },
  { at: 'RelatedPerson.photo', categories: [17], why: 'photograph' },
  { at: 'Practitioner.birthDate', categories: [3], why: 'birth date' },
  { at: 'Practitioner.photo', categories: [17], why: 'photograph' },
  { at: 'FamilyMemberHistory.name', categories: [1], why: 'name of a relative' },
  { at: 'FamilyMemberHistory.bornDate', categories: [3], why: 'birth date of a relative' },
  { at: 'FamilyMemberHistory.bornPeriod', categories: [3], why: 'birth date of a relative' },
  { at: 'FamilyMemberHistory.bornString', categories: [3], why: 'birth date of a relative, in words' },
  { at: 'FamilyMemberHistory.deceasedDate', categories: [3], why: 'death date of a relative; age and flag stay' },
  { at: 'FamilyMemberHistory.deceasedString', categories: [3], why: 'death date of a relative, in words' },
];

const organisationsAndPlaces: readonly Rule[] = [
  { at: 'Organization.name', categories: [1], why: 'may be an employer; names a place of care' },
  { at: 'Organization.alias', categories: [1], why: 'as its name' },
  { at: 'Location.name', categories: [2], why: 'a place below a state; may be a home' },
  { at: 'Location.alias', categories: [2], why: 'as its name' },
  { at: 'Location.description', categories: [2], why: 'directions to a place' },
  { at: 'Location.position', categories: [2], why: 'coordinates' },
  { at: 'HealthcareService.name', categories: [2], why: 'names a place of care' },
  { at: 'HealthcareService.photo', categories: [17], why: 'may show people' },
  { at: 'Group.name', categories: [1], why: 'groups are named for households' },
  { at: 'CareTeam.name', categories: [1], why: "teams are named for their patient (FHIR's own example does)" },
  { at: 'Account.name', categories: [1, 10], why: "accounts are named for their patient (FHIR's own example does)" },
  { at: 'TestReport.tester', categories: [1], why: 'a name' },
];

const numbersAndAddresses: readonly Rule[] = [
  { at: 'Coverage.subscriberId', categories: [9], why: 'beneficiary number' },
  { at: 'Coverage.dependent', categories: [9], why: 'part of the beneficiary number' },
  { at: 'Coverage.class.value', categories: [9], why: 'group and plan numbers' },
  { at: 'Claim.insurance.preAuthRef', categories: [9, 18], why: "a payer's number for this person's case" },
  { at: 'ClaimResponse.preAuthRef', categories: [9, 18], why: "a payer's number for this person's case" },
  { at: 'CoverageEligibilityResponse.preAuthRef', categories: [9, 18], why: "a payer's number for this case" },
  { at: 'ExplanationOfBenefit.preAuthRef', categories: [9, 18], why: "a payer's number for this person's case" },
  { at: 'ExplanationOfBenefit.insurance.preAuthRef', categories: [9, 18], why: "a payer's number for this case" },
  { at: 'Device.udiCarrier', categories: [13], why: 'the carrier string holds the serial number' },
  { at: 'Device.distinctIdentifier', categories: [13], why: 'device identifier' },
  { at: 'Device.serialNumber', categories: [13], why: 'serial number' },
  { at: 'Device.lotNumber', categories: [13], why: 'with type and date nearly unique for an implant' },
  { at: 'Device.deviceName', categories: [1, 13], why: "a patient-reported name can be the patient's own" },
  { at: 'Device.url', categories: [14, 15], why: 'network address of the device' },
  { at: 'Endpoint.address', categories: [14, 15], why: 'network address' },
  { at: 'Endpoint.header', categories: [18], why: 'headers carry credentials' },
  { at: 'Subscription.channel.endpoint', categories: [6, 14, 15], why: 'network or mail address' },
  { at: 'Subscription.channel.header', categories: [18], why: 'headers carry credentials' },
  { at: 'Subscription.criteria', categories: [1, 8, 18], why: 'a search that can ask for a name or a number' },
  { at: 'MessageHeader.destination.endpoint', categories: [14, 15], why: 'network address' },
  { at: 'MessageHeader.source.endpoint', categories: [14, 15], why: 'network address' },
  { at: 'MessageHeader.response.identifier', categories: [18], why: 'number of a message' },
  { at: 'AuditEvent.agent.altId', categories: [18], why: "a person's number" },
  { at: 'AuditEvent.agent.name', categories: [1], why: "a person's name" },
  { at: 'AuditEvent.agent.network', categories: [4, 14, 15], why: 'network address or telephone number' },
  { at: 'AuditEvent.entity.name', categories: [1, 18], why: 'names a person or a document' },
  { at: 'AuditEvent.entity.query', categories: [1, 8, 18], why: 'the search itself, names included' },
  { at: 'Bundle.link.url', categories: [14, 18], why: 'a search that can ask for a name or a number' },
  { at: 'Bundle.entry.request.url', categories: [14, 18], why: 'a condition can name a person or a number' },
  { at: 'Bundle.entry.request.ifNoneExist', categories: [8, 18], why: 'a condition can name a person or a number' },
  { at: 'Bundle.entry.response.location', categories: [14], why: 'a web address' },
  { at: 'ImagingStudy.series.uid', categories: [18], why: 'unique in the world and readable in any picture archive' },
  { at: 'ImagingStudy.series.instance.uid', categories: [18], why: 'as the series; searched by blind token' },
  { at: 'MolecularSequence.repository.url', categories: [14], why: "where this person's sequence lies" },
  { at: 'MolecularSequence.repository.datasetId', categories: [16, 18], why: "number of this person's sequence" },
  { at: 'MolecularSequence.repository.variantsetId', categories: [16, 18], why: "number of this person's sequence" },
  { at: 'MolecularSequence.repository.readsetId', categories: [16, 18], why: "number of this person's sequence" },
  { at: 'Parameters.parameter.valueUrl', categories: [14], why: 'a web address' },
  { at: 'Task.input.valueUrl', categories: [14], why: 'a web address' },
  { at: 'Task.output.valueUrl', categories: [14], why: 'a web address' },
  { at: 'VerificationResult.attestation.sourceIdentityCertificate', categories: [11, 18], why: 'a certificate' },
  { at: 'VerificationResult.attestation.proxyIdentityCertificate', categories: [11, 18], why: 'a certificate' },
  { at: 'VerificationResult.validator.identityCertificate', categories: [11, 18], why: 'a certificate' },
];

const picturesAndSignedPapers: readonly Rule[] = [
  { at: 'Media.content', categories: [16, 17], why: 'photographs, video, voice' },
  { at: 'BodyStructure.image', categories: [17], why: 'photographs of a body' },
  { at: 'Consent.sourceAttachment', categories: [1, 17], why: 'the signed paper' },
  { at: 'Contract.legal.contentAttachment', categories: [1, 17], why: 'the signed paper' },
  { at: 'Contract.legallyBindingAttachment', categories: [1, 17], why: 'the signed paper' },
];

const core = 'http://hl7.org/fhir/us/core/StructureDefinition/';
const hl7 = 'http://hl7.org/fhir/StructureDefinition/';
const synthea = 'http://synthetichealth.github.io/synthea/';

export const segmentMap: SegmentMap = {
  types,
  paths: [...people, ...organisationsAndPlaces, ...numbersAndAddresses, ...picturesAndSignedPapers],
  persons: ['Patient', 'Person', 'RelatedPerson', 'Practitioner'],
  clinicalExtensions: [
    ...['race', 'ethnicity', 'birthsex', 'sex', 'genderIdentity'].map((name) => `${core}us-core-${name}`),
    `${hl7}patient-genderIdentity`,
    `${hl7}individual-genderIdentity`,
    `${hl7}patient-sexParameterForClinicalUse`,
    `${hl7}patient-disability`,
    `${hl7}patient-cadavericDonor`,
    `${hl7}patient-interpreterRequired`,
    `${hl7}data-absent-reason`,
    `${synthea}disability-adjusted-life-years`,
    `${synthea}quality-adjusted-life-years`,
  ],
  identityExtensions: [
    { url: `${hl7}patient-mothersMaidenName`, categories: [1] },
    { url: `${hl7}patient-birthPlace`, categories: [2] },
    { url: `${hl7}patient-birthTime`, categories: [3] },
    { url: `${hl7}patient-nationality`, categories: [18] },
    { url: `${hl7}patient-citizenship`, categories: [18] },
    { url: `${hl7}geolocation`, categories: [2] },
    { url: `${hl7}location-boundary-geojson`, categories: [2] },
  ],
};
