export { type SealCheckDeps, sealChecks } from './checks.ts';
