/**
 * The 18 kinds of identifier that Safe Harbor removes: 45 CFR 164.514(b)(2)(i), paragraphs (A) to (R), numbered here
 * 1 to 18 in their order. They are identifiers "of the individual or of relatives, employers, or household members".
 */
export interface Category {
  readonly number: number;
  readonly paragraph: string;
  readonly name: string;
}

export const categories: readonly Category[] = [
  { number: 1, paragraph: 'A', name: 'names' },
  { number: 2, paragraph: 'B', name: 'geographic subdivisions smaller than a state' },
  { number: 3, paragraph: 'C', name: 'dates related to an individual, except the year; ages over 89' },
  { number: 4, paragraph: 'D', name: 'telephone numbers' },
  { number: 5, paragraph: 'E', name: 'fax numbers' },
  { number: 6, paragraph: 'F', name: 'electronic mail addresses' },
  { number: 7, paragraph: 'G', name: 'social security numbers' },
  { number: 8, paragraph: 'H', name: 'medical record numbers' },
  { number: 9, paragraph: 'I', name: 'health plan beneficiary numbers' },
  { number: 10, paragraph: 'J', name: 'account numbers' },
  { number: 11, paragraph: 'K', name: 'certificate and license numbers' },
  { number: 12, paragraph: 'L', name: 'vehicle identifiers and serial numbers, license plates included' },
  { number: 13, paragraph: 'M', name: 'device identifiers and serial numbers' },
  { number: 14, paragraph: 'N', name: 'web universal resource locators' },
  { number: 15, paragraph: 'O', name: 'internet protocol addresses' },
  { number: 16, paragraph: 'P', name: 'biometric identifiers, finger and voice prints included' },
  { number: 17, paragraph: 'Q', name: 'full-face photographs and comparable images' },
  { number: 18, paragraph: 'R', name: 'any other unique identifying number, characteristic or code' },
];
