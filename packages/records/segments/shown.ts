/**
 * What may be shown in a view without identity although its datatype can hold words: the allow list. Every other
 * element of a worded datatype (words.ts) that stays in `clinical` is masked there.
 */
export interface Shown {
  readonly why: string;
  /** `Type.element`, the type as in the definitions (`Bundle.entry`). */
  readonly at: readonly string[];
}

/** `Owner: 'a b'` written out as `Owner.a`, `Owner.b`. */
const of = (owner: string, names: string): string[] => names.split(' ').map((name) => `${owner}.${name}`);

const each = (owners: string, name: string): string[] => owners.split(' ').map((owner) => `${owner}.${name}`);

const instantiating =
  'CarePlan CarePlan.activity.detail Communication DeviceRequest FamilyMemberHistory ' +
  'MedicationRequest NutritionOrder Procedure RequestGroup ServiceRequest Task Contract';

export const shown: readonly Shown[] = [
  {
    why: 'which terminology or unit system, and in which version',
    at: [...of('Coding', 'system version'), ...each('Quantity Age Count Distance Duration', 'system')],
  },
  {
    why: 'the printed form of a coded unit; a number without its unit is of no use',
    at: each('Quantity Age Count Distance Duration', 'unit'),
  },
  { why: "the terminology's words for a code; masked where no code stands beside them", at: ['Coding.display'] },
  {
    why: 'a pointer to a resource; masked unless it is an id of ours, a contained one or urn:uuid',
    at: ['Reference.reference', 'Bundle.entry.fullUrl'],
  },
  { why: 'the name of a resource type', at: ['Reference.type'] },
  { why: 'a stream of measurements: numbers and the letters E, U, L', at: ['SampledData.data'] },
  { why: 'names the meaning of the extension', at: ['Extension.url'] },
  { why: 'names a rule set or a version, given by the server', at: ['Meta.versionId'] },
  {
    why: 'names a published protocol, definition or policy',
    at: [
      ...each(instantiating, 'instantiatesUri'),
      'NutritionOrder.instantiates',
      'MedicationAdministration.instantiates',
      'ChargeItem.definitionUri',
      'ClinicalImpression.protocol',
      'GuidanceResponse.moduleUri',
      'QuestionnaireResponse.item.definition',
      'MessageHeader.eventUri',
      'AuditEvent.agent.policy',
      'Provenance.policy',
      ...of('Consent.policy', 'authority uri'),
    ],
  },
  {
    why: 'a link inside the resource, or to an item of its questionnaire',
    at: ['QuestionnaireResponse.item.linkId', 'RequestGroup.action.relatedAction.actionId'],
  },
  {
    why: 'words of the protocol, not of the person',
    at: [
      'Bundle.link.relation',
      ...of('Bundle.entry.response', 'status etag'),
      ...of('Bundle.entry.request', 'ifMatch ifNoneMatch'),
      'Parameters.parameter.name',
      ...of('OperationOutcome.issue', 'location expression'),
      'VerificationResult.targetLocation',
      'MolecularSequence.referenceSeq.genomeBuild',
    ],
  },
];

/**
 * Types that describe knowledge, products and substances, and no individual: their own words are shown, except who
 * published them. Annotations, contacts and attachments inside them follow the rules of their datatypes.
 */
export const definitional: readonly string[] = [
  ...'ActivityDefinition CapabilityStatement CatalogEntry ChargeItemDefinition CodeSystem'.split(' '),
  ...'CompartmentDefinition ConceptMap DeviceDefinition EffectEvidenceSynthesis EventDefinition Evidence'.split(' '),
  ...'EvidenceVariable ExampleScenario GraphDefinition ImplementationGuide Library Measure'.split(' '),
  ...'MedicationKnowledge MedicinalProduct MedicinalProductAuthorization MedicinalProductContraindication'.split(' '),
  ...'MedicinalProductIndication MedicinalProductIngredient MedicinalProductInteraction'.split(' '),
  ...'MedicinalProductManufactured MedicinalProductPackaged MedicinalProductPharmaceutical'.split(' '),
  ...'MedicinalProductUndesirableEffect MessageDefinition NamingSystem ObservationDefinition'.split(' '),
  ...'OperationDefinition PlanDefinition Questionnaire ResearchDefinition ResearchElementDefinition'.split(' '),
  ...'RiskEvidenceSynthesis SearchParameter SpecimenDefinition StructureDefinition StructureMap'.split(' '),
  ...'SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation'.split(' '),
  ...'SubstanceSourceMaterial SubstanceSpecification TerminologyCapabilities TestScript ValueSet'.split(' '),
  ...'DataRequirement ElementDefinition ParameterDefinition ProdCharacteristic SubstanceAmount'.split(' '),
];

/** The exceptions: who published a definitional resource may be a person. */
export const publishers: readonly string[] = ['publisher', 'responsible'];
