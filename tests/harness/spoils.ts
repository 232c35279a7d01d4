import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import type { Party } from './identity-house.ts';
import type { Answer, Instance } from './instance.ts';
import { codeFor, newProof, requestPath, soundRequest, tokensFor } from './oauth-app.ts';
import { createUser, signIn } from './people.ts';
import type { Jar } from './people-jar.ts';

/** What a victim has and a thief of another tenant got to know. None of it is to help. */
export interface Spoils {
  readonly account: string;
  readonly administrator: string;
  /** Logins: whether somebody else has them is nobody's to learn. */
  readonly login: string;
  readonly otherLogin: string;
  readonly session: string;
  readonly factor: string;
  readonly client: string;
  /** The client id of an app. */
  readonly app: string;
  readonly group: string;
  readonly member: string;
  readonly provider: string;
  readonly application: string;
  readonly invitation: string;
  readonly grant: string;
  readonly record: string;
  readonly launch: string;
  /** A request for access, the grant that came of it, a review, a notice, an entry of the log, a patient's wish. */
  readonly asked: string;
  readonly right: string;
  readonly review: string;
  /** An account that somebody opened a way into. */
  readonly hold: string;
  readonly notice: string;
  readonly event: string;
  readonly privacy: string;
  /** Of the programme: a task, a version of a policy, what a check saw. */
  readonly task: string;
  readonly version: string;
  readonly evidence: string;
  readonly interaction: string;
  readonly code: string;
  readonly refresh: string;
  readonly access: string;
}
export type Kind = keyof Spoils;

const secret = (prefix: string) => (): string => `${prefix}${randomBytes(32).toString('base64url')}`;
const forms: Partial<Readonly<Record<Kind, () => string>>> = {
  login: () => `nobody-${randomUUID()}@default.example`,
  otherLogin: () => `nobody-${randomUUID()}@default.example`,
  launch: secret('sge_'),
  interaction: secret(''),
  code: secret(''),
  refresh: secret('sgr_'),
  access: secret('sgt_'),
};
/** Something of the same form that never was. */
export const neverOf = (kind: Kind): string => (forms[kind] ?? randomUUID)();

export interface Victim {
  readonly party: Party;
  readonly spoils: Spoils;
  /** The code among the spoils, as its app can redeem it. */
  readonly code: { readonly code: string; readonly verifier: string };
  /** The worker's browser in which the interaction waits. */
  readonly waiting: Jar;
}

const good = (answer: Answer): Answer => {
  assert.ok(answer.status < 300, `${answer.status} ${answer.text}`);
  return answer;
};

async function directoryOf(instance: Instance, { directory, tenant }: Party) {
  const headers = { 'content-type': 'application/scim+json' };
  const post = async (path: string, body: object): Promise<string> =>
    good(await instance.request({ method: 'POST', path: `/scim/v2${path}`, token: directory.token, headers, body }))
      .json.id;
  const user = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: `member@${tenant}.example` };
  const member = await post('/Users', user);
  const group = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'Nurses' };
  return { member, group: await post('/Groups', { ...group, members: [{ value: member }] }) };
}

/** A role that was asked for and approved, and what comes of that. */
async function accessOf(instance: Instance, { administrator, worker, patient, record, manager, tenant }: Party) {
  const until = new Date(Date.now() + 3_600_000).toISOString();
  const wanted = { role: 'billing', reason: 'For the ward, as agreed.', until };
  const asked = good(await worker.jar.api('POST', '/access/requests', wanted)).json.id;
  const decision = { verdict: 'approve' };
  const decided = good(await administrator.jar.api('POST', `/access/requests/${asked}/decision`, decision));
  const review = good(await administrator.jar.api('POST', '/access/reviews')).json.id;
  const other = { login: `held@${tenant}.example`, kind: 'patient', patients: [record], tenant } as const;
  const { id } = await createUser(instance, other);
  good(await administrator.jar.api('PATCH', `/accounts/${id}`, { login: `held-now@${tenant}.example` }));
  const hold = good(await administrator.jar.api('GET', `/access/holds?account=${id}`)).json.items[0].id;
  const notices = good(await administrator.jar.api('GET', '/access/notices')).json.items;
  const logged = good(await instance.request({ path: '/fhir/R4/AuditEvent?_count=1', token: manager.token }));
  return {
    ...{ asked, right: decided.json.grant, review, hold, notice: notices[0].id },
    event: logged.json.entry[0].resource.id,
    privacy: good(await patient.jar.api('POST', '/me/exports', { patient: record })).json.id,
  };
}

/** A decision that was proposed, a version of a policy, a piece of evidence; of the tenant that runs the platform. */
async function programmeOf({ administrator: { jar } }: Party) {
  const why = 'It is done everywhere, and nothing speaks against it.';
  const wanted = { control: '164.312-a-2-iv', kind: 'implemented', why, factors: why };
  const task = good(await jar.api('POST', '/programme/decisions', wanted)).json.id;
  const ran = good(await jar.api('POST', '/programme/checks/run', { checks: ['programme.decisions'] }));
  const page = good(await jar.ask({ path: '/programme/policies/auditing' }));
  const [, version = ''] = /\/programme\/versions\/([0-9a-f-]{36})/.exec(page.text) ?? [];
  assert.notEqual(version, '');
  return { task, version, evidence: ran.json.items[0].id };
}

/** One of everything that has an id, in a tenant that somebody will try to rob. */
export async function makeSpoils(instance: Instance, party: Party): Promise<Victim> {
  const { administrator, worker, app, plain, record } = party;
  const provider = good(
    await administrator.jar.api('POST', '/providers', {
      ...{ kind: 'oidc', label: 'Elsewhere', issuer: 'https://idp.example' },
      ...{ client_id: 'us', client_secret: 'between-us-two' },
    }),
  ).json.id;
  const application = good(
    await worker.jar.api('POST', '/applications', {
      ...{ name: 'Asked for', publisher: 'Us', description: 'It shows.', contact: 'us@default.example' },
      ...{ purpose: 'To see.', scopes: ['user/Patient.rs'], auth_method: 'none' },
      redirect_uris: ['https://asked.example/cb'],
    }),
  ).json.client_id;
  const invitation = good(await administrator.jar.api('POST', '/invitations', {})).json.invitation.id;
  const access = await accessOf(instance, party);
  const scope = 'openid offline_access user/Patient.rs';
  const tokens = await tokensFor(worker.jar, app, { scope });
  const grants = good(await worker.jar.api('GET', '/me/apps')).json.items;
  const launch = good(await worker.jar.api('POST', '/launches', { client_id: app.client_id, patient: record }));
  const code = await codeFor(worker.jar, app, { scope });
  const lookOn = await signIn(instance, worker);
  const waiting = await lookOn.go(requestPath(soundRequest(instance, app, newProof(), { prompt: 'consent' })));
  const interaction = /\/interaction\/([\w-]+)$/.exec(waiting.at)?.[1] ?? '';
  assert.notEqual(interaction, '');
  return {
    party,
    code,
    waiting: lookOn,
    spoils: {
      account: worker.id,
      administrator: administrator.id,
      login: worker.login,
      otherLogin: administrator.login,
      session: good(await worker.jar.api('GET', '/me/sessions')).json.items[0].id,
      factor: good(await worker.jar.api('GET', '/me/factors')).json.items[0].id,
      client: plain.client_id,
      app: app.client_id,
      ...(await directoryOf(instance, party)),
      ...access,
      ...(await programmeOf(party)),
      provider,
      application,
      invitation,
      grant: grants[0].id,
      record,
      launch: launch.json.launch,
      interaction,
      code: code.code,
      refresh: tokens.refresh_token ?? '',
      access: tokens.access_token,
    },
  };
}
