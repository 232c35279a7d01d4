export type { ValidateOptions } from './context.ts';
export {
  type CodeList,
  codeList,
  type ElementDefinition,
  isResourceType,
  patientCompartment,
  resourceTypes,
  type SearchParameter,
  searchParameters,
  type TypeDefinition,
  typeDefinition,
  typeName,
  typeNumber,
} from './definitions.ts';
export { compartmentPatients, type Identifier, identifiers } from './elements.ts';
export { parseJson, parseWritten, writeJson } from './json.ts';
export { type ReplaceLink, replaceLinks } from './links.ts';
export { isRawNumber, numberText, numberValue, type RawNumber } from './numbers.ts';
export { type ReferenceForm, referenceForm } from './reference-form.ts';
export { eachReference, type ReferenceObject, type ReferenceVisitor } from './references.ts';
export { dateSpan, dateTimeSpan, instantSpan, type Span } from './time.ts';
export { validate } from './validate.ts';
