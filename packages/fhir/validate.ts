import type { Issue } from '@safeguard/kernel';
import { createContext, report, type ValidateOptions } from './context.ts';
import { isResourceType } from './definitions.ts';
import { isObject, ownValue } from './object.ts';
import { checkResource } from './resource.ts';

/**
 * Checks a resource against the base definitions of R4 and returns what is wrong with it; an empty list means that it
 * may be stored. Never throws, whatever JSON value it is given. No finding repeats a value that was sent.
 */
export function validate(resource: unknown, options: ValidateOptions = {}): Issue[] {
  const stated = isObject(resource) ? ownValue(resource, 'resourceType') : undefined;
  const root = typeof stated === 'string' && isResourceType(stated) ? stated : (options.type ?? 'Resource');
  const context = createContext(root, options, checkResource);
  if (options.type !== undefined && root !== options.type) {
    report(context, 'invalid', `expected a resource of type ${options.type}`, 'resourceType');
    return context.issues;
  }
  checkResource(resource, context, false);
  return context.issues;
}
