import { isResourceType, parseJson } from '@safeguard/fhir';
import type { Answer, RequestContext, Route } from '@safeguard/http';
import { fault, isUuid } from '@safeguard/kernel';
import { batch } from './bundle/batch.ts';
import { planBundle } from './bundle/plan.ts';
import { transaction } from './bundle/transaction.ts';
import type { Call, Outcome, Shelf } from './call.ts';
import { callOf } from './call-of.ts';
import { capabilityStatement } from './capabilities.ts';
import { bodyTypes, fhirPath, preferenceOf, requireJson } from './negotiate.ts';
import { etag } from './respond.ts';
import { create } from './verbs/create.ts';
import { remove } from './verbs/delete.ts';
import { history } from './verbs/history.ts';
import { read } from './verbs/read.ts';
import { search } from './verbs/search.ts';
import { update } from './verbs/update.ts';
import { vread } from './verbs/vread.ts';

export interface RouteSettings {
  readonly bundle_bytes: number;
  readonly bundle_ms: number;
}

type Verb = (call: Call, context: RequestContext, type: string) => Promise<Outcome>;

/** The route table: each line names an interaction of FHIR R4 3.1 and the verb that does it. */
export function createRoutes(shelf: Shelf, settings: RouteSettings): Route[] {
  const typed: [Route['method'], string, string, Verb, Partial<Route>?][] = [
    ['GET', '/:type/:id', 'read', (call, { params }, type) => read(shelf, call, type, params.id ?? '')],
    [
      'GET',
      '/:type/:id/_history',
      'history-instance',
      (call, { params, query }, type) => history(shelf, call, type, params.id ?? '', query),
    ],
    [
      'GET',
      '/:type/:id/_history/:version',
      'vread',
      (call, { params }, type) => vread(shelf, call, type, params.id ?? '', params.version ?? ''),
    ],
    [
      'POST',
      '/:type',
      'create',
      (call, { body }, type) => create(shelf, call, type, () => parseJson(body)),
      { accepts: bodyTypes },
    ],
    [
      'PUT',
      '/:type/:id',
      'update',
      (call, { body, params }, type) => update(shelf, call, type, params.id ?? '', () => parseJson(body)),
      { accepts: bodyTypes },
    ],
    ['DELETE', '/:type/:id', 'delete', (call, { params }, type) => remove(shelf, call, type, params.id ?? '')],
    ['GET', '/:type', 'search-type', (call, { query }, type) => search(shelf, call, type, query)],
    [
      'POST',
      '/:type/_search',
      'search-type',
      (call, context, type) => search(shelf, call, type, formAndQuery(context)),
      { accepts: ['application/x-www-form-urlencoded'] },
    ],
  ];
  const table: Route[] = typed.map(([method, path, action, verb, more]) => ({
    method,
    path: `${fhirPath}${path}`,
    action,
    auth: 'token',
    errors: 'fhir',
    handle: (context) => answerWith(shelf, context, action, verb),
    ...more,
  }));
  table.push({
    method: 'POST',
    path: fhirPath,
    action: 'transaction',
    auth: 'token',
    errors: 'fhir',
    accepts: bodyTypes,
    limit_bytes: settings.bundle_bytes,
    deadline_ms: settings.bundle_ms,
    handle: (context) => answerBundle(shelf, context),
  });
  const date = new Date().toISOString();
  const served = new Set([...table.map(({ action }) => action), 'batch']);
  table.push({
    method: 'GET',
    path: `${fhirPath}/metadata`,
    action: 'capabilities',
    auth: 'none',
    errors: 'fhir',
    handle: (context) => {
      requireJson(context);
      const statement = capabilityStatement(served, `${context.base}${fhirPath}`, date);
      return { status: 200, body: JSON.stringify(statement) };
    },
  });
  return table;
}

const formAndQuery = ({ body, query }: RequestContext): URLSearchParams =>
  new URLSearchParams([...query, ...new URLSearchParams(body.toString('utf8'))]);

/** What every interaction takes beside its own: a parameter that is not served is refused, never ignored. */
const general = new Set(['_format', '_pretty']);
/** Interactions that read their own parameters, and refuse others themselves. */
const asking = new Set(['search-type', 'history-instance']);

function refuseParameters({ query }: RequestContext): void {
  if ([...query.keys()].every((name) => general.has(name))) return;
  throw fault('invalid', `Unknown parameter. Known here: ${[...general].join(', ')}`);
}

async function answerWith(shelf: Shelf, context: RequestContext, action: string, verb: Verb): Promise<Answer> {
  requireJson(context);
  if (!asking.has(action)) refuseParameters(context);
  const type = context.params.type ?? '';
  if (!isResourceType(type)) throw fault('missing', 'No such resource type in FHIR R4');
  const { id = '' } = context.params;
  // Told before anything is decided, so that a denial says in the ledger what it denied.
  if (isUuid(id)) context.about?.([{ type, id }]);
  const outcome = await verb(callOf(context, action), context, type);
  const writes = action === 'create' || action === 'update';
  return toAnswer(shelf, context, outcome, !writes || preferenceOf(context, 'representation'));
}

async function answerBundle(shelf: Shelf, context: RequestContext): Promise<Answer> {
  requireJson(context);
  refuseParameters(context);
  const { type, entries } = planBundle(parseJson(context.body), `${context.base}${fhirPath}`);
  const call = callOf(context, type);
  shelf.guard(call.principal, type, { type: 'Bundle' });
  const preference = preferenceOf(context, 'minimal');
  const outcome =
    type === 'batch'
      ? await batch(shelf, call, entries, preference)
      : await transaction(shelf, call, entries, preference);
  return toAnswer(shelf, context, outcome, true);
}

/** `body`: true sends what there is; else what the caller prefers of a write's result. */
function toAnswer(shelf: Shelf, context: RequestContext, outcome: Outcome, body: true | string): Answer {
  const { status, head, targets, event } = outcome;
  const { tenant } = context.principal;
  const location = head && `${context.base}${fhirPath}/${head.type}/${head.id}/_history/${head.version}`;
  return {
    status,
    headers: {
      ...(head ? { etag: etag(head.version), 'last-modified': head.at.toUTCString() } : {}),
      ...(location && (status === 201 || status === 200) && event ? { location } : {}),
    },
    ...bodyOf(outcome, body),
    targets,
    ...(event ? { event, chained: () => shelf.intents.settle(tenant, event.id) } : {}),
  };
}

function bodyOf(outcome: Outcome, body: true | string): Pick<Answer, 'body'> {
  if (body === 'minimal') return {};
  if (body !== 'OperationOutcome') return outcome.text === undefined ? {} : { body: outcome.text };
  const issue = [{ severity: 'information', code: 'informational', diagnostics: 'Written' }];
  return { body: JSON.stringify({ resourceType: 'OperationOutcome', issue }) };
}
