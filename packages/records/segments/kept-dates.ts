/**
 * Reviewed element by element: dates and times that stay in `clinical` and are shown as they are, also in the
 * de-identified view: they are when care happened, and the order of events is the clinical story. By Safe Harbor
 * (45 CFR 164.514(b)(2)(i)(C)) they would have to be cut to the year. That generalisation is not part of this view yet:
 * what it shows is pseudonymous, not de-identified in the sense of Safe Harbor. Birth and death dates are lifted.
 * Paths below the type. A test holds this list complete. Definitional types (shown.ts) have no line here.
 */
export const keptDates: Readonly<Record<string, string>> = {
  AdverseEvent: 'date detected recordedDate',
  AllergyIntolerance: 'onsetDateTime recordedDate lastOccurrence reaction.onset',
  Annotation: 'time',
  Appointment: 'start end created',
  AppointmentResponse: 'start end',
  Attachment: 'creation',
  AuditEvent: 'recorded',
  Basic: 'created',
  BiologicallyDerivedProduct: 'collection.collectedDateTime manipulation.timeDateTime processing.timeDateTime',
  Bundle: 'timestamp entry.request.ifModifiedSince entry.response.lastModified',
  CarePlan: 'created',
  ChargeItem: 'occurrenceDateTime enteredDate',
  Claim: 'created accident.date item.servicedDate procedure.date supportingInfo.timingDate',
  ClaimResponse: 'created addItem.servicedDate payment.date',
  ClinicalImpression: 'effectiveDateTime date',
  Communication: 'sent received',
  CommunicationRequest: 'occurrenceDateTime authoredOn',
  Composition: 'date attester.time',
  Condition: 'onsetDateTime abatementDateTime recordedDate',
  Consent: 'dateTime verification.verificationDate',
  Contract:
    'issued contentDefinition.publicationDate term.issued term.action.occurrenceDateTime ' +
    'term.asset.valuedItem.effectiveTime term.asset.valuedItem.paymentDate term.offer.answer.valueDate ' +
    'term.offer.answer.valueDateTime term.offer.answer.valueTime',
  CoverageEligibilityRequest: 'servicedDate created',
  CoverageEligibilityResponse: 'servicedDate created',
  DetectedIssue: 'identifiedDateTime mitigation.date',
  Device: 'manufactureDate expirationDate',
  DeviceMetric: 'calibration.time',
  DeviceRequest: 'occurrenceDateTime authoredOn',
  DeviceUseStatement: 'timingDateTime recordedOn',
  DiagnosticReport: 'effectiveDateTime issued',
  DocumentManifest: 'created',
  DocumentReference: 'date',
  EnrollmentRequest: 'created',
  EnrollmentResponse: 'created',
  ExplanationOfBenefit:
    'created accident.date addItem.servicedDate item.servicedDate payment.date procedure.date ' +
    'supportingInfo.timingDate',
  Extension: 'valueDate valueDateTime valueInstant valueTime',
  FamilyMemberHistory: 'date',
  Goal: 'startDate statusDate target.dueDate',
  GuidanceResponse: 'occurrenceDateTime',
  HealthcareService: 'availableTime.availableStartTime availableTime.availableEndTime',
  ImagingStudy: 'started series.started',
  Immunization:
    'occurrenceDateTime recorded expirationDate education.publicationDate education.presentationDate ' +
    'reaction.date',
  ImmunizationEvaluation: 'date',
  ImmunizationRecommendation: 'date recommendation.dateCriterion.value',
  Invoice: 'date',
  List: 'date entry.date',
  Location: 'hoursOfOperation.openingTime hoursOfOperation.closingTime',
  MarketingStatus: 'restoreDate',
  MeasureReport: 'date',
  Media: 'createdDateTime issued',
  Medication: 'batch.expirationDate',
  MedicationAdministration: 'effectiveDateTime',
  MedicationDispense: 'whenPrepared whenHandedOver',
  MedicationRequest: 'authoredOn',
  MedicationStatement: 'effectiveDateTime dateAsserted',
  Meta: 'lastUpdated',
  NutritionOrder: 'dateTime',
  Observation:
    'effectiveDateTime effectiveInstant issued valueTime valueDateTime component.valueTime ' +
    'component.valueDateTime',
  Parameters: 'parameter.valueDate parameter.valueDateTime parameter.valueInstant parameter.valueTime',
  PaymentNotice: 'created paymentDate',
  PaymentReconciliation: 'created paymentDate detail.date',
  Period: 'start end',
  PractitionerRole: 'availableTime.availableStartTime availableTime.availableEndTime',
  Procedure: 'performedDateTime',
  Provenance: 'occurredDateTime recorded',
  QuestionnaireResponse: 'authored item.answer.valueDate item.answer.valueDateTime item.answer.valueTime',
  RequestGroup: 'authoredOn action.timingDateTime',
  RiskAssessment: 'occurrenceDateTime',
  ServiceRequest: 'occurrenceDateTime authoredOn',
  Signature: 'when',
  Slot: 'start end',
  Specimen: 'receivedTime collection.collectedDateTime processing.timeDateTime',
  Subscription: 'end',
  Substance: 'instance.expiry',
  SupplyDelivery: 'occurrenceDateTime',
  SupplyRequest: 'occurrenceDateTime authoredOn',
  Task:
    'authoredOn lastModified input.valueDate input.valueDateTime input.valueInstant input.valueTime ' +
    'output.valueDate output.valueDateTime output.valueInstant output.valueTime',
  TestReport: 'issued',
  Timing: 'event repeat.timeOfDay',
  TriggerDefinition: 'timingDate timingDateTime',
  VerificationResult: 'statusDate lastPerformed nextScheduled attestation.date primarySource.validationDate',
  VisionPrescription: 'created dateWritten',
};
