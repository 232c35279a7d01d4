import {
  type Answer,
  button,
  checkbox,
  errorOf,
  errorSummary,
  field,
  fieldsOf,
  form,
  html,
  loginForManagers,
  type RequestContext,
  type Route,
  seeOther,
  sent,
  shown,
} from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { type Attempts, createAttempts } from '../../attempts.ts';
import type { PageDeps } from '../ports.ts';
import { mismatch, newPasswordFields, told } from '../set-up.ts';
import { type Trouble, troubleOf } from '../trouble.ts';
import { accountPage, isFresh, type Me, meOf, places, stepUp } from './frame.ts';

const path = places.password;

interface Has {
  readonly password: boolean;
}

function passwordPage(deps: PageDeps, me: Me, has: Has, trouble?: Trouble): Answer {
  const wrong = trouble?.wrong ?? [];
  const title = has.password ? 'Change your password' : 'Set a password';
  return accountPage(deps, me, {
    here: places.factors,
    title,
    ...told(trouble),
    main: html`<h1>${title}</h1>
<div class="sheet slim">
${errorSummary(wrong)}
${form(path, [
  loginForManagers(me.account.login),
  has.password &&
    field({
      label: 'Current password',
      name: 'current',
      type: 'password',
      autocomplete: 'current-password',
      error: errorOf(wrong, 'current'),
    }),
  newPasswordFields(wrong),
  checkbox({
    label: 'Sign out on all other devices',
    name: 'others',
    checked: true,
    hint: 'Apps are disconnected too.',
  }),
  html`<div class="acts">${button(title)}</div>`,
])}</div>`,
  });
}

/**
 * Tries at the current password: 5 in 15 minutes from one session. Per session, so that whoever stole one cannot lock
 * the person out; per process, which is enough beside the second factor that was just shown.
 */
const limits = { window_ms: 900_000, perClient: 5, perRemote: 1_000, most: 10_000 };

/** Counted before the hash is made: guesses made at the same time count too. */
async function verify(deps: PageDeps, attempts: Attempts, me: Me, text: string): Promise<void> {
  const { tenant, id, session = id } = me.principal;
  const { remote } = me.context;
  const wait_s = attempts.wait_s(session, remote);
  if (wait_s > 0) throw fault('tooMany', 'Too many tries.', { retry_after_s: wait_s });
  attempts.failed(session, remote);
  if (!(await deps.authenticators.passwords.verify(tenant, id, text))) throw fault('unauthenticated', wrongCurrent);
  attempts.succeeded(session, remote);
}

const wrongCurrent = 'The current password is not right.';

async function change(deps: PageDeps, attempts: Attempts, me: Me, has: Has): Promise<Answer> {
  const { tenant, id, session } = me.principal;
  const get = fieldsOf(me.context);
  const text = get('password');
  const { login, name } = me.account;
  if (text !== get('again')) return passwordPage(deps, me, has, mismatch);
  try {
    if (has.password) await verify(deps, attempts, me, get('current'));
    const tenantName = me.brand.name;
    deps.authenticators.passwords.check(text, { login, name, tenantName, withSecondFactor: true });
  } catch (thrown) {
    const trouble = troubleOf(thrown, wrongCurrent, ['password'], 'wrong current password');
    const wrong = trouble.wrong.map((each) => (each.text === wrongCurrent ? { ...each, field: 'current' } : each));
    me.context.found?.({ outcome: 'deny', reason: trouble.reason });
    return passwordPage(deps, me, has, { ...trouble, wrong });
  }
  // In this order: cut off in between, the old password is still the current one, and all of it can be done again.
  if (get('others') === 'yes') await deps.sessions.endAll(tenant, id, session);
  await deps.authenticators.passwords.set(tenant, id, text);
  return seeOther(`${places.factors}?done=password`);
}

/** Runs with a factor shown lately, for an account that signs in here; else asks for the factor first. */
async function gated(deps: PageDeps, context: RequestContext, then: (me: Me, has: Has) => Promise<Answer> | Answer) {
  const me = await meOf(deps, context, 'self-change');
  if (me.account.external) throw fault('missing', 'There is nothing at this address');
  if (!isFresh(deps, me.principal)) return stepUp(deps, me, path);
  return then(me, { password: await deps.authenticators.passwords.has(me.principal.tenant, me.principal.id) });
}

/** A new password: after a fresh second factor, and with the current one (OWASP ASVS 5.0 6.2.3). */
export const passwordRoutes = (deps: PageDeps): Route[] => {
  const attempts = createAttempts(deps.clock, limits);
  return [
    shown({ path, action: 'password-page', auth: 'session' }, (context) =>
      gated(deps, context, (me, has) => passwordPage(deps, me, has)),
    ),
    sent({ path, action: 'password-change', auth: 'session' }, (context) =>
      gated(deps, context, (me, has) => change(deps, attempts, me, has)),
    ),
  ];
};
