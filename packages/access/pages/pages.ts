import type { Route } from '@safeguard/http';
import { askRoutes } from './ask.ts';
import { breakGlassRoutes } from './break-glass.ts';
import { explainRoutes } from './explain.ts';
import { grantRoutes } from './grants.ts';
import { holdRoutes } from './holds.ts';
import { noticeRoutes } from './notices.ts';
import { overviewRoutes } from './overview.ts';
import { patientRoutes } from './patients.ts';
import { policyRoutes } from './policies.ts';
import type { AccessPagesDeps } from './ports.ts';
import { requestRoutes } from './requests.ts';
import { reviewRoutes } from './reviews.ts';
import { useRoutes } from './uses.ts';

/** What people of the house see at `/access`. Server-rendered, without a script; see README.md. */
export const accessPages = (deps: AccessPagesDeps): Route[] => [
  ...overviewRoutes(deps),
  ...askRoutes(deps),
  ...requestRoutes(deps),
  ...breakGlassRoutes(deps),
  ...useRoutes(deps),
  ...grantRoutes(deps),
  ...holdRoutes(deps),
  ...reviewRoutes(deps),
  ...policyRoutes(deps),
  ...noticeRoutes(deps),
  ...(deps.explain === undefined ? [] : explainRoutes(deps, deps.explain)),
  ...(deps.viewers === undefined ? [] : patientRoutes(deps, deps.viewers)),
];
