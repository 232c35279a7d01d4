import { type Clock, fault, isFault, isUuid } from '@safeguard/kernel';
import { z } from 'zod';
import type { Answer, Principal, RequestContext, Route, Target } from '../types.ts';
import { checkFresh } from './fresh.ts';
import type { Guard } from './guard.ts';
import { checked, readJson, readQuery } from './input.ts';

/** What the handler of an operation is given: everything in it was checked, and the guard has let it in. */
export interface Asked<Q, B> {
  readonly context: RequestContext;
  readonly principal: Principal;
  /** By the names in the path; each of the form that it was described with. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Q;
  readonly body: B;
  /** Fault `unauthenticated` unless a person showed a factor within the last 5 minutes. */
  fresh(): void;
}

export interface Outcome {
  readonly status: 200 | 201 | 202 | 204;
  /** Sent as JSON. */
  readonly body?: object;
  /** Instead of `body`: an answer of another media type. */
  readonly file?: { readonly type: string; readonly body: string | Buffer };
  readonly headers?: Readonly<Record<string, string>>;
  /** Beside what the path names. */
  readonly targets?: readonly Target[];
  /** In whose records that is: ids of Patients, for the ledger. */
  readonly patients?: readonly string[];
}

/** A parameter of a path. */
export interface Param {
  /** The type of what it names. */
  readonly type: string;
  /**
   * `number`: 0 to 999,999,999, without leading zeros. `word`: a name of ours, such as `164.312-b` or `http.tls`.
   */
  readonly form: 'uuid' | 'number' | 'word';
}

/** One operation of `/api/v1`, described once: its route and its page in the OpenAPI document are made from this. */
export interface Spec<Q extends z.ZodType, B extends z.ZodType> {
  readonly method: Route['method'];
  /** Below `/api/v1`, with `:name` parameters. */
  readonly path: string;
  /** As the guard's table and the ledger name it. */
  readonly action: string;
  /** What the guard is asked about. */
  readonly type: string;
  /** True: it is about the caller's own account. */
  readonly self?: boolean;
  /** With this scope an app or a program may ask; absent: only people at our own pages may. For the document alone. */
  readonly scope?: string;
  /** Its name in the document, where several operations are one action. */
  readonly name?: string;
  readonly summary: string;
  readonly description?: string;
  /** Each parameter of the path: the type of what it names, a UUID if nothing else is said. Other forms are 404. */
  readonly params?: Readonly<Record<string, string | Param>>;
  readonly query?: Q;
  readonly body?: B;
  readonly limit_bytes?: number;
  /** Where it may take longer than others do. */
  readonly deadline_ms?: number;
  /** True: a person must have shown a factor within the last 5 minutes. */
  readonly dangerous?: boolean;
  /** The answer when it went well; undefined: no body. */
  readonly status: Outcome['status'];
  /** Another status of an answer of the same form. */
  readonly also?: Outcome['status'];
  readonly answer?: z.ZodType;
  /** Media types that the answer may have instead. */
  readonly files?: readonly string[];
  /** Statuses of problems beside those that follow from the form: 400, 401, 403, 404. */
  readonly problems?: readonly number[];
  handle(asked: Asked<z.output<Q>, z.output<B>>): Promise<Outcome> | Outcome;
}

/** An operation with its types erased: what lists of them hold. */
export interface Operation extends Omit<Spec<z.ZodType, z.ZodType>, 'handle'> {
  handle(asked: Asked<unknown, unknown>): Promise<Outcome> | Outcome;
}

/** Checks the types of one operation where it is written. */
export const operation = <Q extends z.ZodType, B extends z.ZodType>(spec: Spec<Q, B>): Operation =>
  spec as unknown as Operation;

export const apiPrefix = '/api/v1';
const bodyTypes = ['application/json', 'application/merge-patch+json'];
const limit_bytes = 16_384;
const nothing = z.strictObject({});

const noSuch = () => fault('missing', 'There is nothing of this kind under this id.');

export const wordForm = /^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/;

const forms: Readonly<Record<Param['form'], (text: string) => boolean>> = {
  uuid: isUuid,
  number: (text) => /^(0|[1-9]\d{0,8})$/.test(text),
  word: (text) => wordForm.test(text),
};
export const paramOf = (given: string | Param): Param =>
  typeof given === 'string' ? { type: given, form: 'uuid' } : given;

interface NamedTarget extends Target {
  readonly form: Param['form'];
}

const named = ({ params = {} }: Operation, context: RequestContext): NamedTarget[] =>
  Object.entries(params).flatMap(([name, given]) => {
    const { type, form } = paramOf(given);
    const id = context.params[name] ?? '';
    return forms[form](id) ? [{ type, id, form }] : [];
  });

/** A word may be anything that the caller likes, until something of that name was found: the log waits for that. */
const isSure = ({ form }: NamedTarget): boolean => form !== 'word';
const plain = ({ type, id }: Target): Target => ({ type, id });

function targetOf(one: Operation, principal: Principal, targets: readonly Target[]): { type: string; id?: string } {
  const id = one.self === true ? principal.id : targets.findLast(({ type }) => type === one.type)?.id;
  return id === undefined ? { type: one.type } : { type: one.type, id };
}

/** A body is read as what it says; where none is described, nothing may come. */
const bodyOf = (one: Operation, body: Buffer): unknown =>
  one.body === undefined ? undefined : checked(one.body, body.length === 0 ? {} : readJson(body), 'body');

export interface RouteDeps {
  readonly guard: Guard;
  readonly clock: Clock;
}

/** First the guard, then what was sent, then the work: nothing is looked up for one who may not ask. */
async function run({ guard, clock }: RouteDeps, one: Operation, context: RequestContext): Promise<Answer> {
  const { principal } = context;
  const targets = named(one, context);
  const sure = targets.filter(isSure).map(plain);
  context.about?.(one.self === true ? [{ type: 'Account', id: principal.id }, ...sure] : sure);
  guard(principal, one.action, targetOf(one, principal, targets));
  const fresh = (): void => checkFresh(principal, clock.now());
  if (one.dangerous === true) fresh();
  if (targets.length < Object.keys(one.params ?? {}).length) throw noSuch();
  const query = checked(one.query ?? nothing, readQuery(context.query), 'query');
  const body = bodyOf(one, context.body);
  const outcome = await pointed(() => one.handle({ context, principal, params: context.params, query, body, fresh }));
  return answerOf(outcome, [...targets.map(plain), ...(outcome.targets ?? [])]);
}

/** Packages name a field (`login`); this API names it by its JSON pointer (`/login`). */
async function pointed<T>(work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFault(error) || error.issues.every(({ at }) => at === undefined || at.startsWith('/'))) throw error;
    const issues = error.issues.map(({ at, ...rest }) => ({
      ...rest,
      ...(at === undefined ? {} : { at: pointer(at) }),
    }));
    throw fault(error.kind, error.message, { issues, cause: error.cause });
  }
}
const pointer = (at: string): string => (at.startsWith('/') ? at : `/${at.replaceAll('.', '/')}`);

const contentOf = ({ body, file }: Outcome): Pick<Answer, 'type' | 'body'> =>
  file ?? (body === undefined ? {} : { type: 'application/json', body: JSON.stringify(body) });

const answerOf = (outcome: Outcome, targets: readonly Target[]): Answer => ({
  status: outcome.status,
  ...(outcome.headers === undefined ? {} : { headers: outcome.headers }),
  ...contentOf(outcome),
  targets,
  ...(outcome.patients === undefined ? {} : { patients: outcome.patients }),
});

/** The operation as the lifecycle serves it. */
export const routeOf = (deps: RouteDeps, one: Operation): Route => ({
  method: one.method,
  path: `${apiPrefix}${one.path}`,
  action: one.action,
  auth: 'either',
  errors: 'problem',
  ...(one.deadline_ms === undefined ? {} : { deadline_ms: one.deadline_ms }),
  ...(one.body === undefined ? {} : { accepts: bodyTypes, limit_bytes: one.limit_bytes ?? limit_bytes }),
  handle: (context) => run(deps, one, context),
});
