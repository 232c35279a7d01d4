/** What a provider said of a person, after every check of its form, signature, time and address. */
export interface Arrival {
  /** The stable name of the person at the provider: `sub`, or a NameID with its format. */
  readonly subject: string;
  readonly login: string | undefined;
  readonly name: string | undefined;
  readonly fhir_user: string | undefined;
  /** An address that the provider vouches for, for the list of domains. */
  readonly address: string | undefined;
  readonly acr: string | undefined;
  readonly amr: readonly string[];
}
