import type { Operation, Route } from '@safeguard/http';
import { type Accounting, type Asked, accountingBundle, accountingOf } from './accounting/accounting.ts';
import { accountingOperations } from './accounting/operation.ts';
import { accountingPdf } from './accounting/pdf.ts';
import { startBackground } from './index/background.ts';
import { createFind } from './index/find.ts';
import { createFollowing } from './index/follow.ts';
import { createFresh } from './index/fresh.ts';
import { createMarks } from './index/marks.ts';
import { auditRoutes } from './routes.ts';
import type { AuditDeps, House } from './types.ts';

export interface Audit {
  /** AuditEvents at the FHIR base. */
  routes(): Route[];
  /** `/api/v1/access/patients/:id/accesses`, for the API that serves it. */
  operations(): readonly Operation[];
  /**
   * Who accessed a patient's record, complete as of now. Faults `invalid` for a period that ends before it begins,
   * `unavailable` while the index is too far behind.
   */
  accounting(tenant: number, patient: string, asked: Asked): Promise<Accounting>;
  /** An accounting as a tagged PDF. */
  pdf(accounting: Accounting): Promise<Buffer>;
  /** The accounting as a FHIR Bundle of AuditEvents; `base`: of the FHIR API. */
  bundle(tenant: number, patient: string, asked: Asked & { readonly base: string }): Promise<object>;
  /** Brings a tenant's index up to now, however long it takes. Answers how many entries were left to others: none. */
  follow(tenant: number): Promise<void>;
  /** Forgets a tenant's index and makes it anew. */
  rebuild(tenant: number): Promise<void>;
  /** Follows all tenants' logs in the background, until `close`. */
  start(): void;
  close(): Promise<void>;
}

const [interval_ms, share, wait_ms] = [2_000, 0.1, 5_000];

/** Who did: the ledger as FHIR AuditEvents, searchable, and the accounting of disclosures. */
export function createAudit(deps: AuditDeps): Audit {
  const { segment, ledger, people, log } = deps;
  const following = createFollowing({ ledger, marks: createMarks(segment), vault: deps.vault });
  const fresh = createFresh(following, deps.wait_ms ?? wait_ms);
  const house: House = { ...deps, find: createFind(segment), following, fresh };
  const settings = { interval_ms, share, ...deps.follow };
  let background: ReturnType<typeof startBackground> | undefined;
  const follow = async (tenant: number): Promise<void> => {
    while ((await following.run(tenant, { goOn: () => true })) > 0);
  };
  const audit: Audit = {
    routes: () => auditRoutes(house),
    operations: () => accountingOperations(audit),
    accounting: (tenant, patient, asked) => accountingOf(house, tenant, patient, asked),
    pdf: accountingPdf,
    bundle: (tenant, patient, asked) => accountingBundle(house, tenant, patient, asked),
    follow,
    rebuild: async (tenant) => {
      await following.reset(tenant);
      await follow(tenant);
    },
    start: () => {
      background ??= startBackground({ following, tenants: () => people.tenants(), log, ...settings });
    },
    close: async () => void (await background?.stop()),
  };
  return audit;
}
