import { attributes, button, type Html, html, type Value } from '@safeguard/http';

interface PasskeyForm {
  readonly how: 'get' | 'create';
  /** Where the answer is posted, as field `response`. */
  readonly action: string;
  /** Where the script asks for the options, with the fields of the form. */
  readonly options: string;
  readonly text: string;
  readonly kind?: 'main' | 'quiet';
  /** Offered in the login field's own list too (`autocomplete="username webauthn"`). */
  readonly offer?: boolean;
  readonly fields?: Value;
}

const troubles = {
  get: 'That did not work. Try again, or choose another way.',
  create: 'The passkey was not made. Try again, or choose another way.',
} as const;

/** Hidden until the script finds that the browser knows passkeys: no button that does nothing without it. */
export const passkeyForm = (
  parts: PasskeyForm,
): Html => html`<form method="post" action="${parts.action}" hidden${attributes({
  'data-passkey': parts.how,
  'data-options': parts.options,
  'data-offer': parts.offer === true,
})}>
${parts.fields}
<input type="hidden" name="response" value="">
<div class="notice bad" role="alert" data-trouble hidden><p>${troubles[parts.how]}</p></div>
${button(parts.text, parts.kind ?? 'quiet')}
</form>`;

/** Told where a passkey is a way, and no script runs. */
export const withoutScript = (text: string): Html => html`<p class="hint" data-without-script>${text}</p>`;
