import { z } from 'zod';

/** Schemas with a name: the OpenAPI document has them as components. */
export const named = z.registry<{ id: string }>();

/** Gives a schema its name in the document. Each name once in the product. */
export const component = <T extends z.ZodType>(id: string, schema: T): T => {
  named.add(schema, { id });
  return schema;
};

export const uuid = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
  .meta({ format: 'uuid' });

/** A time as answers have it; `z.iso.datetime` is for what is sent. */
export const time = z.string().meta({ format: 'date-time' });

/** A page of a list, as a component of its own. */
export const pageSchema = <T extends z.ZodType>(id: string, item: T) =>
  component(id, z.strictObject({ items: z.array(item), next: uuid.nullable().describe('`after` of the next page.') }));

/** RFC 9457. */
export const problemSchema = component(
  'Problem',
  z.object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().describe('`urn:uuid:` and the id of the request: its entry in the audit log.'),
    errors: z
      .array(z.object({ detail: z.string(), at: z.string().optional(), code: z.string() }))
      .optional()
      .describe('What is wrong, and where: `at` is a JSON pointer into the body, or `/` and the name of a parameter.'),
  }),
);
