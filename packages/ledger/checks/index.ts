export { type LedgerCheckDeps, ledgerChecks } from './checks.ts';
export type { LedgerVerifier } from './verifier-port.ts';
