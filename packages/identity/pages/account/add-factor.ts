import {
  type Answer,
  button,
  errorSummary,
  field,
  fieldsOf,
  form,
  hidden,
  html,
  line,
  linkButton,
  type RequestContext,
  type Route,
  seeOther,
  sent,
  shown,
} from '@safeguard/http';
import { isUuid } from '@safeguard/kernel';
import { passkeyScript } from '../passkey-asset.ts';
import { passkeyForm, withoutScript } from '../passkey-form.ts';
import type { PageDeps } from '../ports.ts';
import { json } from '../request.ts';
import { attestationOf } from '../responses.ts';
import { told } from '../set-up.ts';
import { appSteps, codeField } from '../totp-parts.ts';
import { type Trouble, troubleOf } from '../trouble.ts';
import { challengeOf, clearChallenge, keepChallenge } from './challenge.ts';
import { accountPage, isFresh, type Me, meOf, places, stepUp } from './frame.ts';

const path = `${places.factors}/add`;
const appPath = `${places.factors}/app`;
const added = `${places.factors}?done=added`;
const mostLabel = 60;

const labelField = (name: string, value: string) =>
  field({ label: 'Name, to tell it apart', name, value, autocomplete: 'off', maxlength: mostLabel });
const labelOf = (text: string, otherwise: string): string => line(text).slice(0, mostLabel) || otherwise;

function choicePage(deps: PageDeps, me: Me, trouble?: Trouble): Answer {
  return accountPage(deps, me, {
    here: places.factors,
    title: 'Add a second step',
    ...told(trouble),
    script: passkeyScript,
    main: html`<h1>Add a second step</h1>
${errorSummary(trouble?.wrong ?? [])}
<section class="sheet slim"><h2>Passkey</h2>
<p>Your phone, computer or security key confirms it is you, with a fingerprint, a face or a PIN.</p>
${passkeyForm({
  how: 'create',
  action: `${places.factors}/passkey`,
  options: `${places.factors}/passkey/options`,
  text: 'Create a passkey',
  kind: 'main',
  fields: labelField('label', 'Passkey'),
})}
${withoutScript('Passkeys can be made here when JavaScript is allowed for this page.')}</section>
<section class="sheet slim"><h2>Authenticator app</h2>
<p>An app on your phone shows a new 6-digit code every 30 seconds.</p>
${form(appPath, button('Set up an app', 'quiet'))}</section>
${linkButton('Back', places.factors)}`,
  });
}

interface Begun {
  readonly id: string;
  /** Absent after a wrong code: the key is not read back, so it is shown once. */
  readonly key?: { readonly uri: string; readonly secret: string };
}

const appPage = (deps: PageDeps, me: Me, { id, key }: Begun, trouble?: Trouble): Answer =>
  accountPage(deps, me, {
    here: places.factors,
    title: 'Set up your app',
    ...told(trouble),
    main: html`<h1>Set up your app</h1>
<div class="sheet slim">
${errorSummary(trouble?.wrong ?? [])}
${key === undefined ? html`<p>The key that your app has already is still right.</p>` : appSteps(key)}
${form(`${appPath}/code`, [
  hidden('id', id),
  codeField(trouble?.wrong ?? []),
  labelField('label', 'Authenticator app'),
  button('Continue'),
])}
${key === undefined && form(appPath, button('Show a new key', 'quiet'))}</div>`,
  });

async function beginApp(deps: PageDeps, me: Me): Promise<Answer> {
  const { tenant, id } = me.principal;
  const { id: factor, ...key } = await deps.authenticators.totp.begin(tenant, id, me.account.login);
  return appPage(deps, me, { id: factor, key });
}

const wrongCode: Trouble = {
  status: 422,
  wrong: [{ field: 'code', text: 'That code is not right. Enter the newest code of the app.' }],
  reason: 'not confirmed',
};

async function confirmApp(deps: PageDeps, me: Me): Promise<Answer> {
  const get = fieldsOf(me.context);
  const { tenant, id } = me.principal;
  const factor = get('id');
  if (!isUuid(factor)) return choicePage(deps, me);
  const code = line(get('code')).replace(/[\s-]/g, '');
  const label = labelOf(get('label'), 'Authenticator app');
  if (await deps.authenticators.totp.confirm(tenant, id, factor, code, label)) {
    me.context.about?.([{ type: 'Factor', id: factor }]);
    return seeOther(added);
  }
  me.context.found?.({ outcome: 'fail', reason: wrongCode.reason });
  return appPage(deps, me, { id: factor }, wrongCode);
}

async function passkeyOptions(deps: PageDeps, { context, principal, account }: Me): Promise<Answer> {
  const { id, login, name } = account;
  const options = await deps.authenticators.passkeys.registrationOptions(
    principal.tenant,
    { id, login, name },
    context.base,
  );
  return json(options, [keepChallenge(principal, options.challenge)]);
}

async function addPasskey(deps: PageDeps, me: Me): Promise<Answer> {
  const { context, principal } = me;
  const get = fieldsOf(context);
  const text = 'The passkey was not accepted. Please try again.';
  const challenge = challengeOf(context, principal);
  const refuse = (trouble: Trouble): Answer => {
    context.found?.({ outcome: 'fail', reason: trouble.reason });
    return { ...choicePage(deps, me, trouble), cookies: [clearChallenge] };
  };
  const trouble: Trouble = { status: 422, wrong: [{ text }], reason: 'not confirmed' };
  if (challenge === undefined) return refuse(trouble);
  try {
    const expected = { challenge, origin: context.base };
    const label = labelOf(get('label'), 'Passkey');
    const response = attestationOf(get('response'));
    const { tenant, id } = principal;
    const right = await deps.authenticators.passkeys.register(tenant, id, expected, response, label);
    return right ? seeOther(added, [clearChallenge]) : refuse(trouble);
  } catch (thrown) {
    return refuse(troubleOf(thrown, text, [], trouble.reason));
  }
}

type Then = (deps: PageDeps, me: Me) => Answer | Promise<Answer>;

/** Whoever adds a factor can sign in with it for good: never without a fresh one (OWASP ASVS 5.0 7.5.1). */
const gated =
  (deps: PageDeps, then: Then) =>
  async (context: RequestContext): Promise<Answer> => {
    const me = await meOf(deps, context, 'self-factor-add');
    return isFresh(deps, me.principal) ? then(deps, me) : stepUp(deps, me, path);
  };

const auth = 'session';
const add = (at: string) => ({ path: at, action: 'factor-add', auth }) as const;
const begin = (at: string) => ({ path: at, action: 'factor-begin', auth }) as const;

/** A further second factor for somebody who is signed in. */
export const addFactorRoutes = (deps: PageDeps): Route[] => [
  shown({ path, action: 'factor-page', auth }, gated(deps, choicePage)),
  sent(begin(appPath), gated(deps, beginApp)),
  sent(add(`${appPath}/code`), gated(deps, confirmApp)),
  sent(begin(`${places.factors}/passkey/options`), gated(deps, passkeyOptions)),
  sent(add(`${places.factors}/passkey`), gated(deps, addPasskey)),
];
