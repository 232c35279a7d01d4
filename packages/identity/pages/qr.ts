import { type Html, html, raw } from '@safeguard/http';
import { renderSVG } from 'uqr';

/** A QR code as inline SVG: dark on white in either scheme, or cameras do not read it. It holds squares, no text. */
export const qrCode = (text: string, label: string): Html =>
  html`<figure class="qr" role="img" aria-label="${label}">${raw(renderSVG(text, { ecc: 'M', border: 2 }))}</figure>`;

/** In groups of four, as people read it aloud and type it. */
export const grouped = (secret: string): string => secret.match(/.{1,4}/g)?.join(' ') ?? '';
