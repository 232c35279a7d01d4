import { attributes, type Html, html, type Value } from '../../pages/html.ts';

interface Parts {
  readonly label: string;
  readonly name: string;
  readonly value?: string | undefined;
  readonly hint?: Value;
  readonly error?: string | undefined;
  readonly required?: boolean;
}

const around = ({ label, name, hint, error }: Parts, control: Html): Html =>
  html`<div class="field${error === undefined ? '' : ' wrong'}">
<label for="${name}">${label}</label>
${hint !== undefined && html`<p class="hint" id="${name}-hint">${hint}</p>`}
${error !== undefined && html`<p class="error" id="${name}-error"><span class="unseen">Error: </span>${error}</p>`}
${control}
</div>`;

const common = ({ name, hint, error, required }: Parts) => ({
  id: name,
  name,
  required: required ?? false,
  'aria-describedby':
    [hint === undefined ? '' : `${name}-hint`, error === undefined ? '' : `${name}-error`].filter(Boolean).join(' ') ||
    undefined,
  'aria-invalid': error === undefined ? undefined : 'true',
});

/** Several lines of text. */
export const area = (parts: Parts & { readonly rows?: number }): Html =>
  around(
    parts,
    html`<textarea${attributes({ ...common(parts), rows: parts.rows ?? 4, spellcheck: 'false' })}>
${parts.value ?? ''}</textarea>`,
  );

/** One of a few. */
export const choice = (parts: Parts & { readonly of: readonly (readonly [value: string, text: string])[] }): Html =>
  around(
    parts,
    html`<select${attributes(common(parts))}>${parts.of.map(
      ([value, text]) => html`<option${attributes({ value, selected: value === parts.value })}>${text}</option>`,
    )}</select>`,
  );
