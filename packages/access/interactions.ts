/** The five permissions of SMART App Launch 2.2, in the order in which a scope must spell them. */
export const letters = 'cruds';
export type Letter = 'c' | 'r' | 'u' | 'd' | 's';

/**
 * FHIR's interactions and the permission each needs (SMART App Launch 2.2, "Scopes for requesting FHIR resources").
 * Instance history is reading; type and system history is searching. A conditional create, update or delete also tells
 * whether something matches: the caller must guard `search-type` beside the interaction itself.
 */
export const typeInteractions: ReadonlyMap<string, Letter> = new Map<string, Letter>([
  ['create', 'c'],
  ['read', 'r'],
  ['vread', 'r'],
  ['history-instance', 'r'],
  ['update', 'u'],
  ['patch', 'u'],
  ['delete', 'd'],
  ['search-type', 's'],
  ['history-type', 's'],
  // Operations. `$everything` and `$lastn` show of every other type what a search would.
  ['meta', 'r'],
  ['meta-type', 's'],
  ['meta-add', 'u'],
  ['meta-delete', 'u'],
  ['validate', 'r'],
  ['everything', 'r'],
  ['lastn', 's'],
]);

/** Interactions over every type at once: only a scope on `*` with the letter permits them, whatever the target. */
export const systemInteractions: ReadonlyMap<string, Letter> = new Map<string, Letter>([
  ['search-system', 's'],
  ['history-system', 's'],
  ['meta-system', 's'],
]);

/** The envelopes. They need a caller with at least one scope; every entry is then decided on its own. */
export const envelopeInteractions: ReadonlySet<string> = new Set(['transaction', 'batch']);

/** What anyone may ask: the CapabilityStatement holds nothing of anybody. */
export const publicInteractions: ReadonlySet<string> = new Set(['capabilities']);
