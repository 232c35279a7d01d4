/** What a provider said of a person, after every check of its form, signature, time and address. */
export interface Arrival {
  /** The stable name of the person at the provider: `sub`, or a NameID with its format. */
  readonly subject: string;
  readonly login: string | undefined;
  readonly name: string | undefined;
  readonly fhir_user: string | undefined;
  /** An address that the provider vouches for, for the list of domains. */
  readonly address: string | undefined;
  /** Who it is in the tenant's directory: the value of the claim that the provider's `directory` names. */
  readonly external_id?: string | undefined;
  readonly acr: string | undefined;
  readonly amr: readonly string[];
}

const mostCharacters = 256;

/** A value that may be a directory's `externalId`: exactly as it came. What has an @ is taken for an address. */
export const externalId = (value: string | undefined): string | undefined =>
  value === undefined || value.trim() === '' || value.length > mostCharacters || value.includes('@')
    ? undefined
    : value;
