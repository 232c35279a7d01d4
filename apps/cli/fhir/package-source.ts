import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { registryUrl } from '@safeguard/fhir';
import { fault } from '@safeguard/kernel';
import { openEndpoint, type Reply } from './endpoint.ts';

/** The FHIR package registry; its protocol is npm's (https://hl7.org/fhir/packages.html). */
export const public_registry = 'https://packages.fhir.org';

const max_redirects = 3;
const max_package_bytes = 256 * 1024 * 1024;
const nameForm = /^(?<name>[a-z0-9][a-z0-9.-]*)(?:[@#](?<version>[A-Za-z0-9][A-Za-z0-9.+-]*))?$/;

async function fetched(url: string, what: string): Promise<Reply> {
  for (let address = url, redirects = 0; ; redirects += 1) {
    const endpoint = openEndpoint(address, { sockets: 1 });
    try {
      const reply = await endpoint.exchange('GET', address, { accept: '*/*' });
      const { location } = reply.headers;
      if (reply.status < 300 || reply.status > 399 || location === undefined || redirects >= max_redirects)
        return reply;
      const next = new URL(location, address);
      if (address.startsWith('https:') && next.protocol !== 'https:') {
        throw fault('unavailable', `${what}: the registry leads from https to another protocol`);
      }
      address = next.href;
    } finally {
      endpoint.close();
    }
  }
}

async function newest(registry: string, name: string): Promise<string> {
  const { status, body } = await fetched(`${registry}/${name}`, name);
  if (status === 404) throw fault('missing', `the registry has no package ${name}`);
  if (status !== 200) throw fault('unavailable', `the registry answered with status ${status}`);
  try {
    const { 'dist-tags': tags } = JSON.parse(body.toString('utf8')) as { 'dist-tags'?: { latest?: unknown } };
    if (typeof tags?.latest === 'string' && nameForm.test(`${name}@${tags.latest}`)) return tags.latest;
  } catch (cause) {
    throw fault('unavailable', 'the registry’s answer is not JSON', { cause });
  }
  throw fault('unavailable', `the registry names no latest version of ${name}: give one as ${name}@1.0.0`);
}

async function download(registry: string, name: string, wanted: string | undefined): Promise<Buffer> {
  const version = wanted ?? (await newest(registry, name));
  const { status, body } = await fetched(registryUrl(name, version, registry), name);
  if (status === 404) throw fault('missing', `the registry has no package ${name} in version ${version}`);
  if (status !== 200) throw fault('unavailable', `the registry answered with status ${status}`);
  return body;
}

async function readLocal(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw fault('missing', `${path} cannot be read`, { cause });
  }
}

/**
 * The bytes of a package: of a file, or of `name`, `name@version` from a registry. Faults: `missing`, `unavailable`
 * (the network, or the registry's answer), `tooLarge`.
 */
export async function packageBytes(asked: string, registry: string): Promise<Buffer> {
  const isFile = existsSync(asked) || /\.(tgz|tar\.gz)$/.test(asked) || /[\\/]/.test(asked);
  const named = isFile ? undefined : nameForm.exec(asked)?.groups;
  if (!isFile && named === undefined) {
    throw fault('invalid', `${asked} is no file, and no package name such as hl7.fhir.us.core@6.1.0`);
  }
  const bytes = named
    ? await download(registry.replace(/\/+$/, ''), named.name ?? '', named.version)
    : await readLocal(asked);
  if (bytes.length > max_package_bytes) throw fault('tooLarge', 'the package is larger than 256 MiB');
  return bytes;
}
