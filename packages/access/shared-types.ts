/**
 * Types that hold nothing of a patient: who is limited to a patient's compartment may see them where a scope permits
 * the type, as long as the resource names no patient. A type that is not listed is seen within the compartment only.
 */
export const sharedTypes: ReadonlySet<string> = new Set([
  ...['Organization', 'Practitioner', 'PractitionerRole', 'Location', 'HealthcareService', 'Endpoint'],
  ...['OrganizationAffiliation', 'InsurancePlan', 'Medication', 'MedicationKnowledge', 'Substance', 'DeviceDefinition'],
  ...['CatalogEntry', 'SpecimenDefinition', 'ObservationDefinition', 'ActivityDefinition', 'PlanDefinition'],
  ...['Questionnaire', 'Library', 'Measure', 'EventDefinition', 'ChargeItemDefinition', 'ResearchStudy', 'Evidence'],
  ...['StructureDefinition', 'StructureMap', 'ValueSet', 'CodeSystem', 'ConceptMap', 'NamingSystem'],
  ...['SearchParameter', 'OperationDefinition', 'CapabilityStatement', 'CompartmentDefinition', 'GraphDefinition'],
  ...['ImplementationGuide', 'ExampleScenario', 'MessageDefinition', 'TerminologyCapabilities'],
]);
