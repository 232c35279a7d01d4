import { type Answer, type RequestContext, readJson } from '@safeguard/http';
import { isUuid } from '@safeguard/kernel';
import { somebodyAt } from '../../pages/request.ts';
import { sha256 } from '../../secrets.ts';
import { platform } from '../../tenants.ts';
import { checkOpen, type Locked } from '../applications.ts';
import { changeLocked } from '../change.ts';
import type { Actor, Application, Applications, RegistrationDeps } from '../types.ts';
import { bearerOf, refusedToken, told } from './bearer.ts';
import { isManagementToken } from './invitations.ts';
import { badMetadata, fieldsOfMetadata, inRegistrationWords, metadataOf, readMetadata } from './metadata.ts';
import { registrationPath, switchedOff } from './register.ts';

/** RFC 7592: the token and the client that it is for, together; a revoked client's opens nothing. */
const find = {
  name: 'identity.application.managed',
  text: `select a.tenant from identity.application a join identity.client c on c.id = a.id
    where a.id = $1 and a.management = $2 and c.state <> 'revoked'`,
};

export interface ManageDeps extends RegistrationDeps {
  readonly applications: Applications;
  readonly locked: Locked;
}

interface Managed {
  readonly id: string;
  readonly actor: Actor;
  readonly token: string;
}

async function managedBy(deps: ManageDeps, context: RequestContext): Promise<Managed | undefined> {
  const { id = '' } = context.params;
  const token = bearerOf(context);
  if (!isUuid(id) || !isManagementToken(token)) return undefined;
  const [row] = await deps.segment.query<{ tenant: number }>(platform, find, [id, sha256(token)]);
  if (row === undefined) return undefined;
  const { tenant } = row;
  context.found?.({ principal: somebodyAt(tenant), targets: [{ type: 'Client', id }] });
  if (!(await deps.tenants.settings(tenant)).dynamicRegistration) throw switchedOff();
  return { id, token, actor: { kind: 'software', tenant } };
}

const answer = (context: RequestContext, { id, token }: Managed, of: Application): Answer =>
  told(200, {
    client_id: id,
    registration_access_token: token,
    registration_client_uri: `${context.base}${registrationPath}/${id}`,
    ...metadataOf(of),
  });

/** RFC 7592 2.2: all of the metadata anew, under the same id; no secret is chosen by the client. */
async function replace(deps: ManageDeps, context: RequestContext, managed: Managed): Promise<Answer> {
  const body = readJson(context.body) as Record<string, unknown> | null;
  if (body?.['client_id'] !== managed.id) throw badMetadata('client_id is not that of this address.');
  if (['registration_access_token', 'client_secret_expires_at'].some((name) => name in body)) {
    throw badMetadata('What this server gives cannot be set.');
  }
  const changes = fieldsOfMetadata(readMetadata(body));
  const { actor, id } = managed;
  const changed = await inRegistrationWords(() =>
    deps.locked(actor.tenant, id, async (held) => {
      checkOpen(held);
      const { sealer, connection, row, at } = held;
      // A secret is given at the registration alone.
      if (changes.auth_method !== row.content.auth_method) {
        throw badMetadata('token_endpoint_auth_method stays as it was registered.');
      }
      await changeLocked(deps, sealer, connection, row, { actor, changes, at, asks: true });
    }),
  );
  return answer(context, managed, changed);
}

type Verb = (deps: ManageDeps, context: RequestContext, managed: Managed) => Promise<Answer>;

const read: Verb = async ({ applications }, context, managed) => {
  const found = await applications.byId(managed.actor.tenant, managed.id);
  return found === undefined ? refusedToken(context) : answer(context, managed, found);
};

const end: Verb = async ({ applications }, _context, { actor, id }) => {
  await applications.revoke(actor, id);
  return { status: 204 };
};

const proven =
  (verb: Verb) =>
  async (deps: ManageDeps, context: RequestContext): Promise<Answer> => {
    const managed = await managedBy(deps, context);
    return managed === undefined ? refusedToken(context) : verb(deps, context, managed);
  };

export const readRegistration = proven(read);
export const replaceRegistration = proven(replace);
export const endRegistration = proven(end);
