import {
  type Answer,
  button,
  errorOf,
  errorSummary,
  type Fields,
  field,
  fieldsOf,
  form,
  html,
  line,
  loginForManagers,
  page,
  type Route,
} from '@safeguard/http';
import type { FlowPurpose, FlowView, Step } from '../sign-in/types.ts';
import { type At, onward, refused, stepPaths, stepSent, stepShown } from './flow.ts';
import type { PageDeps } from './ports.ts';
import { type Trouble, troubleOf } from './trouble.ts';

const order: Readonly<Record<FlowPurpose, readonly Step[]>> = {
  administrator: ['account', 'password', 'enrol', 'codes'],
  invitation: ['password', 'enrol', 'codes'],
  recovery: ['password', 'enrol', 'codes'],
  'sign-in': ['enrol', 'codes'],
  'step-up': [],
};

/** How far it is, in words: no bar that only eyes can read. */
export function progress({ purpose, step }: FlowView) {
  const steps = order[purpose];
  const at = steps.indexOf(step);
  return at >= 0 && html`<p class="hint">Step ${at + 1} of ${steps.length}</p>`;
}

/** What a page of a step that failed has in common. */
export const told = (trouble: Trouble | undefined) => ({
  status: trouble?.status ?? 200,
  wrong: trouble !== undefined,
  ...(trouble?.headers === undefined ? {} : { headers: trouble.headers }),
});

function accountPage({ brand, view }: At, trouble?: Trouble, given?: Fields): Answer {
  const wrong = trouble?.wrong ?? [];
  return page({
    title: 'Set up the first administrator',
    brand,
    ...told(trouble),
    main: html`${progress(view)}
<h1>Set up the first administrator</h1>
<p class="lead">This account manages everybody else’s. Choose an address that belongs to one person.</p>
${errorSummary(wrong)}
${form(stepPaths.account, [
  field({
    label: 'Your name',
    name: 'name',
    autocomplete: 'name',
    value: given?.('name') ?? '',
    error: errorOf(wrong, 'name'),
  }),
  field({
    label: 'E-mail address',
    name: 'login',
    inputmode: 'email',
    autocomplete: 'username',
    hint: 'You will sign in with it.',
    value: given?.('login') ?? '',
    error: errorOf(wrong, 'login'),
  }),
  button('Continue'),
])}`,
  });
}

async function giveAccount(deps: PageDeps, at: At): Promise<Answer> {
  const get = fieldsOf(at.context);
  try {
    const who = { login: line(get('login')), name: line(get('name')) };
    return await onward(deps, at, await deps.signIn.account(at.secret, who));
  } catch (thrown) {
    const trouble = troubleOf(thrown, 'This could not be accepted.', ['name', 'login']);
    refused(at, trouble);
    return accountPage(at, trouble, get);
  }
}

/** The rules in words for a person (NIST SP 800-63B-4 3.1.1.2): length, and not what everybody tries first. */
export const passwordHint =
  'At least 8 characters, any you like; spaces too. A few unrelated words are easy to remember and hard to guess.';

/** Both boxes of a new password. It is never sent back to the page. */
export const newPasswordFields = (wrong: Trouble['wrong']) => [
  field({
    label: 'New password',
    name: 'password',
    type: 'password',
    autocomplete: 'new-password',
    hint: passwordHint,
    error: errorOf(wrong, 'password'),
  }),
  field({
    label: 'New password, once more',
    name: 'again',
    type: 'password',
    autocomplete: 'new-password',
    error: errorOf(wrong, 'again'),
  }),
];

/** Told before anything is asked of the server: two boxes that differ are a slip of the hand. */
export const mismatch: Trouble = {
  status: 422,
  wrong: [{ field: 'again', text: 'The two passwords are not the same.' }],
  reason: 'not accepted',
};

const passwordTitles = { invitation: 'Choose a password', recovery: 'Choose a new password' } as const;

function passwordPage({ brand, view }: At, trouble?: Trouble): Answer {
  const title = view.purpose === 'recovery' ? passwordTitles.recovery : passwordTitles.invitation;
  const wrong = trouble?.wrong ?? [];
  const { account } = view;
  return page({
    title,
    brand,
    ...told(trouble),
    main: html`${progress(view)}
<h1>${title}</h1>
${account !== undefined && html`<p class="lead">For ${account.name}, who signs in as ${account.login}.</p>`}
${errorSummary(wrong)}
${form(stepPaths.password, [
  // For password managers: they keep the new password under this name.
  account !== undefined && loginForManagers(account.login),
  newPasswordFields(wrong),
  button('Continue'),
])}`,
  });
}

async function givePassword(deps: PageDeps, at: At): Promise<Answer> {
  const get = fieldsOf(at.context);
  if (get('password') !== get('again')) return passwordPage(at, mismatch);
  try {
    return await onward(deps, at, await deps.signIn.choosePassword(at.secret, get('password')));
  } catch (thrown) {
    const trouble = troubleOf(thrown, 'This password could not be accepted.', ['password']);
    refused(at, trouble);
    return passwordPage(at, trouble);
  }
}

/** What a one-time link sets up before the second factor: who, and the password. */
export const setUpRoutes = (deps: PageDeps): Route[] => [
  stepShown(deps, 'account', stepPaths.account, (at) => accountPage(at)),
  stepSent(deps, 'account', stepPaths.account, (at) => giveAccount(deps, at)),
  stepShown(deps, 'password', stepPaths.password, (at) => passwordPage(at)),
  stepSent(deps, 'password', stepPaths.password, (at) => givePassword(deps, at)),
];
