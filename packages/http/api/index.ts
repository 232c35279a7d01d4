export { documentOf, documentRoute, onlyDescribed } from './document.ts';
export { checkIfMatch, etagOf, isKnown } from './etag.ts';
export { checkFresh, fresh_ms } from './fresh.ts';
export type { Guard } from './guard.ts';
export { checked, present, readJson, readQuery } from './input.ts';
export {
  type Asked,
  apiPrefix,
  type Operation,
  type Outcome,
  operation,
  type Param,
  type RouteDeps,
  routeOf,
  type Spec,
} from './operation.ts';
export { badCursor, linkOf, type Page, pageOf, pageQuery, slice } from './page.ts';
export { component, named, pageSchema, problemSchema, time, uuid } from './schemas.ts';
