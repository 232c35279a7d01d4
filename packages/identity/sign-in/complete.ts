import { fault } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import type { Enrolment, FactorKind } from '../authenticators/types.ts';
import type { EndedSession, PreparedSession } from '../sessions/types.ts';
import { platform } from '../tenants.ts';
import type { SignInWork } from './deps.ts';
import { forgetDevices, rememberDevice } from './devices.ts';
import { finishFlow } from './flows.ts';
import { clearTries, subjectOf, subjects } from './limits.ts';
import { flowOver, linkUsed, refused } from './refusal.ts';
import type { Flow, FlowState } from './state.ts';
import { stepOf } from './step.ts';
import type { Completed, From } from './types.ts';

const level = 2;

/** The lock puts this step in line with whatever ends or changes the account at the same moment. */
const holdAccount = {
  name: 'identity.sign_in.hold_account',
  text: 'select state, external from identity.account where tenant = $1 and id = $2 for update',
};
const changedSince = {
  name: 'identity.sign_in.password_changed',
  text: 'select 1 as changed from identity.password where tenant = $1 and account = $2 and changed_at > $3',
};
const second = {
  name: 'identity.sign_in.has_second',
  text: 'select 1 as one from identity.factor where tenant = $1 and account = $2 and confirmed_at is not null limit 1',
};

/** Locked: whoever switches the provider off, or unlinks, waits for this, and then ends what it opened. */
const holdProvider = {
  name: 'identity.sign_in.hold_provider',
  text: `select id from identity.federation_provider
    where id = $1 and tenant = $2 and enabled and removed_at is null for share`,
};
/** A statement of its own, after the lock: it sees what was unlinked while the lock was waited for. */
const linkStands = {
  name: 'identity.sign_in.link_stands',
  text: 'select id from identity.federation_identity where provider = $1 and tenant = $2 and account = $3',
};

interface Finish {
  readonly flow: Flow;
  readonly from: From;
  readonly account: string;
  readonly prepared: PreparedSession | undefined;
  readonly cleared: readonly string[];
}

const enrolmentOf = ({ purpose, prepared }: FlowState): Enrolment => ({
  ...(prepared.password === undefined ? {} : { password: prepared.password }),
  ...(prepared.factor === undefined ? {} : { factors: [prepared.factor] }),
  ...(prepared.codes === undefined ? {} : { codes: prepared.codes }),
  ...(purpose === 'recovery' ? { anew: true } : {}),
});

async function holdProviderOf(connection: Connection, { flow, account }: Finish): Promise<void> {
  const { tenant, state } = flow;
  if (state.provider === undefined) return;
  const provider = await connection.query(holdProvider, [state.provider, tenant]);
  const link = await connection.query(linkStands, [state.provider, tenant, account]);
  if (provider.length === 0 || link.length === 0) throw flowOver();
}

/** What was true when the flow looked must be true when it ends: the minutes between belong to anybody. */
async function holdOwner(connection: Connection, finish: Finish): Promise<void> {
  const { flow, account } = finish;
  const { tenant, state } = flow;
  type Held = { state: string; external: boolean };
  const [row] = await connection.query<Held>(holdAccount, [tenant, account]);
  const due = state.purpose === 'invitation' ? 'invited' : 'active';
  if (row?.state !== due) {
    throw state.link === undefined ? refused({ reason: 'not active', tenant, account }) : linkUsed();
  }
  if (state.link !== undefined) return;
  await holdProviderOf(connection, finish);
  if (state.methods.includes('pwd') && !state.methods.includes('sso')) {
    const since = new Date(state.identified_at ?? 0);
    if (row.external || (await connection.query(changedSince, [tenant, account, since])).length > 0) throw flowOver();
  }
  // Two enrolments at once, one of them perhaps by somebody who only knows the password: the first one stands.
  const enrols = state.prepared.factor !== undefined;
  if (enrols && (await connection.query(second, [tenant, account])).length > 0) throw flowOver();
}

/** What a link leads to, or what an account without a second factor set up on its way in. */
async function setUp(work: SignInWork, connection: Connection, { flow, account }: Finish): Promise<EndedSession[]> {
  const { tenant, state } = flow;
  const accounts = work.accounts.within(connection);
  if (state.link !== undefined && !(await accounts.useLink(state.link))) throw linkUsed();
  if (state.prepared.account !== undefined) await accounts.create(state.prepared.account);
  if (state.prepared.factor !== undefined) {
    await work.authenticators.within(connection).enrol(tenant, account, enrolmentOf(state));
  }
  if (state.purpose === 'administrator' || state.purpose === 'invitation') await accounts.activate(tenant, account);
  if (state.purpose !== 'recovery') return [];
  await forgetDevices(connection, tenant, account);
  return work.sessions.steps.endAll(connection, { tenant, account });
}

interface Opened {
  readonly session: string;
  readonly secret: string;
  readonly ended: readonly EndedSession[];
}

async function openSession(work: SignInWork, connection: Connection, finish: Finish): Promise<Opened> {
  const { flow, from, account, prepared } = finish;
  const { steps } = work.sessions;
  if (prepared !== undefined) {
    const ended = await steps.insert(connection, prepared);
    return { session: prepared.id, secret: prepared.secret, ended };
  }
  const session = await steps.lock(connection, { tenant: flow.tenant, account }, from.session);
  if (session === undefined) throw refused({ reason: 'not active', tenant: flow.tenant, account });
  const { secret } = await steps.renew(connection, session, { level, methods: flow.state.methods });
  return { session, secret, ended: [] };
}

async function finishAll(work: SignInWork, connection: Connection, finish: Finish) {
  const { flow, from, account, cleared } = finish;
  const { tenant } = flow;
  await finishFlow(work, connection, flow);
  if (flow.state.prepared.account === undefined) await holdOwner(connection, finish);
  const before = await setUp(work, connection, finish);
  const opened = await openSession(work, connection, finish);
  const device = await rememberDevice(work, connection, { tenant, account }, from.device);
  await clearTries(connection, tenant, cleared);
  return { ...opened, device, ended: [...before, ...opened.ended] };
}

/** What a flow with a link clears beside what it counted: the person is known to the administrator. */
async function clearedBy(work: SignInWork, { tenant, state }: Flow): Promise<readonly string[]> {
  if (state.link === undefined || state.account === undefined) return state.subjects;
  const { id, login } = state.account;
  const both = [subjects.login(login), subjects.second(id)];
  return Promise.all(both.map((subject) => subjectOf(work, tenant, subject)));
}

const enrolledBy = ({ prepared }: FlowState): FactorKind[] => [
  ...(prepared.factor === undefined ? [] : [prepared.factor.kind]),
  ...(prepared.codes === undefined ? [] : (['recovery-codes'] as const)),
];

/**
 * The one transaction in which all of a flow becomes valid: the link is used, the account is there and active,
 * password, factor and codes are set, the session is open, and the flow is over. A crash leaves all of it or nothing.
 */
export async function complete(work: SignInWork, secret: string, from: From): Promise<Completed> {
  const flow = await stepOf(work, secret, ['done'], from);
  const { tenant, state } = flow;
  if (state.account === undefined || state.methods.length === 0) throw fault('internal', 'A flow ended with nobody.');
  const { id: account } = state.account;
  const { remote, agent, session: previous } = from;
  const prepared =
    state.purpose === 'step-up'
      ? undefined
      : await work.sessions.steps.prepare({ tenant, account, level, methods: state.methods, remote, agent, previous });
  const finish: Finish = { flow, from, account, prepared, cleared: await clearedBy(work, flow) };
  const done = await work.segment.transaction(platform, (connection) => finishAll(work, connection, finish));
  const renewed = prepared === undefined ? { renewed: done.session } : {};
  work.sessions.steps.committed({ ended: done.ended, ...renewed });
  if (state.link !== undefined) work.accounts.told(tenant, account);
  return {
    session_secret: done.secret,
    device_secret: done.device,
    session: done.session,
    tenant,
    account,
    level,
    methods: state.methods,
    return_to: state.return_to,
    purpose: state.purpose,
    enrolled: enrolledBy(state),
    password_set: state.prepared.password !== undefined,
    account_made: state.prepared.account !== undefined,
    link: state.link,
    recovery_code: state.recovery_code === true,
    ended: done.ended,
  };
}
