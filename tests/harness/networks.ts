import { Agent, request as httpRequest } from 'node:http';
import type { Answer, Asked, Instance } from './instance.ts';

/** The same instance, asked from another address of this machine's loopback: to the server, another network. */
export function fromAddress(instance: Instance, address: string): Instance {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const { port } = new URL(instance.url);
  const request = ({ method = 'GET', path, token, headers = {}, body }: Asked): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const at = path.startsWith('http') ? new URL(path).pathname + new URL(path).search : path;
      const bytes = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
      const asked = httpRequest({
        ...{ host: '127.0.0.1', port, path: at, method, agent, localAddress: address },
        headers: {
          ...(bytes === undefined ? {} : { 'content-length': Buffer.byteLength(bytes) }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
      });
      asked.on('error', reject);
      asked.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const json = /json/.test(String(response.headers['content-type'])) ? JSON.parse(text) : undefined;
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
        });
      });
      asked.end(bytes);
    });
  return { ...instance, request };
}
