/**
 * Values of OSCAL's type string: one line, not empty, no white space at its ends. What such a value cannot hold is
 * written with a backslash (`\u000a`, and `\0` for nothing); a backslash is two. All else stands as it is: values are
 * no markup.
 */
const unfit = /^\s+|\s+$|[\n\r\u2028\u2029]+|\p{Surrogate}/gu;

const unitsOf = (found: string): string =>
  Array.from({ length: found.length }, (_, at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');

export const toValue = (given: string): string =>
  given === '' ? '\\0' : given.replaceAll('\\', '\\\\').replace(unfit, unitsOf);

export const fromValue = (value: string): string =>
  value === '\\0'
    ? ''
    : value.replace(/\\(?:u([0-9a-f]{4})|\\)/g, (_, unit?: string) =>
        unit === undefined ? '\\' : String.fromCharCode(Number.parseInt(unit, 16)),
      );
