import { errorOf, field, type Html, html } from '@safeguard/http';
import { grouped, qrCode } from './qr.ts';
import type { Trouble } from './trouble.ts';

/** How to bring a new secret into an app: by camera, or typed. */
export const appSteps = ({
  uri,
  secret,
}: {
  readonly uri: string;
  readonly secret: string;
}): Html => html`<ol class="steps">
<li>Open an authenticator app on your phone. Any that knows time-based codes will do.</li>
<li>Scan this picture with it:
${qrCode(uri, 'QR code that holds the key below')}
</li>
<li>If you cannot scan it, type this key into the app instead:
<p class="secret" id="key">${grouped(secret)}</p>
</li>
</ol>`;

export const codeField = (wrong: Trouble['wrong']): Html =>
  field({
    label: 'Code that the app shows now',
    name: 'code',
    inputmode: 'numeric',
    autocomplete: 'one-time-code',
    maxlength: 10,
    hint: '6 digits',
    error: errorOf(wrong, 'code'),
  });
