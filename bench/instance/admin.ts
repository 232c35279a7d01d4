import { request } from 'node:http';
import { join } from 'node:path';

/** Asks the operator's socket of a running instance. */
export function askOperator<T>(data: string, path: string, body: object): Promise<T> {
  const sent = JSON.stringify(body);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) };
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: join(data, 'run', 'admin.sock'), path, method: 'POST', headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        if (answer.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`${path} was answered with ${answer.statusCode}: ${text}`));
      });
    });
    asked.on('error', reject);
    asked.end(sent);
  });
}

/** A bearer token of a client that lives for this run; by default it may do everything with every resource. */
export async function newToken(data: string, scope = 'system/*.cruds'): Promise<string> {
  const { access_token } = await askOperator<{ access_token: string }>(data, '/tokens', { scopes: [scope] });
  return access_token;
}
