/** The ranks of ARCHITECTURE.md: a package imports lower ranks only. A package that is not here is refused. */
export const ranks: Readonly<Record<string, number>> = {
  kernel: 0,
  config: 0,
  fhir: 0,
  verifier: 0,
  store: 1,
  seal: 1,
  synthetic: 1,
  ledger: 2,
  http: 2,
  identity: 3,
  access: 3,
  records: 4,
  server: 6,
  cli: 7,
};
