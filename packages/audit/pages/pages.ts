import type { Route } from '@safeguard/http';
import { officerRoutes } from './officers.ts';
import type { AuditPagesDeps } from './ports.ts';
import { recordRoutes } from './record.ts';

/** Who looked at a record: for patients at `/account/record`, for officers at `/access/patients/:id/accesses`. */
export const auditPages = (deps: AuditPagesDeps): Route[] => [...recordRoutes(deps), ...officerRoutes(deps)];
