import type { Guard, Occasion, Operation, Principal, Route } from '@safeguard/http';
import type { Clock } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import type { Access } from './access.ts';
import { createExplain } from './answers/explain.ts';
import type { CrowdPort, Questions } from './answers/ports.ts';
import { createViewers } from './answers/viewers/viewers.ts';
import type { ConsentNotesPort, ExplainPort, ViewersPort } from './api/answers.ts';
import { accessOperations } from './api/api.ts';
import { createBreakGlass } from './break-glass/break-glass.ts';
import { compileConsents } from './consent/compile.ts';
import { notedConsents } from './consent/noted.ts';
import type { AccessLog, GrantDeps, Limits } from './grants/deps.ts';
import { createGrants } from './grants/grants.ts';
import type { BreakGlass, Grants, Requests } from './grants/types.ts';
import { createHolds } from './holds/holds.ts';
import type { Holds } from './holds/types.ts';
import { createNotices } from './notices/notices.ts';
import type { MailPort } from './notices/send.ts';
import type { Notices } from './notices/types.ts';
import { accessPages } from './pages/pages.ts';
import type { AccessPagesDeps } from './pages/ports.ts';
import type { PeoplePort } from './people-port.ts';
import { createPolicies } from './policies/policies.ts';
import type { Sample } from './policies/simulator/types.ts';
import type { Policies } from './policies/types.ts';
import type { PolicyVocabulary } from './policies/vocabulary.ts';
import { holdersOf } from './requests/approvers.ts';
import { createRequests } from './requests/requests.ts';
import { createReviews } from './reviews/reviews.ts';
import type { Reviews } from './reviews/types.ts';
import { createStanding, type Standings } from './standing/standing.ts';
import type { ClinicalFacts } from './standing/types.ts';

export interface GovernanceDeps {
  /** The identity segment. */
  readonly segment: Segment;
  /** A tenant's vault in the identity segment. */
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly clock: Clock;
  readonly people: PeoplePort & CrowdPort;
  readonly access: Pick<Access, 'decide' | 'explain'>;
  readonly clinical: ClinicalFacts;
  readonly vocabulary: PolicyVocabulary;
  /** What is stored, for answers about rights and for the simulator. */
  readonly questions: Questions & { readonly sample: Sample };
  readonly mail?: MailPort;
  /** Numbers of the house. */
  readonly limits?: Limits;
  /** Public base of our pages, no trailing slash. */
  readonly base: string;
  readonly log: AccessLog;
}

/** Why somebody may, who can see a patient, which Consents are not understood: for whoever guards them. */
export interface Answers {
  readonly explain: ExplainPort;
  readonly viewers: ViewersPort;
  readonly consentNotes: ConsentNotesPort;
}

/** Who guards the pages, whose they are, and how people are found. */
export type PagesBy = Pick<AccessPagesDeps, 'guard' | 'frame' | 'byLogin' | 'accounts'>;

/** What stands behind `decide`: policies, grants and how they come about, consents, reviews, notices. */
export interface Governance {
  entitle(principal: Principal, occasion: Occasion): Principal | Promise<Principal>;
  readonly standings: Standings;
  readonly policies: Policies;
  readonly requests: Requests;
  readonly grants: Grants;
  readonly holds: Holds;
  readonly breakGlass: BreakGlass;
  readonly reviews: Reviews;
  readonly notices: Notices;
  readonly answers: Answers;
  /** `/api/v1/access`. */
  operations(by: { readonly guard: Guard }): Operation[];
  /** `/access`: the pages. */
  pages(by: PagesBy): Route[];
  /** Ids of those who work on what patients ask. */
  privacyOfficers(tenant: number): Promise<readonly string[]>;
  /** Ids of the active workforce who hold one of these roles at this moment, for the whole tenant. */
  holders(tenant: number, roles: readonly string[]): Promise<readonly string[]>;
  /** Starts sending mail. Campaigns begin by `reviews.due`, which the composition root calls. */
  start(): void;
  close(): Promise<void>;
}

/** One line in the composition root. */
export function createGovernance(deps: GovernanceDeps): Governance {
  const { clock, people } = deps;
  // The policies tell the standings of a change, and the standings ask the policies: the one is made first.
  const changed = (tenant: number): void => standings.forget(tenant);
  const notices = createNotices(deps);
  const policies = createPolicies({ ...deps, notices, changed, sample: deps.questions.sample });
  const parts: GrantDeps = { ...deps, policies, notices, changed };
  const standings: Standings = createStanding({ ...deps, policies });
  const reviews = createReviews({ ...deps, policies, notices, changed });
  const served = {
    requests: createRequests(parts),
    grants: createGrants(parts),
    holds: createHolds(parts),
    breakGlass: createBreakGlass(parts),
    ...{ policies, reviews, notices },
  };
  const answers: Answers = {
    explain: createExplain({ ...deps, ...served, standings }),
    viewers: createViewers({ ...deps, standings }),
    consentNotes: async (tenant) => notedConsents(compileConsents(await deps.clinical.consents(tenant))),
  };
  return {
    ...{ entitle: standings.entitle, standings, answers, ...served },
    async privacyOfficers(tenant) {
      const { granted, administrators } = await holdersOf(deps, tenant, ['privacy-officer', 'administrator']);
      return [...new Set([...granted, ...administrators])];
    },
    async holders(tenant, roles) {
      const { granted, administrators } = await holdersOf(deps, tenant, roles);
      return [...new Set([...granted, ...administrators])];
    },
    operations: ({ guard }) => accessOperations({ ...served, ...answers, guard, people, clock }),
    pages: (by) => accessPages({ ...served, ...answers, ...by, people, clock }),
    start: notices.start,
    async close() {
      await notices.close();
      await standings.close();
    },
  };
}
