import type { Instance } from './instance.ts';

export interface Client {
  readonly client_id: string;
  readonly client_secret: string;
  readonly token: string;
}

const form = 'application/x-www-form-urlencoded';

export const basic = ({ client_id, client_secret }: Omit<Client, 'token'>): string =>
  `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`;

/** A client by the operator's command, with a token by the public endpoint. */
export async function newClient(
  safeguard: Instance,
  { tenant = 'default', scopes = 'system/*.cruds', view = 'full', may = '', patient = '' } = {},
): Promise<Client> {
  const args = ['client', 'create', 'attacker', '--scopes', scopes, '--tenant', tenant, '--view', view, '--json'];
  if (may !== '') args.push('--may', may);
  if (patient !== '') args.push('--patient', patient);
  const made = await safeguard.cli(...args);
  if (made.code !== 0) throw new Error(`client create failed: ${made.stderr}`);
  const credentials = JSON.parse(made.stdout);
  return { ...credentials, token: await newToken(safeguard, credentials) };
}

export async function newToken(safeguard: Instance, credentials: Omit<Client, 'token'>): Promise<string> {
  const answer = await safeguard.request({
    method: 'POST',
    path: '/oauth2/token',
    headers: { 'content-type': form, authorization: basic(credentials) },
    body: 'grant_type=client_credentials',
  });
  if (answer.status !== 200) throw new Error(`no token: ${answer.status} ${answer.text}`);
  return answer.json.access_token;
}
