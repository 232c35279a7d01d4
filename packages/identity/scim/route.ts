import type { Answer, Guard, RequestContext, Route } from '@safeguard/http';
import { isUuid } from '@safeguard/kernel';
import { bodyTypes, prefix } from './asked.ts';

const limit_bytes = 1_048_576;
/** A large group is many accounts. */
const deadline_ms = 60_000;

export type MakeRoute = (
  method: Route['method'],
  path: string,
  action: string,
  type: string,
  handle: (context: RequestContext) => Promise<Answer> | Answer,
) => Route;

/** Routes of SCIM: an access token always, the guard before anything is looked up, errors in SCIM's form. */
export const createMakeRoute =
  (guard: Guard): MakeRoute =>
  (method, path, action, type, handle) => ({
    method,
    path: `${prefix}${path}`,
    action,
    auth: 'token',
    errors: 'scim',
    deadline_ms,
    ...(method === 'GET' || method === 'DELETE' ? {} : { accepts: bodyTypes, limit_bytes }),
    handle(context) {
      const { id = '' } = context.params;
      const target = isUuid(id) ? { type, id } : { type };
      if (isUuid(id)) context.about?.([{ type, id }]);
      guard(context.principal, action, target);
      return handle(context);
    },
  });
