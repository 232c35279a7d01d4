import type { CompiledConsents } from './compile.ts';
import type { NotedConsent } from './types.ts';

/** The Consents that are not, or not wholly, understood, each once with all its reasons, in the order of their ids. */
export function notedConsents({ notes }: Pick<CompiledConsents, 'notes'>): NotedConsent[] {
  const noted = [...Map.groupBy(notes, ({ consent }) => consent)].map(([id, own]): NotedConsent => {
    const patient = own[0]?.patient;
    return { id, ...(patient === undefined ? {} : { patient }), reasons: own.map(({ reason }) => reason) };
  });
  return noted.sort((one, other) => (one.id < other.id ? -1 : 1));
}
