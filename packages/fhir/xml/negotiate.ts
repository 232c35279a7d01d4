export type Format = 'json' | 'xml';

/** R4 3.1.0.1.11 and 3.1.0.1.12: types and short names of a format. */
const formats: ReadonlyMap<string, Format> = new Map([
  ['application/fhir+json', 'json'],
  ['application/json', 'json'],
  ['text/json', 'json'],
  ['json', 'json'],
  ['application/fhir+xml', 'xml'],
  ['application/xml', 'xml'],
  ['text/xml', 'xml'],
  ['xml', 'xml'],
]);

/** One media range of an Accept header, or a media type. */
interface Range {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Longest header that is read. */
const header_limit = 4000;

function readRange(text: string): Range {
  const [type = '', ...rest] = text.split(';');
  const parameters = rest.map((part): [string, string] => {
    const [name = '', value = ''] = part.split('=');
    return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, '$1')];
  });
  return { type: type.trim().toLowerCase(), parameters: new Map(parameters) };
}

/** R4 is what is served; a range that asks for another version does not match (R4 versioning.html, `fhirVersion`). */
function isR4({ parameters }: Range): boolean {
  const version = parameters.get('fhirversion');
  return version === undefined || /^4\.0(?:\.\d+)?$/.test(version);
}

/** 0 to 1 (RFC 9110 12.4.2); what is none counts as 0. */
function weight({ parameters }: Range): number {
  const text = parameters.get('q');
  if (text === undefined) return 1;
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}

/** How closely a range names a format: 3 its type, 2 `application/*` or `text/*`, 1 everything; 0 not at all. */
function closeness({ type }: Range, format: Format): number {
  if (formats.get(type) === format) return 3;
  if (type === 'application/*' || type === 'text/*') return 2;
  return type === '*/*' || type === '*' ? 1 : 0;
}

/** The weight that the closest ranges give a format (RFC 9110 12.5.1). */
function rated(ranges: readonly Range[], format: Format): { readonly close: number; readonly weight: number } {
  let best = { close: 0, weight: 0 };
  for (const range of ranges) {
    const close = closeness(range, format);
    if (close === 0 || close < best.close) continue;
    best = { close, weight: close > best.close ? weight(range) : Math.max(best.weight, weight(range)) };
  }
  return best;
}

/** `+` in an address is a space to who reads a form. */
const named = (parameter: string): Range => readRange(parameter.trim().replace(/ (?=json|xml)/i, '+'));

/**
 * The format of an answer: `_format` where it is given, else the Accept header by its weights, JSON where both are as
 * welcome and as closely named (R4 3.1.0.1.11). Undefined: neither is acceptable, 406.
 */
export function formatOf(accept: string | undefined, formatParameter?: string | null): Format | undefined {
  if (formatParameter !== undefined && formatParameter !== null && formatParameter !== '') {
    const range = named(formatParameter);
    if (range.type === '*/*' && isR4(range)) return formatOf(accept);
    return isR4(range) ? formats.get(range.type) : undefined;
  }
  if (accept === undefined || accept.trim() === '') return 'json';
  const ranges = accept.slice(0, header_limit).split(',').map(readRange).filter(isR4);
  const [json, xml] = [rated(ranges, 'json'), rated(ranges, 'xml')];
  if (json.weight === 0 && xml.weight === 0) return undefined;
  if (json.weight !== xml.weight) return json.weight > xml.weight ? 'json' : 'xml';
  return xml.close > json.close ? 'xml' : 'json';
}

/**
 * The format of a body by its Content-Type; without one, JSON. Undefined for another type, charset than UTF-8 or
 * version than R4: 415.
 */
export function bodyFormatOf(contentType: string | undefined): Format | undefined {
  if (contentType === undefined || contentType.trim() === '') return 'json';
  const range = readRange(contentType);
  const charset = (range.parameters.get('charset') ?? 'utf-8').toLowerCase();
  if (!range.type.includes('/') || !['utf-8', 'utf8'].includes(charset) || !isR4(range)) return undefined;
  return formats.get(range.type);
}
