import type { Arrival } from './arrival.ts';
import type { ProviderSettings } from './types.ts';

/**
 * 2 when the provider says, in a value that the tenant trusts for it, that two factors were shown (NIST SP 800-63C-4
 * 4.7: assurance is agreed on, never guessed). Everything else is 1: our own second factor follows.
 */
export const levelOf = ({ trusted_acr, trusted_amr }: ProviderSettings, { acr, amr }: Arrival): 1 | 2 =>
  (acr !== undefined && trusted_acr.includes(acr)) || amr.some((value) => trusted_amr.includes(value)) ? 2 : 1;
