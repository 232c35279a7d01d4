import type { ClientFacts, PeoplePort, PersonFacts } from '@safeguard/access';

/** What is known of those who stand in events as agents. */
export interface Agents {
  person(id: string): PersonFacts | undefined;
  client(id: string): ClientFacts | undefined;
}

/** Who the ids are, now. Ids of nobody (any more) are neither. */
export async function agentsOf(
  people: Pick<PeoplePort, 'byIds' | 'clients'>,
  tenant: number,
  ids: readonly string[],
): Promise<Agents> {
  const wanted = [...new Set(ids)];
  const [persons, clients] = await Promise.all([
    wanted.length === 0 ? [] : people.byIds(tenant, wanted),
    wanted.length === 0 ? [] : people.clients(tenant),
  ]);
  const byId = new Map(persons.map((person) => [person.id, person]));
  const byClient = new Map(clients.map((client) => [client.id, client]));
  return { person: (id) => byId.get(id), client: (id) => byClient.get(id) };
}
