import {
  type Answer,
  button,
  errorSummary,
  fieldsOf,
  form,
  hidden,
  html,
  line,
  page,
  type Route,
  seeOther,
} from '@safeguard/http';
import type { FlowView } from '../sign-in/types.ts';
import { type At, onward, refused, stepPaths, stepSent, stepShown } from './flow.ts';
import { passkeyScript } from './passkey-asset.ts';
import { passkeyForm, withoutScript } from './passkey-form.ts';
import type { PageDeps } from './ports.ts';
import { fromOf, json } from './request.ts';
import { attestationOf } from './responses.ts';
import { progress, told } from './set-up.ts';
import { appSteps, codeField } from './totp-parts.ts';
import { type Trouble, troubleOf } from './trouble.ts';

const path = stepPaths.enrol;
const appPath = `${path}/app`;

/** A passkey made at enrolment; it can be told apart by its date, and is named by the person later. */
const passkeyLabel = 'Passkey';

function choicePage({ brand, view }: At, trouble?: Trouble): Answer {
  return page({
    title: 'Add a second step',
    brand,
    ...told(trouble),
    script: passkeyScript,
    main: html`${progress(view)}
<h1>Add a second step</h1>
<p class="lead">Passwords get stolen. A second step keeps your account, and the people in its records, safe.</p>
${errorSummary(trouble?.wrong ?? [])}
<section class="stack">
<h2>Passkey</h2>
<p>Your phone, computer or security key confirms it is you, with a fingerprint, a face or a PIN.</p>
${passkeyForm({
  how: 'create',
  action: `${path}/passkey`,
  options: `${path}/passkey/options`,
  text: 'Create a passkey',
  kind: 'main',
  fields: hidden('label', passkeyLabel),
})}
${withoutScript('Passkeys can be made here when JavaScript is allowed for this page.')}
</section>
<p class="or">or</p>
<section class="stack">
<h2>Authenticator app</h2>
<p>An app on your phone shows a new 6-digit code every 30 seconds.</p>
${form(appPath, button('Set up an app', 'quiet'))}
</section>`,
  });
}

function appPage(at: At, trouble?: Trouble): Answer {
  const { brand, view } = at;
  if (view.totp === undefined) return seeOther(path);
  const wrong = trouble?.wrong ?? [];
  return page({
    title: 'Set up your app',
    brand,
    ...told(trouble),
    main: html`${progress(view)}
<h1>Set up your app</h1>
${errorSummary(wrong)}
${appSteps(view.totp)}
${form(`${appPath}/code`, [codeField(wrong), button('Continue')])}
<p><a href="${path}">Choose another way</a></p>`,
  });
}

async function beginApp(deps: PageDeps, at: At): Promise<Answer> {
  await deps.signIn.beginTotp(at.secret);
  return seeOther(appPath);
}

type Attempt = () => Promise<FlowView>;
const enrolled = { action: 'factor-add' } as const;

async function tried(deps: PageDeps, at: At, again: (trouble: Trouble) => Answer, text: string, attempt: Attempt) {
  try {
    const view = await attempt();
    at.context.found?.(enrolled);
    return await onward(deps, at, view);
  } catch (thrown) {
    const trouble = troubleOf(thrown, text, ['code'], 'not confirmed');
    refused(at, trouble, enrolled.action);
    return again(trouble);
  }
}

const confirmApp = (deps: PageDeps, at: At): Promise<Answer> =>
  tried(
    deps,
    at,
    (trouble) => appPage(at, trouble),
    'That code is not right. Check that the time on your phone is right, and enter the newest code.',
    () => deps.signIn.confirmTotp(at.secret, line(fieldsOf(at.context)('code')).replace(/[\s-]/g, '')),
  );

function confirmPasskey(deps: PageDeps, at: At): Promise<Answer> {
  const get = fieldsOf(at.context);
  const again = (trouble: Trouble) =>
    choicePage(at, { ...trouble, wrong: trouble.wrong.map(({ text }) => ({ text })) });
  return tried(deps, at, again, 'The passkey was not accepted. Please try again.', () =>
    deps.signIn.confirmPasskey(at.secret, attestationOf(get('response')), passkeyLabel, fromOf(at.context)),
  );
}

/** The second factor that everybody must have. What is set up here is valid when the flow is through, not before. */
export const enrolRoutes = (deps: PageDeps): Route[] => [
  stepShown(deps, 'enrol', path, (at) => choicePage(at)),
  stepSent(deps, 'enrol', appPath, (at) => beginApp(deps, at)),
  stepShown(deps, 'enrol', appPath, (at) => appPage(at)),
  stepSent(deps, 'enrol', `${appPath}/code`, (at) => confirmApp(deps, at)),
  stepSent(deps, 'enrol', `${path}/passkey`, (at) => confirmPasskey(deps, at)),
  stepSent(deps, 'enrol', `${path}/passkey/options`, async ({ secret, context }) =>
    json(await deps.signIn.beginPasskey(secret, fromOf(context))),
  ),
];
