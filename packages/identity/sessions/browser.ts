import { hash } from 'node:crypto';

/** In this order: most browsers also name the ones they descend from. */
const families: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(A|iOS|e)?\//, 'Edge'],
  [/\b(OPR|OPiOS|OPT)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|Chromium|HeadlessChrome)\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
];
const platforms: readonly (readonly [RegExp, string])[] = [
  [/\b(iPhone|iPad|iPod)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\b(Macintosh|Mac OS X)\b/, 'macOS'],
  [/\b(Linux|X11)\b/, 'Linux'],
];

const longest = 512;
const first = (list: readonly (readonly [RegExp, string])[], agent: string): string | undefined =>
  list.find(([form]) => form.test(agent))?.[1];

/** Browser and system in words of ours alone: nothing of the header is shown to anyone. */
export function deviceOf(agent: string): string {
  const text = agent.slice(0, longest);
  return `${first(families, text) ?? 'A browser'} on ${first(platforms, text) ?? 'an unknown system'}`;
}

/**
 * What a session is bound to: the family and the platform, which stay through updates of either; of a browser that is
 * not known, the name of its product. A thief has to guess it right, once: the cookie ends at the first miss.
 */
export function browserOf(agent: string | undefined): Buffer {
  const text = (agent ?? '').slice(0, longest);
  const family = first(families, text) ?? `other ${/^[A-Za-z0-9._-]{1,40}/.exec(text)?.[0]?.toLowerCase() ?? ''}`;
  return hash('sha256', `${family}\n${first(platforms, text) ?? ''}`, 'buffer');
}
