import { cp, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { type Instance, start, temporaryData } from './instance.ts';

/** What replicas of one installation share beside the databases: root key, runtime passwords, the log's key. */
const shared = ['keys', 'secrets', 'instance.json', 'tls'];

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * A second server process of the same installation, in its own data directory, on the first one's databases (to it they
 * are external), with the same public address, as a replica behind one balancer has. What is asked of it goes to its
 * own port. It must end before the first one does, which runs the databases.
 */
export async function startSecond(first: Instance): Promise<Instance> {
  const data = await temporaryData();
  await Promise.all(shared.map((name) => cp(join(first.data, name), join(data, name), { recursive: true })));
  const user = 'safeguard_admin';
  const passwords = JSON.parse(await readFile(join(first.data, 'secrets', 'postgres.json'), 'utf8'));
  const socket = encodeURIComponent(join(first.data, 'postgres', 'data'));
  const url = `postgresql://${user}:${encodeURIComponent(passwords[user])}@localhost/postgres?host=${socket}`;
  const port = await freePort();
  const args = ['--database', url, '--port', String(port)];
  const second = await start({ data, args, env: { SAFEGUARD_PUBLIC_URL: first.url } });
  const own = `https://localhost:${port}`;
  const request: Instance['request'] = ({ path, ...asked }) =>
    second.request({ ...asked, path: path.startsWith('http') ? path.replace(first.url, own) : `${own}${path}` });
  return { ...second, request };
}
