/** A FHIR R4 resource as plain JSON. */
export type Resource = { resourceType: string; id?: string; [element: string]: unknown };

export interface BundleEntry {
  readonly fullUrl: string;
  readonly resource: Resource;
  readonly request: { readonly method: 'POST'; readonly url: string; readonly ifNoneExist?: string };
}

/** A FHIR R4 transaction Bundle: every entry is a POST under a `urn:uuid:` fullUrl. */
export interface TransactionBundle {
  readonly resourceType: 'Bundle';
  readonly type: 'transaction';
  readonly entry: BundleEntry[];
}

/** A code with its system, as it stands in a `Coding`. */
export interface Concept {
  readonly system: string;
  readonly code: string;
  readonly display: string;
}

export type Sex = 'female' | 'male';
