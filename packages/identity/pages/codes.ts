import {
  type Answer,
  button,
  checkbox,
  errorOf,
  errorSummary,
  fieldsOf,
  form,
  type Html,
  html,
  page,
  type Route,
  type Wrong,
} from '@safeguard/http';
import { type At, onward, stepPaths, stepSent, stepShown } from './flow.ts';
import type { PageDeps } from './ports.ts';
import { progress } from './set-up.ts';

/** The codes, to be written down or printed. Shown once: only their hashes are kept. */
export const codeList = (
  codes: readonly string[],
): Html => html`<p>If you lose your phone or passkey, each of these codes lets
you in once. Print them, or keep them in a password manager. <strong>They are not shown again.</strong></p>
<ul class="codes">${codes.map((code) => html`<li>${code}</li>`)}</ul>`;

const unticked: readonly Wrong[] = [{ field: 'kept', text: 'Please keep the codes first, then tick the box.' }];

export const keptForm = (action: string, wrong: readonly Wrong[]): Html =>
  form(action, [
    checkbox({ label: 'I have kept these codes in a safe place', name: 'kept', error: errorOf(wrong, 'kept') }),
    button('Continue'),
  ]);

const codesPage = ({ brand, view }: At, wrong: readonly Wrong[] = []): Answer =>
  page({
    title: 'Keep your recovery codes',
    brand,
    status: wrong.length > 0 ? 422 : 200,
    wrong: wrong.length > 0,
    main: html`${progress(view)}
<h1>Keep your recovery codes</h1>
${errorSummary(wrong)}
${codeList(view.codes ?? [])}
${keptForm(stepPaths.codes, wrong)}`,
  });

/** Recovery codes are confirmed before there is a session: who never saw them would be locked out one day. */
export const codesRoutes = (deps: PageDeps): Route[] => [
  stepShown(deps, 'codes', stepPaths.codes, (at) => codesPage(at)),
  stepSent(deps, 'codes', stepPaths.codes, async (at) =>
    fieldsOf(at.context)('kept') === 'yes'
      ? onward(deps, at, await deps.signIn.codesKept(at.secret))
      : codesPage(at, unticked),
  ),
];
