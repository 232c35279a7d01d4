import { attributes, type Html, html, type Value } from './html.ts';

/** A text field with its label. `id` is the name: a name stands once on a page. */
export interface FieldParts {
  readonly label: string;
  readonly name: string;
  readonly type?: 'text' | 'email' | 'password' | 'search' | 'date' | 'datetime-local';
  /** A token of HTML's autofill (WCAG 2.2 1.3.5): `username webauthn`, `current-password`, `one-time-code` … */
  readonly autocomplete?: string;
  readonly value?: string;
  /** What is wrong with it, in words for a person: also name it in `errorSummary`. */
  readonly error?: string | undefined;
  readonly hint?: Value;
  readonly inputmode?: 'numeric' | 'email' | 'text';
  readonly maxlength?: number;
  /** Of a day: the first and the last that count, `2026-11-22`. */
  readonly min?: string;
  readonly max?: string;
  readonly required?: boolean;
  readonly autofocus?: boolean;
}

const errorText = (id: string, text: string): Html =>
  html`<p class="error" id="${id}-error"><span class="unseen">Error: </span>${text}</p>`;

export function field(parts: FieldParts): Html {
  const { name, label, hint, error } = parts;
  const described = [hint === undefined ? '' : `${name}-hint`, error === undefined ? '' : `${name}-error`];
  return html`<div class="field${error === undefined ? '' : ' wrong'}">
<label for="${name}">${label}</label>
${hint !== undefined && html`<p class="hint" id="${name}-hint">${hint}</p>`}
${error !== undefined && errorText(name, error)}
<input${attributes({
    id: name,
    name,
    type: parts.type ?? 'text',
    value: parts.value,
    autocomplete: parts.autocomplete,
    inputmode: parts.inputmode,
    maxlength: parts.maxlength,
    min: parts.min,
    max: parts.max,
    autofocus: parts.autofocus,
    required: parts.required ?? true,
    'aria-describedby': described.filter(Boolean).join(' ') || undefined,
    'aria-invalid': error === undefined ? undefined : 'true',
    ...(parts.type === 'text' || parts.type === undefined ? {} : { autocapitalize: 'none' }),
    spellcheck: 'false',
  })}>
</div>`;
}

/** A box to tick. The label may hold markup. */
export const checkbox = (parts: {
  readonly label: Value;
  readonly name: string;
  readonly value?: string;
  readonly checked?: boolean;
  readonly required?: boolean;
  readonly id?: string;
  readonly hint?: Value;
  readonly error?: string | undefined;
}): Html => {
  const id = parts.id ?? parts.name;
  const described = [parts.hint === undefined ? '' : `${id}-hint`, parts.error === undefined ? '' : `${id}-error`];
  return html`<div class="check">
${parts.error !== undefined && errorText(id, parts.error)}
<input${attributes({
    id,
    name: parts.name,
    type: 'checkbox',
    value: parts.value ?? 'yes',
    checked: parts.checked,
    required: parts.required,
    'aria-describedby': described.filter(Boolean).join(' ') || undefined,
    'aria-invalid': parts.error === undefined ? undefined : 'true',
  })}>
<label for="${id}">${parts.label}</label>
${parts.hint !== undefined && html`<p class="hint" id="${id}-hint">${parts.hint}</p>`}
</div>`;
};

export const hidden = (name: string, value: string): Html =>
  html`<input type="hidden" name="${name}" value="${value}">`;

/** Submits its form. `quiet`: beside a main one; `danger`: ends something. */
export const button = (
  text: Value,
  kind: 'main' | 'quiet' | 'danger' = 'main',
  more: { readonly name?: string; readonly value?: string } = {},
): Html =>
  html`<button type="submit" class="${kind}"${attributes({ name: more.name, value: more.value })}>${text}</button>`;

/** A link that looks like a button: for going somewhere, never for doing something. */
export const linkButton = (text: Value, href: string, kind: 'main' | 'quiet' = 'quiet'): Html =>
  html`<a class="button ${kind}" href="${href}">${text}</a>`;

/** A form that is posted to an address of ours. */
export const form = (action: string, content: Value): Html =>
  html`<form method="post" action="${action}" novalidate>${content}</form>`;

/** Says something about what just happened or what is to be minded. */
export const notice = (text: Value, kind: 'good' | 'note' | 'bad' = 'note'): Html =>
  html`<div class="notice ${kind}"${attributes({ role: kind === 'bad' ? 'alert' : 'status' })}>${text}</div>`;

/** One thing that is wrong with a form; `field` is the name of the control that it belongs to. */
export interface Wrong {
  readonly field?: string;
  readonly text: string;
}

const wrongItem = ({ field: name, text }: Wrong): Html =>
  html`<li>${name === undefined ? text : html`<a href="#${name}">${text}</a>`}</li>`;

/** What is wrong, first on the page and linked to its fields (WCAG 2.2 3.3.1); nothing where nothing is. */
export const errorSummary = (wrong: readonly Wrong[]): Html =>
  wrong.length === 0
    ? html``
    : html`<div class="notice bad" role="alert" tabindex="-1" id="errors"><h2>Please look at this again</h2>
<ul>${wrong.map(wrongItem)}</ul></div>`;

/** The text that belongs to a field, for `field({ error })`. */
export const errorOf = (wrong: readonly Wrong[], name: string): string | undefined =>
  wrong.find((each) => each.field === name)?.text;

/** Unseen: password managers keep a password under the login that stands beside it. */
export const loginForManagers = (login: string): Html =>
  html`<input class="unseen" type="text" name="login" value="${login}" autocomplete="username" tabindex="-1"
 aria-hidden="true" readonly>`;
