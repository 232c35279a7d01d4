import type { Route } from '@safeguard/http';
import type { Shelf } from './call.ts';
import {
  createPublished,
  metadataRoute,
  type Reindexing,
  reindexLines,
  servedOf,
  withPublished,
} from './conformance/index.ts';
import { routeOf } from './routes/answer.ts';
import { type BundleSettings, bundleRoute } from './routes/bundle.ts';
import { instanceLines, systemLines, typeLines } from './routes/interactions.ts';
import { operationLines } from './routes/operations.ts';
import { forRecipients } from './routes/recipients.ts';
import type { ServedTypes } from './served-elsewhere.ts';

export type RouteSettings = BundleSettings;

/** The route table: each line names an interaction of FHIR R4 3.1, or an operation, and the verb that does it. */
export function createRoutes(
  shelf: Shelf,
  settings: RouteSettings,
  reindexing: Reindexing,
  elsewhere: ServedTypes = {},
): Route[] {
  const lines = [
    ...[...instanceLines(shelf), ...typeLines(shelf), ...systemLines(shelf)],
    ...[...operationLines(shelf), ...reindexLines(shelf, reindexing)],
  ];
  const date = new Date().toISOString();
  const bundles = bundleRoute(shelf, settings);
  const served = servedOf([...lines.map((line) => routeOf(shelf, line)), bundles]);
  const published = createPublished(served.operations, date);
  const table = lines.map((line) => routeOf(shelf, withPublished(shelf, published, line)));
  const routes = [...table, bundles].map((route) => forRecipients(shelf, route));
  return [...routes, metadataRoute(served, date, elsewhere)];
}
