import type { ParameterType } from './types.ts';
import { dateConvert } from './values-date.ts';
import { numberConvert, quantityConvert } from './values-quantity.ts';
import { referenceConvert } from './values-reference.ts';
import { textConvert, uriConvert } from './values-text.ts';
import { type Convert, tokenConvert } from './values-token.ts';

/**
 * What a JSON value of a FHIR datatype means to a parameter of a kind (R4 search.html, "Search parameter types" and the
 * tables of 3.1.1.4). A datatype that the kind cannot read gives nothing.
 */
export function converter(kind: ParameterType, type: string, binding: string | undefined): Convert | undefined {
  if (kind === 'token') return tokenConvert(type, binding);
  if (kind === 'string') return textConvert(type);
  if (kind === 'reference') return referenceConvert;
  if (kind === 'date') return dateConvert(type);
  if (kind === 'quantity') return quantityConvert(type);
  if (kind === 'number') return numberConvert;
  return kind === 'uri' ? uriConvert : undefined;
}
