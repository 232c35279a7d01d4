/** FHIR's datatypes in a Consent, read with care: what has another form than R4's is undefined. */

export type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

/** The items of a list; what is no list of objects answers undefined. */
export function listOf(value: unknown): readonly Fields[] | undefined {
  if (value === undefined) return [];
  return Array.isArray(value) && value.every(isFields) ? value : undefined;
}

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

export interface Code {
  readonly system?: string | undefined;
  readonly code: string;
}

export function codeOf({ system, code }: Fields): Code | undefined {
  const text = textOf(code);
  return text === undefined ? undefined : { system: textOf(system), code: text };
}

/** The codings of a CodeableConcept that have a code. */
export const codesOf = (concept: unknown): Code[] =>
  (listOf(fieldsOf(concept).coding) ?? []).flatMap((coding) => codeOf(coding) ?? []);

const referenceForm = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/;

/** `Type/id` of a reference to a resource of this server, without its version. */
export function localOf(reference: unknown): string | undefined {
  const [, type, id] = referenceForm.exec(textOf(fieldsOf(reference).reference) ?? '') ?? [];
  return type === undefined ? undefined : `${type}/${id}`;
}

const silent: ReadonlySet<string> = new Set(['id', 'extension']);

/** Whether an element has nothing but these properties: anything else may change what it means. */
export const hasOnly = (fields: Fields, known: ReadonlySet<string>): boolean =>
  Object.keys(fields).every((key) => known.has(key) || silent.has(key));
