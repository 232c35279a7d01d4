import { identifiers } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import { fault } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';

export interface Identifier {
  readonly system?: string;
  readonly value?: string;
}

/** One alternative of `identifier=…` (FHIR R4 3.1.1.4.10, token): `system: ''` means "has no system". */
export interface IdentifierTest {
  readonly system: string | undefined;
  readonly value: string | undefined;
}

const label = (type: string, form: string): string => `${type}.identifier.${form}`;
const pair = (system: string, value: string): string => `${system.length}|${system}|${value}`;

/** The blind tokens under which an identifier is found: by value, by system with value, by system. */
export function identifierTokens(vault: Vault, type: string, { system = '', value }: Identifier): bigint[] {
  const tokens: bigint[] = [];
  if (value !== undefined) {
    tokens.push(vault.token(label(type, 'value'), value), vault.token(label(type, 'both'), pair(system, value)));
  }
  if (system !== '') tokens.push(vault.token(label(type, 'system'), system));
  return tokens;
}

export function testToken(vault: Vault, type: string, test: IdentifierTest): bigint {
  if (test.value === undefined) return vault.token(label(type, 'system'), test.system ?? '');
  if (test.system === undefined) return vault.token(label(type, 'value'), test.value);
  return vault.token(label(type, 'both'), pair(test.system, test.value));
}

const matches = (test: IdentifierTest, { system = '', value }: Identifier): boolean =>
  (test.system === undefined || test.system === system) && (test.value === undefined || test.value === value);

/** Whether the opened resource really has the identifier: tokens only narrow, this decides. */
export const hasIdentifier = (resource: JsonObject, tests: readonly IdentifierTest[]): boolean =>
  identifiers(resource).some((identifier) => tests.some((test) => matches(test, identifier)));

/** Splits on an unescaped separator and undoes `\,` `\|` `\$` `\\` (FHIR R4 3.1.1.4.1.1). */
function splitEscaped(text: string, separator: string): string[] {
  const parts = [''];
  for (let index = 0; index < text.length; index += 1) {
    const letter = text[index] as string;
    if (letter === '\\' && index + 1 < text.length) {
      parts[parts.length - 1] += letter + text[index + 1];
      index += 1;
    } else if (letter === separator) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts;
}

const unescaped = (text: string): string => text.replace(/\\([,|$\\])/g, '$1');

/** Reads the value of an `identifier` parameter: alternatives separated by commas. */
export function parseIdentifierTests(text: string): IdentifierTest[] {
  return splitEscaped(text, ',').map((alternative) => {
    const [first = '', second, ...more] = splitEscaped(alternative, '|').map(unescaped);
    const test: IdentifierTest =
      second === undefined
        ? { system: undefined, value: first }
        : { system: first, value: second === '' ? undefined : second };
    if (more.length > 0 || (test.value === undefined && !test.system) || test.value === '') {
      throw fault('invalid', 'identifier: expected value, system|value, |value or system|');
    }
    return test;
  });
}
