import { isXhtml } from './narrative.ts';
import { isRawNumber, numberText } from './numbers.ts';
import { dateSpan, dateTimeSpan, instantSpan, isTime } from './time.ts';

/** One primitive type of R4 (datatypes.html): whether a JSON value is one, and what to say when it is not. */
export interface Primitive {
  readonly json: 'string' | 'number' | 'boolean';
  readonly fits: (value: unknown) => boolean;
  readonly expected: string;
}

const string_limit = 1_048_576;
const uri_limit = 65_536;
const decimal_limit = 64;

const text = (test: (value: string) => boolean, expected: string): Primitive => ({
  json: 'string',
  fits: (value) => typeof value === 'string' && test(value),
  expected,
});

const form = (pattern: RegExp, expected: string): Primitive => text((value) => pattern.test(value), expected);

// biome-ignore lint/suspicious/noControlCharactersInRegex: R4 datatypes.html, string: none below U+0020 but these three
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;
const visible = /\S/;

const isText = (value: string): boolean =>
  value.length <= string_limit && visible.test(value) && !control.test(value) && value.isWellFormed();

const string = text(isText, 'text of 1 to 1,048,576 characters, not of spaces alone, without control characters');

// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 3986 allows none of them
const uriForm = /^[^\s\u0000-\u001f\u007f]+$/;
const isUri = (value: string): boolean => value.length <= uri_limit && uriForm.test(value);

const int32 = (least: number): ((value: unknown) => boolean) => {
  return (value) => {
    if (typeof value !== 'number') return false;
    return Number.isInteger(value) && value >= least && value <= 2_147_483_647 && !Object.is(value, -0);
  };
};

const integer = (least: number, expected: string): Primitive => ({ json: 'number', fits: int32(least), expected });

function isDecimal(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (!isRawNumber(value)) return false;
  const digits = numberText(value) ?? '';
  return digits.length <= decimal_limit && Number.isFinite(Number(digits));
}

/**
 * RFC 4648 section 4, with padding; R4 allows white space inside. Searches, so that long content is not backtracked.
 */
function isBase64(value: string): boolean {
  const packed = /\s/.test(value) ? value.replace(/[ \t\r\n]/g, '') : value;
  if (packed.length === 0 || packed.length % 4 !== 0) return false;
  const end = packed.search(/[^A-Za-z0-9+/]/);
  return end < 0 || (end >= packed.length - 2 && /^={1,2}$/.test(packed.slice(end)));
}

const boolean: Primitive = { json: 'boolean', fits: (value) => typeof value === 'boolean', expected: 'true or false' };

export const primitives: ReadonlyMap<string, Primitive> = new Map([
  ['base64Binary', text(isBase64, 'base64 text with padding (RFC 4648)')],
  ['boolean', boolean],
  ['canonical', text(isUri, 'a canonical URL, optionally with |version, without spaces')],
  ['code', form(/^[^\s]+(?: [^\s]+)*$/, 'a code without leading, trailing or double spaces')],
  ['date', text((value) => dateSpan(value) !== undefined, 'a date of the calendar: YYYY, YYYY-MM or YYYY-MM-DD')],
  [
    'dateTime',
    text(
      (value) => dateTimeSpan(value) !== undefined,
      'a date of the calendar (YYYY, YYYY-MM, YYYY-MM-DD) or YYYY-MM-DDThh:mm:ss with a time zone (Z or +hh:mm)',
    ),
  ],
  ['decimal', { json: 'number', fits: isDecimal, expected: 'a decimal number of at most 64 characters' }],
  ['id', form(/^[A-Za-z0-9.-]{1,64}$/, 'an id: 1 to 64 letters, digits, - and .')],
  ['instant', text((value) => instantSpan(value) !== undefined, 'an instant: YYYY-MM-DDThh:mm:ss with a time zone')],
  ['integer', integer(-2_147_483_648, 'a whole number of 32 bits, without fraction or exponent')],
  ['markdown', string],
  ['oid', form(/^urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+$/, 'an OID: urn:oid:1.2.3')],
  ['positiveInt', integer(1, 'a whole number from 1 to 2147483647')],
  ['string', string],
  ['time', text(isTime, 'a time of day: hh:mm:ss')],
  ['unsignedInt', integer(0, 'a whole number from 0 to 2147483647')],
  ['uri', text(isUri, 'a URI without spaces')],
  // R4's pattern for url is that of uri, and HL7's own files hold relative ones.
  ['url', text(isUri, 'a URL without spaces')],
  [
    'uuid',
    form(/^urn:uuid:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, 'a UUID: urn:uuid: and 36 characters'),
  ],
  [
    'xhtml',
    text(isXhtml, 'an XHTML div in its namespace, with content, of R4’s harmless elements and attributes only'),
  ],
]);
