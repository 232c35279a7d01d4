import { attributes, type Html, html, type Value } from './html.ts';

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

/** One of several that need a word each. The first is found under the name itself: where an error leads. */
export const radios = ({
  of,
  ...parts
}: Parts & { readonly of: readonly (readonly [value: string, text: Value, hint?: Value])[] }): Html => {
  const { name, label, hint, error, value } = parts;
  const one = ([each, text, more]: (typeof of)[number], index: number): Html => {
    const id = index === 0 ? name : `${name}-${each}`;
    const described = more === undefined ? undefined : `${id}-more`;
    const marks = { id, name, type: 'radio', value: each, checked: each === value, 'aria-describedby': described };
    return html`<div class="check"><input${attributes(marks)}><label for="${id}">${text}</label>
${more !== undefined && html`<p class="hint" id="${id}-more">${more}</p>`}</div>`;
  };
  return html`<fieldset class="checks${error === undefined ? '' : ' wrong'}"><legend>${label}</legend>
${hint !== undefined && html`<p class="hint">${hint}</p>`}
${error !== undefined && html`<p class="error"><span class="unseen">Error: </span>${error}</p>`}
${of.map(one)}</fieldset>`;
};
