import { type Answer, type Brand, type Entry, type Html, page, wayAround } from '@safeguard/http';

/** What everybody may read is the same for everybody: a browser or a proxy may keep it for a minute. */
export const cached: Readonly<Record<string, string>> = { 'Cache-Control': 'public, max-age=60' };

const entries: readonly Entry[] = [
  ['/trust', 'Trust'],
  ['/trust/policies', 'Policies'],
  ['/trust/reports', 'Ask for a report'],
];

export interface TrustPage {
  readonly title: string;
  readonly brand: Brand;
  readonly here: string;
  readonly main: Html;
  /** For search engines and previews; a page that has one may be indexed. */
  readonly about?: string;
  readonly status?: number;
  readonly wrong?: boolean;
  /** Never kept by anybody: forms, and what follows them. */
  readonly fresh?: boolean;
}

export const trustPage = ({ here, about, fresh = false, ...parts }: TrustPage): Answer =>
  page({
    ...parts,
    nav: wayAround('Trust', entries, here),
    ...(about === undefined ? {} : { indexed: { description: about } }),
    ...(fresh ? {} : { headers: cached }),
  });
