import type { View } from '@safeguard/http';

/** The views that are made of the clinical segment alone. */
export type MaskedView = Exclude<View, 'full'>;

/** What a view does beside leaving out what was lifted, and masking words. */
export interface ViewRules {
  /** Addresses, profiles and links are shown where a public body gave them; ids that the sender chose are renamed. */
  readonly published: boolean;
  /** Codes of public terminologies only, without the words that stand beside them. */
  readonly codes: boolean;
  /** Dates and times are cut to the year; ages over 89, and years that tell one, are told together. */
  readonly years: boolean;
}

export const viewRules: Readonly<Record<MaskedView, ViewRules>> = {
  'without-identity': { published: false, codes: false, years: false },
  limited: { published: true, codes: false, years: false },
  deidentified: { published: true, codes: true, years: true },
};
