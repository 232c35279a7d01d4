/**
 * Reviewed element by element: worded elements (`worded`, decide.ts) that no rule lifts and no list shows. They stay in
 * `clinical` because they carry the clinical story, may hold anything that somebody typed, and are therefore masked in
 * every view but `full`. Paths below the type. A test holds this list complete: a new element must be decided upon.
 * Definitional types (shown.ts) have no line here: their words are shown, but for `publisher` and `responsible`.
 */
export const freeText: Readonly<Record<string, string>> = {
  Account: 'description',
  AdverseEvent: 'suspectEntity.causality.productRelatedness',
  AllergyIntolerance: 'onsetString reaction.description',
  Annotation: 'text',
  Appointment: 'description comment patientInstruction',
  AppointmentResponse: 'comment',
  Attachment: 'data hash',
  AuditEvent:
    'outcomeDesc entity.description entity.detail.type entity.detail.valueString ' +
    'entity.detail.valueBase64Binary source.site',
  Binary: 'data',
  BiologicallyDerivedProduct: 'manipulation.description processing.description storage.description',
  BodyStructure: 'description',
  CarePlan: 'title description activity.detail.scheduledString activity.detail.description',
  ChargeItem: 'overrideReason',
  Claim: 'insurance.businessArrangement supportingInfo.valueString',
  ClaimResponse: 'disposition insurance.businessArrangement processNote.text',
  ClinicalImpression: 'description summary finding.basis',
  CodeableConcept: 'text',
  Communication: 'payload.contentString',
  CommunicationRequest: 'payload.contentString',
  Composition: 'title section.title',
  Condition: 'onsetString abatementString',
  Contract:
    'url version name title subtitle alias contentDefinition.copyright term.text term.action.linkId ' +
    'term.action.contextLinkId term.action.requesterLinkId term.action.performerLinkId ' +
    'term.action.reason term.action.reasonLinkId term.asset.condition term.asset.text ' +
    'term.asset.linkId term.asset.context.text term.asset.valuedItem.payment ' +
    'term.asset.valuedItem.linkId term.offer.text term.offer.linkId term.offer.answer.valueString ' +
    'term.offer.answer.valueUri',
  Coverage: 'network class.name',
  CoverageEligibilityRequest: 'insurance.businessArrangement',
  CoverageEligibilityResponse:
    'disposition insurance.item.name insurance.item.description insurance.item.authorizationUrl ' +
    'insurance.item.benefit.allowedString insurance.item.benefit.usedString',
  DetectedIssue: 'detail reference',
  Device: 'manufacturer modelNumber partNumber specialization.version version.value',
  DiagnosticReport: 'conclusion media.comment',
  DocumentManifest: 'source description',
  DocumentReference: 'description',
  Dosage: 'text patientInstruction',
  Endpoint: 'name',
  EnrollmentResponse: 'disposition',
  ExplanationOfBenefit:
    'disposition benefitBalance.name benefitBalance.description benefitBalance.financial.allowedString ' +
    'processNote.text supportingInfo.valueString',
  Expression: 'description name expression reference',
  Extension: 'valueBase64Binary valueId valueMarkdown valueOid valueString valueUri valueUuid',
  FamilyMemberHistory: 'ageString condition.onsetString',
  Goal: 'statusReason target.detailString',
  HealthcareService: 'comment extraDetails availabilityExceptions eligibility.comment notAvailable.description',
  ImagingStudy: 'description series.description series.instance.title',
  Immunization:
    'occurrenceString lotNumber education.documentType education.reference protocolApplied.series ' +
    'protocolApplied.doseNumberString protocolApplied.seriesDosesString',
  ImmunizationEvaluation: 'description series doseNumberString seriesDosesString',
  ImmunizationRecommendation:
    'recommendation.description recommendation.series recommendation.doseNumberString ' +
    'recommendation.seriesDosesString',
  InsurancePlan: 'name alias coverage.benefit.requirement plan.generalCost.comment',
  Invoice: 'cancelledReason paymentTerms',
  List: 'title',
  Location: 'availabilityExceptions',
  Media: 'deviceName',
  Medication: 'batch.lotNumber',
  MedicationAdministration: 'dosage.text',
  MessageHeader: 'destination.name source.name source.software source.version',
  Meta: 'source',
  MolecularSequence:
    'observedSeq referenceSeq.referenceSeqString repository.name variant.observedAllele ' +
    'variant.referenceAllele variant.cigar',
  NutritionOrder:
    'enteralFormula.baseFormulaProductName enteralFormula.additiveProductName ' +
    'enteralFormula.administrationInstruction oralDiet.instruction supplement.productName ' +
    'supplement.instruction',
  Observation: 'valueString component.valueString referenceRange.text',
  OperationOutcome: 'issue.diagnostics',
  Parameters:
    'parameter.valueBase64Binary parameter.valueId parameter.valueMarkdown parameter.valueOid ' +
    'parameter.valueString parameter.valueUri parameter.valueUuid',
  PaymentReconciliation: 'disposition processNote.text',
  PractitionerRole: 'availabilityExceptions notAvailable.description',
  Procedure: 'performedString',
  QuestionnaireResponse: 'item.text item.answer.valueString item.answer.valueUri',
  RelatedArtifact: 'label display citation url',
  RequestGroup: 'action.prefix action.title action.description action.textEquivalent',
  ResearchStudy: 'title description arm.name arm.description objective.name',
  ResearchSubject: 'assignedArm actualArm',
  RiskAssessment: 'mitigation prediction.rationale',
  Schedule: 'comment',
  ServiceRequest: 'patientInstruction',
  Slot: 'comment',
  Specimen: 'container.description processing.description',
  Subscription: 'reason error',
  Substance: 'description',
  Task:
    'description input.valueBase64Binary input.valueId input.valueMarkdown input.valueOid ' +
    'input.valueString input.valueUri input.valueUuid output.valueBase64Binary output.valueId ' +
    'output.valueMarkdown output.valueOid output.valueString output.valueUri output.valueUuid',
  TestReport:
    'name participant.uri participant.display setup.action.assert.message setup.action.assert.detail ' +
    'setup.action.operation.message setup.action.operation.detail test.name test.description',
  TriggerDefinition: 'name',
  VisionPrescription: 'lensSpecification.color lensSpecification.brand',
};
