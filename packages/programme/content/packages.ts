/**
 * Who can carry a mechanism: packages of the house, and `organization` for what people do. A test holds the list
 * against the packages that there are.
 */
export const housePackages: ReadonlySet<string> = new Set([
  ...['access', 'audit', 'config', 'fhir', 'http', 'identity', 'kernel', 'ledger', 'mail', 'programme', 'records'],
  ...['rights', 'seal', 'store', 'synthetic', 'verifier', 'server', 'cli', 'organization'],
]);
