/**
 * The three functions of the reflect-metadata proposal that tsyringe, underneath @peculiar/x509, wants to find before
 * it loads. Its classes have no injected parameters, so own metadata is all that is ever asked for. Steps aside for the
 * full polyfill where that is loaded first.
 */
interface Metadata {
  getMetadata(key: unknown, target: object): unknown;
  getOwnMetadata(key: unknown, target: object): unknown;
  defineMetadata(key: unknown, value: unknown, target: object): void;
}

const kept = new WeakMap<object, Map<unknown, unknown>>();
const own = (key: unknown, target: object): unknown => kept.get(target)?.get(key);

const metadata: Metadata = {
  getMetadata: own,
  getOwnMetadata: own,
  defineMetadata(key, value, target) {
    kept.set(target, (kept.get(target) ?? new Map()).set(key, value));
  },
};

if (!('getMetadata' in Reflect)) Object.assign(Reflect, metadata);
