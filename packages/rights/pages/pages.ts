import type { Route } from '@safeguard/http';
import { askingRoutes } from './asking.ts';
import { deskRoutes } from './desk.ts';
import { oneRoutes } from './one.ts';
import type { RightsPagesDeps } from './ports.ts';

/** What patients ask at `/account/record/…`, and the officers' desk at `/rights`. */
export const rightsPages = (deps: RightsPagesDeps): Route[] => [
  ...askingRoutes(deps),
  ...oneRoutes(deps),
  ...deskRoutes(deps),
];
