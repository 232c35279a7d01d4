import { type Answer, type RequestContext, readJson } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { somebodyAt } from '../../pages/request.ts';
import { newSecret, sha256 } from '../../secrets.ts';
import { platform } from '../../tenants.ts';
import { checkedFields, halves } from '../content.ts';
import { insertApplication } from '../create.ts';
import { openSealer } from '../rows.ts';
import type { Fields, RegistrationDeps } from '../types.ts';
import { bearerOf, refusedToken, told } from './bearer.ts';
import { findInvitation, type Invited, newManagementToken, useInvitation } from './invitations.ts';
import { fieldsOfMetadata, inRegistrationWords, metadataOf, readMetadata } from './metadata.ts';

export const registrationPath = '/oauth2/register';

export const switchedOff = () => fault('forbidden', 'Dynamic registration is not switched on here.');

interface Made {
  readonly id: string;
  readonly management: string;
  readonly secret: string | undefined;
}

/** The use of the invitation and what came of it, together. */
async function write(
  deps: RegistrationDeps,
  invited: Invited,
  token: string,
  fields: Fields,
): Promise<Made | undefined> {
  const { segment, vault, clock } = deps;
  const { tenant, made_by } = invited;
  const sealer = await openSealer(await vault(tenant));
  const at = new Date(clock.now());
  const management = newManagementToken();
  const secret = fields.auth_method.startsWith('client_secret') ? newSecret() : undefined;
  return segment.transaction(platform, async (connection) => {
    if (!(await useInvitation(connection, token, at))) return undefined;
    const id = await insertApplication(connection, sealer, {
      actor: { kind: 'software', tenant },
      source: 'dynamic',
      // Who let it ask does not decide.
      requester: made_by,
      state: 'pending',
      ...halves(fields),
      at,
      management: sha256(management),
      ...(secret === undefined ? {} : { secret }),
    });
    return { id, management, secret };
  });
}

/** RFC 7591 3: software registers itself by an invitation, and waits. */
export async function register(deps: RegistrationDeps, context: RequestContext): Promise<Answer> {
  const token = bearerOf(context);
  const invited = await findInvitation(deps.segment, deps.clock, token);
  if (invited === undefined) return refusedToken(context);
  const { tenant } = invited;
  context.found?.({ principal: somebodyAt(tenant), targets: [{ type: 'Invitation', id: invited.id }] });
  if (!(await deps.tenants.settings(tenant)).dynamicRegistration) throw switchedOff();
  const given = fieldsOfMetadata(readMetadata(readJson(context.body)));
  const fields = await inRegistrationWords(async () => checkedFields(given, { rules: deps.scopes, tenant }));
  const made = await write(deps, invited, token, fields);
  if (made === undefined) return refusedToken(context);
  const { id, management, secret } = made;
  context.found?.({
    targets: [
      { type: 'Client', id },
      { type: 'Invitation', id: invited.id },
    ],
  });
  return told(201, {
    client_id: id,
    client_id_issued_at: Math.floor(deps.clock.now() / 1000),
    ...(secret === undefined ? {} : { client_secret: secret, client_secret_expires_at: 0 }),
    registration_access_token: management,
    registration_client_uri: `${context.base}${registrationPath}/${id}`,
    ...metadataOf(fields),
  });
}
