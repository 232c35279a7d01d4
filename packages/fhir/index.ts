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
  searchParameterUrl,
  type TypeDefinition,
  typeDefinition,
  typeName,
  typeNumber,
} from './definitions.ts';
export { compartmentPatients, type Identifier, identifiers } from './elements.ts';
export {
  type CompiledPath,
  type CompileOptions,
  compilePath,
  type PathEnvironment,
  type PathNode,
} from './fhirpath/index.ts';
export { parseJson, parseWritten, writeJson } from './json.ts';
export { type ReplaceLink, replaceLinks } from './links.ts';
export { isRawNumber, numberText, numberValue, type RawNumber } from './numbers.ts';
export { type ArchiveLimits, archive_limits } from './package/archive.ts';
export { type FhirPackage, readPackage, registryUrl } from './package/index.ts';
export { fhirpathPatch } from './patch/fhirpath-patch.ts';
export { jsonPatch } from './patch/json-patch.ts';
export {
  type Coded,
  createProfiles,
  type Profiles,
  type ProfileValidateOptions,
  profileTypes,
} from './profile/index.ts';
export { type PublishedEntry, publishedByUrl, publishedEntries, publishedText, publishedTypes } from './published.ts';
export { type ReferenceForm, referenceForm } from './reference-form.ts';
export { eachReference, type ReferenceObject, type ReferenceVisitor } from './references.ts';
export {
  bindTo,
  commonParameters,
  compileCustom,
  createExtractor,
  dateMatches,
  type Extractor,
  inBase,
  matches,
  numberMatches,
  parametersOf,
  readSearch,
  textMatches,
  textOf,
  type UnitForm,
  unitForm,
  valuesMatch,
  valuesOf,
  wordsOf,
} from './search/index.ts';
export type {
  CompositeValue,
  Condition,
  Criterion,
  CustomParameter,
  DateValue,
  Include,
  Link,
  Modifier,
  NumberValue,
  Parameter,
  ParameterType,
  Prefix,
  QuantityValue,
  ReadLimits,
  ReadOptions,
  ReferenceValue,
  SearchRequest,
  SearchValue,
  Sort,
  StringValue,
  Summary,
  Test,
  TokenValue,
  UriValue,
} from './search/types.ts';
export { type SubsetOptions, subset } from './subset/subset.ts';
export { dateSpan, dateTimeSpan, instantSpan, type Span } from './time.ts';
export { validate } from './validate.ts';
export { bodyFormatOf, type Format, formatOf } from './xml/negotiate.ts';
export { parseXml } from './xml/read.ts';
export { writeXml } from './xml/write.ts';
