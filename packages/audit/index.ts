export type { Accounting, Asked } from './accounting/accounting.ts';
export { type Disclosure, disclosureOf } from './accounting/disclosure.ts';
export {
  type AccountingPort,
  accountingAnswer,
  accountingFiles,
  accountingOperations,
  accountingQuery,
  accountingSchema,
  accountingView,
  askedOf,
} from './accounting/operation.ts';
export type { AccessRow, Party } from './accounting/rows.ts';
export { disclosureWords, purposeOf, timeWords, whatWords, whoWords } from './accounting/words.ts';
export { type Audit, createAudit } from './audit.ts';
export { auditChecks, newestActors } from './checks/checks.ts';
export type { AuditCheckDeps } from './checks/deps.ts';
export { migrations } from './migrations.ts';
export { auditPages } from './pages/pages.ts';
export type { AuditPagesDeps } from './pages/ports.ts';
export { servedAuditEvents } from './search/query.ts';
export type { AuditDeps } from './types.ts';
