import {
  type Answer,
  button,
  errorOf,
  errorSummary,
  field,
  fieldsOf,
  form,
  html,
  loginForManagers,
  page,
  type Route,
} from '@safeguard/http';
import type { FlowView } from '../sign-in/types.ts';
import { type At, onward, refused, stepPaths, stepSent, stepShown } from './flow.ts';
import { passkeyScript } from './passkey-asset.ts';
import { passkeyForm } from './passkey-form.ts';
import type { PageDeps, ProviderButton } from './ports.ts';
import { fromOf, json } from './request.ts';
import { assertionOf } from './responses.ts';
import { told } from './set-up.ts';
import { type Trouble, troubleOf } from './trouble.ts';

const path = stepPaths.confirm;

interface Ways {
  readonly password: boolean;
  readonly providers: readonly ProviderButton[];
}

async function waysOf(deps: PageDeps, { tenant, account }: FlowView): Promise<Ways> {
  const [password, providers] = await Promise.all([
    account !== undefined && deps.authenticators.passwords.has(tenant, account.id),
    deps.providers?.(tenant) ?? [],
  ]);
  return { password, providers };
}

async function confirmPage(deps: PageDeps, { view, brand }: At, trouble?: Trouble): Promise<Answer> {
  const wrong = trouble?.wrong ?? [];
  const ways = await waysOf(deps, view);
  return page({
    title: 'Confirm that it is you',
    brand,
    ...told(trouble),
    script: passkeyScript,
    main: html`<h1>Confirm that it is you</h1>
<p class="lead">This is asked before anything that protects your account is changed.</p>
${errorSummary(wrong)}
${
  ways.password &&
  form(path, [
    view.account !== undefined && loginForManagers(view.account.login),
    field({
      label: 'Your password',
      name: 'password',
      type: 'password',
      autocomplete: 'current-password',
      error: errorOf(wrong, 'password'),
    }),
    button('Continue'),
  ])
}
${passkeyForm({
  how: 'get',
  action: `${path}/passkey`,
  options: `${path}/passkey/options`,
  text: 'Use a passkey',
})}
${
  ways.providers.length > 0 &&
  html`<div class="stack">${ways.providers.map(({ id, label }) =>
    form(`/federation/${encodeURIComponent(id)}/start`, button(`Continue with ${label}`, 'quiet')),
  )}</div>`
}
<p><a href="/account">Not now</a></p>`,
  });
}

type Attempt = () => Promise<FlowView>;

async function tried(deps: PageDeps, at: At, text: string, attempt: Attempt): Promise<Answer> {
  try {
    return await onward(deps, at, await attempt());
  } catch (thrown) {
    const trouble = troubleOf(thrown, text, ['password']);
    refused(at, trouble);
    return confirmPage(deps, at, trouble);
  }
}

/** The first factor of somebody who is signed in: password, passkey or single sign-on, of this account alone. */
export const confirmRoutes = (deps: PageDeps): Route[] => [
  stepShown(deps, 'confirm', path, (at) => confirmPage(deps, at)),
  stepSent(deps, 'confirm', path, (at) =>
    tried(deps, at, 'That password is not right.', () =>
      deps.signIn.password(
        at.secret,
        { login: at.view.account?.login ?? '', password: fieldsOf(at.context)('password') },
        fromOf(at.context),
      ),
    ),
  ),
  stepSent(deps, 'confirm', `${path}/passkey`, (at) =>
    tried(deps, at, 'That passkey did not work here.', () =>
      deps.signIn.passkey(at.secret, assertionOf(fieldsOf(at.context)('response')), fromOf(at.context)),
    ),
  ),
  stepSent(deps, 'confirm', `${path}/passkey/options`, async ({ secret, context }) =>
    json(await deps.signIn.passkeyOptions(secret, fromOf(context))),
  ),
];
