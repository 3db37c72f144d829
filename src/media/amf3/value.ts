/**
 * A value of AMF 3 (Adobe AMF 3 specification, section 3), which Flash and AIR clients send with objectEncoding 3.
 * Integers and doubles are both numbers; bytes are a `Uint8Array`, an array without named values is a JavaScript array.
 */
export type Amf3Value =
  | undefined
  | null
  | boolean
  | number
  | string
  | Date
  | Uint8Array
  | Amf3Xml
  | Amf3Object
  | Amf3TypedObject
  | Amf3NamedArray
  | Amf3Vector
  | Amf3Dictionary
  | readonly Amf3Value[]

/** An anonymous object (3.12). A decoded one has no prototype, so any name is a name like any other. */
export type Amf3Object = { readonly [name: string]: Amf3Value }

/** An object of a named class (3.12). Which of its members are sealed is not kept. */
export class Amf3TypedObject {
  /** Name of the class; not ''. */
  readonly className: string
  /** The members, in the order of the wire. */
  readonly properties: Amf3Object

  /** @param properties kept, not copied; must not change afterwards */
  constructor(className: string, properties: Amf3Object) {
    this.className = className
    this.properties = properties
  }
}

/** An array that has named values, too (3.11). */
export class Amf3NamedArray {
  /** The values by number. */
  readonly elements: readonly Amf3Value[]
  /** The values by name; no name is ''. */
  readonly entries: Amf3Object

  /** @param elements kept, not copied @param entries kept, not copied */
  constructor(elements: readonly Amf3Value[], entries: Amf3Object) {
    this.elements = elements
    this.entries = entries
  }
}

/** XML: of the old class XMLDocument (3.9), or of E4X (3.13). */
export class Amf3Xml {
  /** The document. */
  readonly text: string
  /** True for XMLDocument. */
  readonly isDocument: boolean

  /** Nothing is parsed. */
  constructor(text: string, isDocument: boolean) {
    this.text = text
    this.isDocument = isDocument
  }
}

/** What a vector's elements are. */
export type Amf3VectorType = 'int' | 'uint' | 'double' | 'object'

/** A vector (3.15): an array of one type. */
export class Amf3Vector {
  /** What its elements are; numbers but for 'object'. */
  readonly type: Amf3VectorType
  /** The elements. */
  readonly elements: readonly Amf3Value[]
  /** Its length can't be changed. */
  readonly isFixed: boolean
  /** Class of the elements of an 'object' vector; '' or '*' for any. */
  readonly className: string

  /** @param elements kept, not copied */
  constructor(type: Amf3VectorType, elements: readonly Amf3Value[], isFixed = false, className = '') {
    this.type = type
    this.elements = elements
    this.isFixed = isFixed
    this.className = className
  }
}

/** A dictionary (3.16): values by keys of any type. */
export class Amf3Dictionary {
  /** Key and value, in the order of the wire. */
  readonly entries: readonly (readonly [key: Amf3Value, value: Amf3Value])[]
  /** Keys don't keep their objects alive. */
  readonly hasWeakKeys: boolean

  /** @param entries kept, not copied */
  constructor(entries: readonly (readonly [key: Amf3Value, value: Amf3Value])[], hasWeakKeys = false) {
    this.entries = entries
    this.hasWeakKeys = hasWeakKeys
  }
}

/** Containers (objects, arrays, vectors, dictionaries) that may stand within one another; one alone has depth 1. */
export const MAX_AMF3_DEPTH = 32

/** Values in one decoder, members' names and those repeated by a reference included. */
export const MAX_AMF3_VALUES = 65_536

/** Bytes that references to strings, objects and traits may repeat in one decoder. */
export const MAX_AMF3_REFERENCED_BYTES = 1_048_576

/** Longest string, byte array or array that can be written: its length has 28 bits. */
export const MAX_AMF3_LENGTH = 0xfffffff

/** Whether `value` is an anonymous object. */
export function isAmf3Object(value: Amf3Value): value is Amf3Object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return false
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
