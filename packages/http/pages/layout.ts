import type { Answer } from '../types.ts';
import { logoMark, stylesheet } from './assets.ts';
import { type Html, html, markup } from './html.ts';

/** Whose pages they are. `logo`: a path of ours or a `data:` address of an image; nothing else is loaded. */
export interface Brand {
  readonly name: string;
  readonly logo?: string | undefined;
}

export interface PageParts {
  /** Of the document, without the brand's name. A page that tells errors begins it with "Error: ": `wrong` does. */
  readonly title: string;
  readonly brand: Brand;
  /** Begins with the one `<h1>`. */
  readonly main: Html;
  readonly status?: number;
  /** True when the page tells that something given was wrong: the title says so first. */
  readonly wrong?: boolean;
  /** A path of ours under /assets/: only then the page may run a script and ask this server from it. */
  readonly script?: string;
  /** More origins that a form may lead to, also by redirect (CSP `form-action`): an app's, a provider's. */
  readonly formTargets?: readonly string[];
  readonly cookies?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** The way around, above the content; its pages are wider. */
  readonly nav?: Html;
  /** A path of ours to go on to at once: an end of a form's chain of redirects, so that `form-action` holds none. */
  readonly next?: string;
  /** Search engines may list the page, under this description; absent: they may not. */
  readonly indexed?: { readonly description: string };
}

/** An origin as CSP may name it: anything else would let a stored address write directives. */
const originForm = /^https?:\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?$|^[a-z][a-z0-9+.-]*:$/;

/**
 * Nothing but what the page names: no inline script or style, no frame around it, no base, no plug-in. Where there is a
 * script, no text becomes code either (Trusted Types).
 */
export const contentPolicy = ({ script, formTargets = [] }: Pick<PageParts, 'script' | 'formTargets'>): string =>
  [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self' data:",
    ["form-action 'self'", ...formTargets.filter((each) => originForm.test(each))].join(' '),
    "frame-ancestors 'none'",
    "base-uri 'none'",
    ...(script === undefined
      ? []
      : ["script-src 'self'", "connect-src 'self'", "require-trusted-types-for 'script'", "trusted-types 'none'"]),
  ].join('; ');

const header = (brand: Brand): Html =>
  html`<header class="top"><p class="brand">${
    brand.logo === undefined ? logoMark : html`<img src="${brand.logo}" alt="" height="32">`
  }<span>${brand.name}</span></p></header>`;

const document = (parts: PageParts): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${
  parts.indexed === undefined
    ? html`<meta name="robots" content="noindex">`
    : html`<meta name="description" content="${parts.indexed.description}">`
}
${parts.next !== undefined && html`<meta http-equiv="refresh" content="0; url=${parts.next}">`}
<title>${parts.wrong === true ? 'Error: ' : ''}${parts.title} – ${parts.brand.name}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${stylesheet}">
${parts.script !== undefined && html`<script src="${parts.script}" defer></script>`}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
${header(parts.brand)}
${parts.nav}
<main id="main" class="${parts.nav === undefined ? 'narrow' : 'wide'}" tabindex="-1">
${parts.main}
</main>
<footer class="foot"><p>Runs on Safeguard</p></footer>
</body>
</html>
`;

/**
 * A page as an answer. `Referrer-Policy: same-origin`: under `no-referrer` a browser would say `Origin: null` in our
 * own forms, and they could not be told from a stranger's.
 */
export const page = (parts: PageParts): Answer => ({
  status: parts.status ?? 200,
  type: 'text/html; charset=utf-8',
  headers: {
    'Content-Security-Policy': contentPolicy(parts),
    'Referrer-Policy': 'same-origin',
    ...(parts.nav === undefined ? {} : { 'Cross-Origin-Opener-Policy': 'same-origin' }),
    ...parts.headers,
  },
  body: markup(document(parts)),
  ...(parts.cookies === undefined ? {} : { cookies: parts.cookies }),
});
