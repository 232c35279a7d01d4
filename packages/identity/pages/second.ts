import {
  type Answer,
  button,
  errorOf,
  errorSummary,
  field,
  fieldsOf,
  form,
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
import { assertionOf } from './responses.ts';
import { type Trouble, troubleOf } from './trouble.ts';

const path = stepPaths.second;
const recoveryPath = `${path}/recovery`;

const titles = (view: FlowView): { title: string; lead: string } =>
  view.purpose === 'step-up'
    ? { title: 'Confirm that it is you', lead: 'This is asked before anything that protects your account is changed.' }
    : {
        title: 'One more step',
        lead: 'Your second step keeps the account yours, even if somebody knows your password.',
      };

const codeForm = (trouble?: Trouble) =>
  form(`${path}/code`, [
    field({
      label: 'Code from your authenticator app',
      name: 'code',
      inputmode: 'numeric',
      autocomplete: 'one-time-code',
      maxlength: 10,
      hint: '6 digits. They change every 30 seconds.',
      error: errorOf(trouble?.wrong ?? [], 'code'),
    }),
    button('Continue'),
  ]);

function secondPage({ view, brand }: At, trouble?: Trouble): Answer {
  const has = new Set(view.factors);
  const wrong = trouble?.wrong ?? [];
  const { title, lead } = titles(view);
  return page({
    title,
    brand,
    status: trouble?.status ?? 200,
    wrong: wrong.length > 0,
    ...(trouble?.headers === undefined ? {} : { headers: trouble.headers }),
    ...(has.has('passkey') ? { script: passkeyScript } : {}),
    main: html`<h1>${title}</h1>
<p class="lead">${lead}</p>
${errorSummary(wrong)}
${has.has('totp') && codeForm(trouble)}
${
  has.has('passkey') && [
    passkeyForm({
      how: 'get',
      action: `${path}/passkey`,
      options: `${path}/passkey/options`,
      text: 'Use your passkey',
      kind: has.has('totp') ? 'quiet' : 'main',
    }),
    withoutScript('Your passkey can be used here when JavaScript is allowed for this page.'),
  ]
}
${has.has('recovery-codes') && html`<p><a href="${recoveryPath}">Use a recovery code instead</a></p>`}`,
  });
}

function recoveryPage({ brand }: At, trouble?: Trouble): Answer {
  const wrong = trouble?.wrong ?? [];
  return page({
    title: 'Use a recovery code',
    brand,
    status: trouble?.status ?? 200,
    wrong: wrong.length > 0,
    ...(trouble?.headers === undefined ? {} : { headers: trouble.headers }),
    main: html`<h1>Use a recovery code</h1>
<p class="lead">One of the codes that you kept when you set up your account. Each works once.</p>
${errorSummary(wrong)}
${form(recoveryPath, [
  field({
    label: 'Recovery code',
    name: 'recovery',
    autocomplete: 'off',
    maxlength: 40,
    error: errorOf(wrong, 'recovery'),
  }),
  button('Continue'),
])}
<p><a href="${path}">Go back to the other ways</a></p>`,
  });
}

interface Way {
  readonly field: string;
  readonly text: string;
  readonly reason: string;
  readonly action?: string;
  readonly again: (at: At, trouble: Trouble) => Answer;
}

/** One way to show the second factor: on, or the same page with what was wrong. */
async function tried(deps: PageDeps, at: At, way: Way, attempt: () => Promise<FlowView>): Promise<Answer> {
  try {
    return await onward(deps, at, await attempt());
  } catch (thrown) {
    const trouble = troubleOf(thrown, way.text, [way.field], way.reason);
    refused(at, trouble, way.action);
    return way.again(at, trouble);
  }
}

const codeWay: Way = {
  field: 'code',
  text: 'That code is not right. Codes work once: wait for the next one.',
  reason: 'wrong code',
  again: secondPage,
};
const passkeyWay: Way = {
  field: 'code',
  text: 'That passkey did not work here.',
  reason: 'passkey refused',
  again: secondPage,
};
const recoveryWay: Way = {
  field: 'recovery',
  text: 'That code is not right, or was used before.',
  reason: 'wrong recovery code',
  action: 'recovery-code-use',
  again: recoveryPage,
};

/** False for an account whose passkey ended because it was copied: its recovery codes are what it has. */
const hasOwn = ({ factors = [] }: FlowView): boolean => factors.some((each) => each !== 'recovery-codes');

/** Authenticator apps show the code in groups, and people paste it so. */
const digits = (text: string): string => line(text).replace(/[\s-]/g, '');

/** The second factor: a code of an app, a passkey, a recovery code. */
export const secondRoutes = (deps: PageDeps): Route[] => [
  stepShown(deps, 'second', path, (at) => (hasOwn(at.view) ? secondPage(at) : seeOther(recoveryPath))),
  stepShown(deps, 'second', recoveryPath, (at) => recoveryPage(at)),
  stepSent(deps, 'second', `${path}/code`, (at) =>
    tried(deps, at, codeWay, () =>
      deps.signIn.code(at.secret, digits(fieldsOf(at.context)('code')), fromOf(at.context)),
    ),
  ),
  stepSent(deps, 'second', recoveryPath, (at) =>
    tried(deps, at, recoveryWay, () =>
      deps.signIn.recoveryCode(at.secret, line(fieldsOf(at.context)('recovery')), fromOf(at.context)),
    ),
  ),
  stepSent(deps, 'second', `${path}/passkey`, (at) =>
    tried(deps, at, passkeyWay, () =>
      deps.signIn.passkey(at.secret, assertionOf(fieldsOf(at.context)('response')), fromOf(at.context)),
    ),
  ),
  stepSent(deps, 'second', `${path}/passkey/options`, async ({ secret, context }) =>
    json(await deps.signIn.passkeyOptions(secret, fromOf(context))),
  ),
];
