import type { Interaction } from './types.ts';

/** Addresses of an interaction: below the path that its cookie is bound to. */
export const placesOf = ({ uid }: Pick<Interaction, 'uid'>) => ({
  self: `/interaction/${uid}`,
  search: `/interaction/${uid}/search`,
  patient: `/interaction/${uid}/patient`,
  encounter: `/interaction/${uid}/encounter`,
  consent: `/interaction/${uid}/consent`,
  deny: `/interaction/${uid}/deny`,
});

/**
 * Where the form of a page may lead in the end, for CSP `form-action`: the app's own address, which was checked against
 * its registration before the interaction began. A native app's scheme stands for itself.
 */
export function targetOf({ params }: Pick<Interaction, 'params'>): string[] {
  const { redirect_uri } = params as { redirect_uri?: unknown };
  const url = typeof redirect_uri === 'string' ? URL.parse(redirect_uri) : null;
  if (url === null) return [];
  return [url.protocol === 'https:' || url.protocol === 'http:' ? url.origin : url.protocol];
}
