import { dayOf, type Html, html, linkButton } from '@safeguard/http';
import type { Factor } from '../../authenticators/types.ts';
import { places } from './frame.ts';

const kinds = { totp: 'Authenticator app', passkey: 'Passkey' } as const;

/** A second factor in a list, with the way to its end. */
export function factorRow({ id, kind, label, created_at, last_used_at }: Factor): Html {
  const name = kind === 'recovery-codes' ? label : kinds[kind];
  return html`<li class="row"><div>
<h3>${label === '' ? name : label} ${label !== '' && label !== name && html`<span class="tag">${name}</span>`}</h3>
<p class="hint">Added ${dayOf(created_at)}${last_used_at !== null && html`, last used ${dayOf(last_used_at)}`}</p>
</div>
${linkButton(html`Remove<span class="unseen"> ${label}</span>`, `${places.factors}/${id}/remove`)}</li>`;
}
