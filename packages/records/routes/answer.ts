import { isResourceType } from '@safeguard/fhir';
import type { Answer, RequestContext, Route } from '@safeguard/http';
import { type Fault, fault, isUuid } from '@safeguard/kernel';
import type { Call, Outcome, Shelf } from '../call.ts';
import { callOf } from '../call-of.ts';
import { fhirPath, formatOf, preferenceOf, tellOutcome, writeAnswer } from '../negotiate.ts';
import { etag } from '../respond.ts';

/** Does one interaction; `type` is a type of R4, or '' where the path has none. */
export type Verb = (call: Call, context: RequestContext, type: string) => Promise<Outcome>;

/** A line of the route table: method, path below the FHIR base, interaction, verb. */
export type Line = readonly [
  method: Route['method'],
  path: string,
  action: string,
  verb: Verb,
  more?: Pick<Route, 'accepts' | 'limit_bytes' | 'deadline_ms'> & {
    /** Parameters that it takes beside `_format` and `_pretty`; `any`: it refuses others itself. */
    readonly takes?: readonly string[] | 'any';
    /** What is written is shown as the Prefer header wants it; absent: the answer is always sent. */
    readonly prefers?: 'minimal' | 'representation';
  },
];

export const nothingHere = (): Fault => fault('missing', 'There is nothing at this address');

/** What every interaction takes beside its own: a parameter that is not served is refused, never ignored. */
const general = ['_format', '_pretty'];

function refuseParameters({ query }: RequestContext, takes: readonly string[]): void {
  const known = [...general, ...takes];
  if ([...query.keys()].every((name) => known.includes(name))) return;
  throw fault('invalid', `Unknown parameter. Known here: ${known.join(', ')}`);
}

/** A route of the table. */
export function routeOf(shelf: Shelf, [method, path, action, verb, more = {}]: Line): Route {
  const { takes = [], prefers, ...rest } = more;
  return {
    method,
    path: `${fhirPath}${path}`,
    action,
    auth: 'token',
    errors: 'fhir',
    tell: tellOutcome,
    handle: async (context) => {
      formatOf(context);
      if (takes !== 'any') refuseParameters(context, takes);
      const { type, id = '' } = context.params;
      if (type !== undefined && !isResourceType(type)) throw fault('missing', 'No such resource type in FHIR R4');
      // Told before anything is decided, so that a denial says in the ledger what it denied.
      if (type !== undefined && isUuid(id)) context.about?.([{ type, id }]);
      const outcome = await verb(callOf(context, action), context, type ?? '');
      return toAnswer(shelf, context, outcome, prefers === undefined || preferenceOf(context, prefers));
    },
    ...rest,
  };
}

/** `body`: true sends what there is; else what the caller prefers of a write's result. */
export function toAnswer(shelf: Shelf, context: RequestContext, outcome: Outcome, body: true | string): Answer {
  const { status, head, targets, patients, asked, event } = outcome;
  if (asked !== undefined) context.found?.({ asked });
  const { tenant } = context.principal;
  const location = head && `${context.base}${fhirPath}/${head.type}/${head.id}/_history/${head.version}`;
  const text = textOf(outcome, body);
  return {
    status,
    headers: {
      ...(head ? { etag: etag(head.version), 'last-modified': head.at.toUTCString() } : {}),
      ...(location && (status === 201 || status === 200) && event ? { location } : {}),
    },
    ...(text === undefined ? {} : writeAnswer(text, formatOf(context))),
    targets,
    ...(patients ? { patients } : {}),
    ...(event ? { event, chained: () => shelf.intents.settle(tenant, event.id) } : {}),
  };
}

function textOf(outcome: Outcome, body: true | string): string | undefined {
  if (body === 'minimal') return undefined;
  if (body !== 'OperationOutcome') return outcome.text;
  const issue = [{ severity: 'information', code: 'informational', diagnostics: 'Written' }];
  return JSON.stringify({ resourceType: 'OperationOutcome', issue });
}
