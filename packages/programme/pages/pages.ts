import type { Route } from '@safeguard/http';
import { acknowledgeRoutes } from './acknowledge.ts';
import { checkRoutes } from './checks.ts';
import { controlRoutes } from './controls.ts';
import { decisionRoutes } from './decisions.ts';
import { inheritanceRoutes } from './inheritance.ts';
import { overviewRoutes } from './overview.ts';
import { parameterRoutes } from './parameters.ts';
import { allPolicyRoutes } from './policies.ts';
import type { ProgrammePagesDeps } from './ports.ts';
import { taskRoutes } from './tasks.ts';
import { waiverRoutes } from './waivers.ts';

/** What people who work here see at `/programme`. Server-rendered, without a script; see README.md. */
export const programmePages = (deps: ProgrammePagesDeps): Route[] => [
  ...overviewRoutes(deps),
  ...controlRoutes(deps),
  ...checkRoutes(deps),
  ...decisionRoutes(deps),
  ...waiverRoutes(deps),
  ...allPolicyRoutes(deps),
  ...acknowledgeRoutes(deps),
  ...taskRoutes(deps),
  ...parameterRoutes(deps),
  ...inheritanceRoutes(deps),
];
