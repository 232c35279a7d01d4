import { type Answer, type RequestContext, readJson } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { createReplay } from '../../oauth/replay.ts';
import { somebodyAt } from '../../pages/request.ts';
import { sha256 } from '../../secrets.ts';
import { platform } from '../../tenants.ts';
import type { Tenant } from '../../types.ts';
import { checkOpen, type Locked } from '../applications.ts';
import { changeLocked } from '../change.ts';
import { checkedFields, halves } from '../content.ts';
import { insertApplication } from '../create.ts';
import { told } from '../dynamic/bearer.ts';
import { badMetadata, inRegistrationWords, metadataOf } from '../dynamic/metadata.ts';
import { registrationPath } from '../dynamic/register.ts';
import { openSealer } from '../rows.ts';
import type { Application, Applications, RegistrationDeps } from '../types.ts';
import { trustedLeaf } from './chain.ts';
import { type Claims, fieldsOfStatement, readClaims } from './metadata.ts';
import { provenStatement, type Statement, type StatementDeps } from './statement.ts';

const findMember = {
  name: 'identity.application.member',
  text: `select a.id from identity.application a join identity.client c on c.id = a.id
    where a.tenant = $1 and a.member = $2 and a.state <> 'revoked' and c.state <> 'revoked'`,
};

export interface UdapDeps extends RegistrationDeps {
  readonly applications: Applications;
  readonly locked: Locked;
  /** Of tests. */
  readonly leafOf?: StatementDeps['leafOf'];
}

/** Another community that knows a member by the same URI speaks of another one: it takes over nobody's client. */
const memberHash = (tenant: number, { community, member }: Statement): Buffer =>
  sha256(JSON.stringify([tenant, community.toString('base64'), member]));

/** The tenant of the address, where it trusts somebody; else there is nothing here, whichever is the reason. */
export async function trustingTenant(
  { tenants }: Pick<RegistrationDeps, 'tenants'>,
  name: string,
): Promise<Tenant & { readonly anchors: readonly string[] }> {
  const tenant = await tenants.byName(name);
  const anchors = tenant === undefined ? [] : (await tenants.settings(tenant.id)).udapAnchors;
  if (tenant === undefined || anchors.length === 0) throw fault('missing', 'There is no registration at this address.');
  return { ...tenant, anchors };
}

function statementOf(body: unknown): unknown {
  const { udap, software_statement } = (body ?? {}) as { udap?: unknown; software_statement?: unknown };
  if (udap !== '1') throw badMetadata('udap: expected "1".');
  return software_statement;
}

interface Member {
  readonly deps: UdapDeps;
  readonly tenant: number;
  readonly hash: Buffer;
}

async function existing({ deps, tenant, hash }: Member): Promise<string | undefined> {
  const [row] = await deps.segment.query<{ id: string }>(platform, findMember, [tenant, hash]);
  return row?.id;
}

/** Of two first registrations of one member at once, the index lets one be: Fault `conflict` of the store otherwise. */
async function enrol(member: Member, claims: Claims, statement: Statement): Promise<Application> {
  const { deps, tenant, hash } = member;
  const fields = checkedFields(fieldsOfStatement(claims, statement), { rules: deps.scopes, tenant });
  const sealer = await openSealer(await deps.vault(tenant));
  const id = await deps.segment.transaction(platform, (connection) =>
    insertApplication(connection, sealer, {
      actor: { kind: 'software', tenant },
      source: 'udap',
      requester: null,
      state: 'pending',
      ...halves(fields),
      at: new Date(deps.clock.now()),
      member: hash,
    }),
  );
  return deps.locked(tenant, id, async () => undefined);
}

/** IG 3.4: the same member again replaces what it said; its new key counts at once where nothing is widened. */
const replace = ({ deps, tenant }: Member, id: string, claims: Claims, statement: Statement): Promise<Application> =>
  deps.locked(tenant, id, async (held) => {
    checkOpen(held);
    const { sealer, connection, row, at } = held;
    const changes = { ...fieldsOfStatement(claims, statement), jwks_uri: null };
    const actor = { kind: 'software', tenant } as const;
    await changeLocked(deps, sealer, connection, row, { actor, changes, at, asks: true, vouched: true });
  });

const answer = (status: 200 | 201, statement: unknown, of: Application): Answer =>
  told(status, { client_id: of.id, software_statement: statement, ...metadataOf(of) });

/** HL7 UDAP Security IG 1.0, 3: a member of a community that the tenant trusts registers, and waits for an approval. */
export async function registerMember(deps: UdapDeps, context: RequestContext): Promise<Answer> {
  const name = context.params['tenant'] ?? '';
  const { id: tenant, anchors } = await trustingTenant(deps, name);
  context.found?.({ principal: somebodyAt(tenant) });
  const sent = statementOf(readJson(context.body));
  const audience = `${context.base}${registrationPath}/${name}`;
  const replay = createReplay(deps.segment, deps.clock);
  const { clock, leafOf = trustedLeaf } = deps;
  const statement = await provenStatement({ clock, replay, leafOf }, sent, { tenant, audience, anchors });
  const claims = readClaims(statement);
  const member = { deps, tenant, hash: memberHash(tenant, statement) };
  const before = await existing(member);
  if (before !== undefined) context.found?.({ targets: [{ type: 'Client', id: before }] });
  if (claims.grant_types.length === 0) return cancel(member, before, sent);
  if (before !== undefined) {
    return answer(200, sent, await inRegistrationWords(() => replace(member, before, claims, statement)));
  }
  const made = await inRegistrationWords(() => enrol(member, claims, statement));
  context.found?.({ targets: [{ type: 'Client', id: made.id }] });
  return answer(201, sent, made);
}

/** IG 3.4: without grant types a registration is taken back. */
async function cancel({ deps, tenant }: Member, before: string | undefined, sent: unknown): Promise<Answer> {
  if (before === undefined) throw badMetadata('There is no registration to take back.');
  const ended = await deps.applications.revoke({ kind: 'software', tenant }, before);
  return told(200, { client_id: before, software_statement: sent, ...metadataOf(ended), grant_types: [] });
}
