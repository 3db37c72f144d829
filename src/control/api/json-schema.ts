type TypeName = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null'

/** What we use of JSON Schema 2020-12, which OpenAPI 3.1 takes as it is. */
export type JsonSchema = Readonly<{
  /** Of objects: the name by which OpenAPI refers to them. */
  title?: string
  /** What it is, with its unit. */
  description?: string
  /** What it may be. */
  type?: TypeName
  /** Of objects: what is in them, in the order in which it is written. */
  properties?: Readonly<Record<string, JsonSchema>>
  /** Of objects: what is always there. */
  required?: readonly string[]
  /** Of objects whose keys are free: what is behind them. */
  additionalProperties?: JsonSchema
  /** Of lists: what is in them. */
  items?: JsonSchema
  /** The values there are. */
  enum?: readonly (string | number | null)[]
  /** One of these. */
  anyOf?: readonly JsonSchema[]
  /** In an OpenAPI document: the schema that stands there instead. */
  $ref?: string
}>

/** A string. */
export function textSchema(description: string, values?: readonly string[]): JsonSchema {
  return { type: 'string', description, ...(values === undefined ? {} : { enum: values }) }
}

/** A whole number. */
export function integerSchema(description: string): JsonSchema {
  return { type: 'integer', description }
}

/** A number that is a `Float`. */
export function floatSchema(description: string): JsonSchema {
  return { type: 'number', description }
}

/** True or false. */
export function booleanSchema(description: string): JsonSchema {
  return { type: 'boolean', description }
}

/** A list of values that are alike. */
export function listSchema(items: JsonSchema, description: string): JsonSchema {
  return { type: 'array', description, items }
}

/** An object whose keys are free. */
export function mapSchema(values: JsonSchema, description: string): JsonSchema {
  return { type: 'object', description, additionalProperties: values }
}

/** That, or null. */
export function nullable(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] }
}

/**
 * An object of a type: the compiler sees to it that its keys are those of the type.
 * @param properties in the order in which they are written
 * @param optional those that may be missing
 * @param title the name of the type in OpenAPI, if it is worth one
 */
export function objectSchema<T extends object>(
  properties: { readonly [Key in keyof T]-?: JsonSchema },
  { optional = [], title }: Readonly<{ optional?: readonly (keyof T & string)[]; title?: string }> = {},
): JsonSchema {
  const keys = Object.keys(properties)
  return {
    ...(title === undefined ? {} : { title }),
    type: 'object',
    properties: properties as Readonly<Record<string, JsonSchema>>,
    required: keys.filter((key) => !(optional as readonly string[]).includes(key)),
  }
}
