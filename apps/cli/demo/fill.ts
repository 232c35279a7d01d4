import { fault } from '@safeguard/kernel';
import { syntheticPatients, type TransactionBundle } from '@safeguard/synthetic';
import type { Session } from '../fhir/authorize.ts';
import type { Reply } from '../fhir/endpoint.ts';
import { postBundle } from '../fhir/post-bundle.ts';
import { outcomeText } from '../load/tally.ts';

export interface Filled {
  readonly patients: number;
  readonly resources: number;
  /** The id that the server gave the first patient. */
  readonly patient: string;
  /** The same seed was loaded before: nothing was sent. */
  readonly already: boolean;
}

export interface FillOptions {
  readonly seed: string;
  readonly count: number;
  readonly concurrency: number;
  readonly onProgress: (patients: number, resources: number) => void;
}

interface Identified {
  readonly identifier: readonly { readonly system: string; readonly value: string }[];
}

const answerOf = ({ body }: Reply): { entry?: { resource?: { id?: string }; response?: { location?: string } }[] } =>
  JSON.parse(body.toString('utf8'));

/** The first patient of the seed, when the server has them already. */
async function alreadyThere(session: Session, bundle: TransactionBundle): Promise<string | undefined> {
  const resource = bundle.entry.find((entry) => entry.request.url === 'Patient')?.resource as unknown as Identified;
  const { system, value } = resource.identifier[0] ?? { system: '', value: '' };
  const { base, exchange } = session.endpoint;
  const query = new URLSearchParams({ identifier: `${system}|${value}` });
  const headers = { authorization: await session.authorization(), accept: 'application/fhir+json' };
  const reply = await exchange('GET', `${base}/Patient?${query}`, headers);
  if (reply.status !== 200) throw refused(reply);
  return answerOf(reply).entry?.[0]?.resource?.id;
}

function refused(reply: Reply): Error {
  let words: string | undefined;
  try {
    words = outcomeText(answerOf(reply));
  } catch {
    words = undefined;
  }
  return fault(
    'unprocessable',
    `the server refused a synthetic patient (${reply.status}): ${words ?? 'no reason given'}`,
  );
}

async function send(session: Session, bundle: TransactionBundle): Promise<Reply> {
  const reply = await postBundle(session, JSON.stringify(bundle), true);
  if (reply.status !== 200) throw refused(reply);
  return reply;
}

const patientIdOf = (reply: Reply): string | undefined =>
  answerOf(reply)
    .entry?.map(({ response }) => /(?:^|\/)Patient\/([^/]+)/.exec(response?.location ?? '')?.[1])
    .find((id) => id !== undefined);

/** Sends the synthetic patients of a seed, the facilities first; does nothing when they are there. */
export async function fill(session: Session, { seed, count, concurrency, onProgress }: FillOptions): Promise<Filled> {
  const bundles = syntheticPatients({ seed, count });
  const facilities = bundles.next().value;
  const first = bundles.next().value;
  if (!facilities || !first) throw fault('invalid', 'at least one patient is needed');
  const there = await alreadyThere(session, first);
  if (there !== undefined) return { patients: 0, resources: 0, patient: there, already: true };
  let [patients, resources] = [1, facilities.entry.length + first.entry.length];
  await send(session, facilities);
  const patient = patientIdOf(await send(session, first));
  if (patient === undefined) throw fault('internal', 'the server named no id of the patient that it created');
  const work = async (): Promise<void> => {
    for (const bundle of bundles) {
      await send(session, bundle);
      patients += 1;
      resources += bundle.entry.length;
      onProgress(patients, resources);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return { patients, resources, patient, already: false };
}
