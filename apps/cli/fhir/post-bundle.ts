import type { Session } from './authorize.ts';
import type { Reply } from './endpoint.ts';
import { patience, send, type Waiting } from './send.ts';

export { patience, retryAfter, type Waiting } from './send.ts';

/** Posts a bundle to the base, as patiently as `send` is. */
export const postBundle = (
  session: Session,
  body: Buffer | string,
  repeatable: boolean,
  waiting: Waiting = patience,
): Promise<Reply> => send(session, { method: 'POST', url: session.endpoint.base, body, repeatable }, waiting);
