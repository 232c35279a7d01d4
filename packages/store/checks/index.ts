export { attempt, refusal } from './attempt.ts';
export { type StoreCheckDeps, storeChecks } from './checks.ts';
