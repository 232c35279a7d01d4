export { type HttpCheckDeps, httpChecks } from './checks.ts';
